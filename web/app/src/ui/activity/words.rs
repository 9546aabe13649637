//! What was done, in sentences, and what belongs together as one.

use crate::format::count;
use crate::ui::ending;
use protocol::activity::{AccountNews, ConflictStep, Done, OfferStep, Spot};
use protocol::grants::Role;
use protocol::ids::{DeviceId, ItemId, Seq, UserId};
use protocol::notifications::EventType;

/// From so many on, what one device did to a folder in one go is told together.
const MANY: usize = 4;

/// In milliseconds; longer apart is another go.
const ONE_GO_MILLIS: u64 = 5 * 60 * 1_000;

/// Whether the newest page, behind which entries before `next` follow, leaves no gap to
/// those that are known.
pub fn reaches(next: Option<Seq>, known: &[Done]) -> bool {
    let newest = known.first().map(|done| done.seq.saturating_add(1));
    newest.is_some_and(|newest| next.is_none_or(|next| next <= newest))
}

/// Entries that are told together: of one kind, by one device, in one folder, in one
/// go. The newest first, as they come.
pub fn grouped(entries: Vec<Done>) -> Vec<Vec<Done>> {
    let mut groups: Vec<Vec<Done>> = Vec::new();
    for done in entries {
        match groups.last_mut() {
            Some(group) if group.last().is_some_and(|last| is_one_go(last, &done)) => {
                group.push(done);
            }
            _ => groups.push(vec![done]),
        }
    }
    let few_apart = |group: Vec<Done>| match group.len() >= MANY {
        true => vec![group],
        false => group.into_iter().map(|done| vec![done]).collect(),
    };
    groups.into_iter().flat_map(few_apart).collect()
}

/// Those of entries, the newest first, of which no older one that is not here is told with:
/// what the last of them belongs to may have begun before it.
pub fn without_the_last_go(mut entries: Vec<Done>) -> Vec<Done> {
    while let Some(oldest) = entries.pop() {
        if entries
            .last()
            .is_none_or(|newer| !is_one_go(newer, &oldest))
        {
            break;
        }
    }
    entries
}

fn is_one_go(newer: &Done, older: &Done) -> bool {
    let apart = newer.event.timestamp.saturating_sub(older.event.timestamp);
    apart <= ONE_GO_MILLIS && likeness(newer) == likeness(older)
}

/// What tells one group from the next.
#[derive(PartialEq)]
struct Likeness {
    kind: EventType,
    is_gone: bool,
    device: Option<DeviceId>,
    from: Option<Option<ItemId>>,
    at: Option<Option<ItemId>>,
    access: (Option<String>, Option<Role>),
}

fn likeness(done: &Done) -> Likeness {
    let parent = |spot: &Option<Spot>| spot.as_ref().map(|spot| spot.parent);
    // Of what is deleted for good, each may have stood elsewhere below the folder.
    let is_gone = is_gone(done);
    Likeness {
        kind: done.event.event_type,
        is_gone,
        device: done.event.by.as_ref().map(|by| by.device_id),
        from: parent(&done.from).filter(|_| !is_gone),
        at: parent(&done.at),
        access: (done.person.clone(), done.role),
    }
}

fn is_gone(done: &Done) -> bool {
    done.event.event_type == EventType::FileDelete && done.at.is_none()
}

/// Who did it, in front of a verb.
pub fn who(done: &Done, me: Option<UserId>) -> String {
    match &done.event.by {
        Some(by) if me == Some(by.user_id) => "You".into(),
        Some(by) => by.user_name.clone(),
        None => "Somebody".into(),
    }
}

