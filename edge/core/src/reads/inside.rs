//! What is told of an entry of the journal to whoever has only a part of the space.

use crate::access::reach::Reached;
use protocol::activity::{Done, Spot};
use protocol::ids::ItemId;
use protocol::notifications::{Event, EventType};

/// Whether an item stood or stands in a folder of the part.
pub fn is_in(spot: Option<&Spot>, reached: &Reached) -> bool {
    let parent = spot.and_then(|spot| spot.parent);
    parent.is_some_and(|parent| reached.has(parent))
}

/// Whether an entry is about something that is inside, or has left.
pub fn touches(done: &Done, reached: &Reached) -> bool {
    let spots = [&done.from, &done.at];
    reached.has(done.event.file_id) || spots.iter().any(|spot| is_in(spot.as_ref(), reached))
}

/// What a poll tells of an entry. What has left may be called something else where it is
/// now.
pub fn event_of(done: Done, reached: &Reached) -> Event {
    let mut event = done.event;
    if !reached.has(event.file_id) {
        let left = done.from.filter(|from| is_in(Some(from), reached));
        event.name = left.map(|from| from.name);
    }
    event
}

/// What is told of an entry to whoever has the part under `root`; `None` for what is not
/// theirs to know: what happened elsewhere, how an item was called there, where the root
/// stands, and who else has access.
pub fn told(done: Done, reached: &Reached, root: ItemId) -> Option<Done> {
    if !done.event.event_type.is_of_contents() {
        return None;
    }
    let done = match done.event.file_id == root {
        true => of_root(done)?,
        false => Done {
            from: done.from.filter(|spot| is_in(Some(spot), reached)),
            at: done.at.filter(|spot| is_in(Some(spot), reached)),
            ..done
        },
    };
    let name = done.at.as_ref().or(done.from.as_ref())?.name.clone();
    let event = Event {
        name: Some(name),
        ..done.event
    };
    // What the owner calls a link is not theirs to know either.
    let link = None;
    Some(Done {
        event,
        link,
        ..done
    })
}

/// What stands for the root's place is its name; a move without another name is not told.
fn of_root(done: Done) -> Option<Done> {
    let top = |spot: Spot| Spot {
        parent: None,
        ..spot
    };
    let (from, at) = (done.from.map(top), done.at.map(top));
    let is_move = done.event.event_type == EventType::FileMove;
    match is_move && from == at {
        true => None,
        false => Some(Done { from, at, ..done }),
    }
}
