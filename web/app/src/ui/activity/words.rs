//! What was done, in sentences, and what belongs together as one.

use crate::format::count;
use crate::ui::ending;
use crate::words::{say, t};
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
        Some(by) if me == Some(by.user_id) => t("You").into(),
        Some(by) => by.user_name.clone(),
        None => t("Somebody").into(),
    }
}

/// What was done, behind who did it. `folder` names where something stands.
pub fn what(group: &[Done], folder: impl Fn(Option<ItemId>) -> String) -> String {
    let Some(first) = group.first() else {
        return String::new();
    };
    let name = first.event.name.as_deref();
    let things = match group.len() {
        1 => say!("“{name}”", name = name.unwrap_or(t("a file or folder"))),
        many => count(many, "item", "items"),
    };
    let at = first.at.as_ref().map(|spot| folder(spot.parent));
    if let Some(account) = first.account {
        return account_words(first, account);
    }
    match first.event.event_type {
        EventType::FileCreate => match at {
            Some(place) => say!("added {things} in {place}", things, place),
            None => say!("added {things}", things),
        },
        EventType::FileUpdate => match (group.len(), first.version, at) {
            (1, Some(version), _) => say!("saved version {version} of {things}", version, things),
            (_, _, Some(place)) => say!("saved {things} in {place}", things, place),
            (_, _, None) => say!("saved {things}", things),
        },
        EventType::FileMove => moved(first, &things, group.len(), at),
        EventType::FileDelete if is_gone(first) => say!("deleted {things} for good", things),
        EventType::FileDelete => say!("moved {things} to the trash", things),
        EventType::FileRestore => say!("took {things} out of the trash", things),
        EventType::Conflict => match first.step {
            Some(ConflictStep::Kept) => {
                say!("changed {things} at the same time as somebody else", things)
            }
            Some(ConflictStep::Resolved) => say!("resolved a conflict of {things}", things),
            Some(ConflictStep::Reopened) => say!("opened a conflict of {things} again", things),
            Some(ConflictStep::Unknown) | None => say!("changed a conflict of {things}", things),
        },
        EventType::ShareGranted => granted(first, &things),
        EventType::ShareChanged => changed(first, &things),
        EventType::ShareRevoked if is_their_own(first) => say!("left {things}", things),
        EventType::ShareRevoked => say!(
            "ended the access of {person} to {things}",
            person = whom(first),
            things
        ),
        EventType::ShareOffered => offered(first, &things),
        EventType::HandedOver if first.at.is_none() => {
            say!("became the owner of {things}", things)
        }
        EventType::HandedOver => say!(
            "became the owner of {things}, from {person}",
            things,
            person = whom(first)
        ),
        EventType::Mount => match (&first.from, at) {
            (_, None) => say!(
                "removed {things}, which somebody shares, from the files",
                things
            ),
            (None, Some(place)) => say!(
                "added {things}, which somebody shares, to {place}",
                things,
                place
            ),
            (Some(_), at) => moved(first, &things, group.len(), at),
        },
        EventType::Elsewhere | EventType::FileOpened | EventType::Unknown => {
            say!("changed {things}", things)
        }
    }
}

/// What became of the account of whoever did it, and of all that is shared with it.
fn account_words(done: &Done, account: AccountNews) -> String {
    match (done.event.event_type, ending::end_in_words(account)) {
        (EventType::ShareRevoked, _) => t("had an account that has ended").to_owned(),
        (_, Some(end)) => say!("ended the account; it goes on until {end}", end),
        (_, None) => t("kept the account").to_owned(),
    }
}

/// What became of an offer.
fn offered(done: &Done, things: &str) -> String {
    let person = whom(done);
    match done.offer {
        Some(OfferStep::Made) => say!(
            "asked {person} to become the owner of {things}",
            person,
            things
        ),
        Some(OfferStep::TakenBack) => say!(
            "took back the offer of {things} to {person}",
            things,
            person
        ),
        Some(OfferStep::Declined) => say!("did not want to become the owner of {things}", things),
        Some(OfferStep::Accepted) => say!("became the owner of {things}", things),
        Some(OfferStep::Unknown) | None => say!("changed an offer of {things}", things),
    }
}

/// Whose access it is about.
fn whom(done: &Done) -> &str {
    done.person.as_deref().unwrap_or(t("somebody"))
}

/// Whether somebody gave up access of their own.
fn is_their_own(done: &Done) -> bool {
    let by = done.event.by.as_ref();
    by.is_some_and(|by| done.person.as_ref() == Some(&by.user_name))
}

/// What somebody has access to now, and what for.
fn granted(done: &Done, things: &str) -> String {
    let person = whom(done);
    match done.role {
        Some(Role::Viewer) => say!("shared {things} with {person}, to look at", things, person),
        Some(Role::Editor) => say!("shared {things} with {person}, to edit", things, person),
        Some(Role::Unknown) | None => say!("shared {things} with {person}", things, person),
    }
}

/// What the access of somebody is for now.
fn changed(done: &Done, things: &str) -> String {
    let person = whom(done);
    match done.role {
        Some(Role::Viewer) => say!(
            "changed the access of {person} to {things}, to look at",
            person,
            things
        ),
        Some(Role::Editor) => say!(
            "changed the access of {person} to {things}, to edit",
            person,
            things
        ),
        Some(Role::Unknown) | None => {
            say!("changed the access of {person} to {things}", person, things)
        }
    }
}

fn moved(done: &Done, things: &str, many: usize, at: Option<String>) -> String {
    let (Some(from), Some(to), Some(place)) = (&done.from, &done.at, at) else {
        return say!("renamed or moved {things}", things);
    };
    if from.parent == to.parent && many > 1 {
        return say!("renamed {things} in {place}", things, place);
    }
    if from.parent == to.parent {
        return say!("renamed “{from}” to “{to}”", from = from.name, to = to.name);
    }
    match from.name == to.name || many > 1 {
        true => say!("moved {things} to {place}", things, place),
        false => say!(
            "moved “{from}” to {place} as “{to}”",
            from = from.name,
            place,
            to = to.name
        ),
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