/// What was done, behind who did it. `folder` names where something stands.
pub fn what(group: &[Done], folder: impl Fn(Option<ItemId>) -> String) -> String {
    let Some(first) = group.first() else {
        return String::new();
    };
    let things = match group.len() {
        1 => format!(
            "“{}”",
            first.event.name.as_deref().unwrap_or("a file or folder")
        ),
        many => count(many, "item", "items"),
    };
    let at = first.at.as_ref().map(|spot| folder(spot.parent));
    let in_place = at
        .as_ref()
        .map(|at| format!(" in {at}"))
        .unwrap_or_default();
    if let Some(account) = first.account {
        return account_words(first, account);
    }
    match first.event.event_type {
        EventType::FileCreate => format!("added {things}{in_place}"),
        EventType::FileUpdate => match (group.len(), first.version) {
            (1, Some(version)) => format!("saved version {version} of {things}"),
            _ => format!("saved {things}{in_place}"),
        },
        EventType::FileMove => moved(first, &things, group.len(), at),
        EventType::FileDelete if is_gone(first) => format!("deleted {things} for good"),
        EventType::FileDelete => format!("moved {things} to the trash"),
        EventType::FileRestore => format!("took {things} out of the trash"),
        EventType::Conflict => match first.step {
            Some(ConflictStep::Kept) => {
                format!("changed {things} at the same time as somebody else")
            }
            Some(ConflictStep::Resolved) => format!("resolved a conflict of {things}"),
            Some(ConflictStep::Reopened) => format!("opened a conflict of {things} again"),
            Some(ConflictStep::Unknown) | None => format!("changed a conflict of {things}"),
        },
        EventType::ShareGranted => format!("shared {things} with {}{}", whom(first), to(first)),
        EventType::ShareChanged => {
            format!(
                "changed the access of {} to {things}{}",
                whom(first),
                to(first)
            )
        }
        EventType::ShareRevoked if is_their_own(first) => format!("left {things}"),
        EventType::ShareRevoked => format!("ended the access of {} to {things}", whom(first)),
        EventType::ShareOffered => offered(first, &things),
        EventType::HandedOver if first.at.is_none() => format!("became the owner of {things}"),
        EventType::HandedOver => format!("became the owner of {things}, from {}", whom(first)),
        EventType::Mount => match (&first.from, at) {
            (_, None) => format!("removed {things}, which somebody shares, from the files"),
            (None, Some(at)) => format!("added {things}, which somebody shares, to {at}"),
            (Some(_), at) => moved(first, &things, group.len(), at),
        },
        EventType::Elsewhere | EventType::FileOpened | EventType::Unknown => {
            format!("changed {things}")
        }
    }
}

/// What became of the account of whoever did it, and of all that is shared with it.
fn account_words(done: &Done, account: AccountNews) -> String {
    match (done.event.event_type, ending::end_in_words(account)) {
        (EventType::ShareRevoked, _) => "had an account that has ended".to_owned(),
        (_, Some(end)) => format!("ended the account; it goes on until {end}"),
        (_, None) => "kept the account".to_owned(),
    }
}

/// What became of an offer.
fn offered(done: &Done, things: &str) -> String {
    let whom = whom(done);
    match done.offer {
        Some(OfferStep::Made) => format!("asked {whom} to become the owner of {things}"),
        Some(OfferStep::TakenBack) => format!("took back the offer of {things} to {whom}"),
        Some(OfferStep::Declined) => format!("did not want to become the owner of {things}"),
        Some(OfferStep::Accepted) => format!("became the owner of {things}"),
        Some(OfferStep::Unknown) | None => format!("changed an offer of {things}"),
    }
}

/// Whose access it is about.
fn whom(done: &Done) -> &str {
    done.person.as_deref().unwrap_or("somebody")
}

/// Whether somebody gave up access of their own.
fn is_their_own(done: &Done) -> bool {
    let by = done.event.by.as_ref();
    by.is_some_and(|by| done.person.as_ref() == Some(&by.user_name))
}

/// What the access is for.
fn to(done: &Done) -> &'static str {
    match done.role {
        Some(Role::Viewer) => ", to look at",
        Some(Role::Editor) => ", to edit",
        Some(Role::Unknown) | None => "",
    }
}

fn moved(done: &Done, things: &str, many: usize, at: Option<String>) -> String {
    let (Some(from), Some(to), Some(at)) = (&done.from, &done.at, at) else {
        return format!("renamed or moved {things}");
    };
    if from.parent == to.parent && many > 1 {
        return format!("renamed {things} in {at}");
    }
    if from.parent == to.parent {
        return format!("renamed “{}” to “{}”", from.name, to.name);
    }
    match from.name == to.name || many > 1 {
        true => format!("moved {things} to {at}"),
        false => format!("moved “{}” to {at} as “{}”", from.name, to.name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::notifications::{Actor, Event};

    #[test]
    fn what_may_have_begun_before_what_is_here_is_not_told() {
        let new = |name, at| done(EventType::FileCreate, name, at);
        let before = done(EventType::FileMove, "d", 9_000);
        let go = [new("a", 3), new("b", 2), new("c", 1)];
        assert_eq!(without_the_last_go(go.to_vec()), []);
        let more = [vec![before.clone()], go.to_vec()].concat();
        assert_eq!(without_the_last_go(more), [before]);
        assert_eq!(without_the_last_go(Vec::new()), []);
    }

    fn done(kind: EventType, name: &str, at_seconds: u64) -> Done {
        Done {
            seq: 1,
            event: Event {
                event_type: kind,
                file_id: ItemId::from_random([1; 16]),
                timestamp: at_seconds * 1_000,
                name: Some(name.into()),
                by: Some(Actor {
                    user_id: UserId::from_random([2; 16]),
                    user_name: "ann".into(),
                    device_id: DeviceId::from_random([3; 16]),
                    device_name: "Chrome on Linux".into(),
                }),
            },
            from: None,
            at: spot(None, name),
            version: Some(1),
            conflict: None,
            step: None,
            person: None,
            role: None,
            link: None,
            account: None,
            offer: None,
        }
    }

    fn spot(parent: Option<ItemId>, name: &str) -> Option<Spot> {
        let name = name.into();
        Some(Spot { parent, name })
    }

    fn folder(id: Option<ItemId>) -> String {
        id.map_or("Files", |_| "“Plans”").into()
    }

    fn told(group: &[Done]) -> String {
        what(group, folder)
    }

    #[test]
    fn many_things_done_in_one_go_are_told_as_one() {
        let added: Vec<_> = (0..6)
            .map(|n| done(EventType::FileCreate, "f", 1_000 - n))
            .collect();
        let mut entries = added.clone();
        entries.push(done(EventType::FileCreate, "long before", 1));
        entries.push(done(EventType::FileUpdate, "else", 1));
        let groups = grouped(entries);
        let lengths: Vec<_> = groups.iter().map(Vec::len).collect();
        assert_eq!(lengths, [6, 1, 1]);
        assert_eq!(told(&groups[0]), "added 6 items in Files");
        // A few are told one by one.
        assert_eq!(grouped(added[..3].to_vec()).len(), 3);
    }

    #[test]
    fn access_is_told_with_the_person_and_what_it_is_for() {
        let access = |kind, role| Done {
            person: Some("bob".into()),
            role,
            ..done(kind, "Plans", 1)
        };
        let granted = access(EventType::ShareGranted, Some(Role::Editor));
        assert_eq!(told(&[granted]), "shared “Plans” with bob, to edit");
        let changed = access(EventType::ShareChanged, Some(Role::Viewer));
        let told_of = told(&[changed]);
        assert_eq!(told_of, "changed the access of bob to “Plans”, to look at");
        let mut ended = access(EventType::ShareRevoked, None);
        assert_eq!(told(&[ended.clone()]), "ended the access of bob to “Plans”");
        ended.person = Some("ann".into());
        assert_eq!(told(&[ended]), "left “Plans”");
    }

    #[test]
    fn a_page_without_entries_of_an_item_does_not_end_what_is_known() {
        let mut known = done(EventType::FileCreate, "f", 1);
        known.seq = 40;
        let known = [known];
        assert!(reaches(Some(41), &known) && reaches(Some(12), &known) && reaches(None, &known));
        assert!(!reaches(Some(42), &known), "41 is in neither");
        assert!(!reaches(None, &[]));
    }

    #[test]
    fn a_rename_a_move_and_both_are_told_apart() {
        let plans = Some(ItemId::from_random([9; 16]));
        let mut one = done(EventType::FileMove, "b", 1);
        one.from = spot(None, "a");
        assert_eq!(told(&[one.clone()]), "renamed “a” to “b”");
        one.at = spot(plans, "b");
        assert_eq!(told(&[one.clone()]), "moved “a” to “Plans” as “b”");
        one.from = spot(None, "b");
        assert_eq!(told(&[one.clone()]), "moved “b” to “Plans”");
        one.from = None;
        assert_eq!(told(&[one]), "renamed or moved “b”");
    }

    #[test]
    fn the_trash_is_told_from_the_end_of_a_file() {
        let mut gone = done(EventType::FileDelete, "a", 1);
        assert_eq!(told(&[gone.clone()]), "moved “a” to the trash");
        gone.from = gone.at.take();
        assert_eq!(told(&[gone.clone()]), "deleted “a” for good");
        assert_eq!(who(&gone, None), "ann");
        let me = gone.event.by.as_ref().map(|by| by.user_id);
        assert_eq!(who(&gone, me), "You");
        gone.event.by = None;
        gone.event.name = None;
        assert_eq!(who(&gone, me), "Somebody");
        assert_eq!(told(&[gone]), "deleted “a file or folder” for good");
    }
}
