//! What others did, gathered in groups, each told in one sentence.

use super::super::ending;
use super::super::icon::Icon;
use crate::format::count;
use crate::words::{say, t};
use platform::browser::alerts::About;
use protocol::activity::{ConflictStep, Done, OfferStep, Spot};
use protocol::ids::{ItemId, UnixMillis};
use protocol::news::ByOthers;
use protocol::notifications::EventType;
use std::collections::BTreeSet;

/// Where something happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NewsPlace {
    /// A folder of the person's own drive; `None` is its top.
    Own(Option<ItemId>),
    /// What is shared with them.
    Shared(ItemId),
}

/// What one person did of one kind in one place, the newest of it first.
#[derive(Clone, Debug)]
pub struct Group {
    pub place: NewsPlace,
    /// Who did it.
    pub by: Option<String>,
    pub newest: UnixMillis,
    first: Done,
    items: BTreeSet<ItemId>,
    /// It is about the person who reads it.
    is_of_reader: bool,
}

/// The newest group first. `me` is the name of whoever reads it.
pub fn grouped(entries: Vec<ByOthers>, me: Option<String>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for one in entries {
        let group = Group::of(one, me.as_deref());
        match groups.iter_mut().find(|known| known.takes(&group)) {
            Some(known) => known.items.extend(group.items),
            None => groups.push(group),
        }
    }
    groups
}

impl Group {
    fn of(ByOthers { root, done }: ByOthers, me: Option<&str>) -> Self {
        let parent = |spot: &Option<Spot>| spot.as_ref().and_then(|spot| spot.parent);
        let place = match root {
            Some(root) => NewsPlace::Shared(root),
            None => NewsPlace::Own(parent(&done.at).or(parent(&done.from))),
        };
        Self {
            place,
            by: done.event.by.as_ref().map(|by| by.user_name.clone()),
            newest: done.event.timestamp,
            items: [done.event.file_id].into(),
            is_of_reader: me.is_some() && done.person.as_deref() == me,
            first: done,
        }
    }

    fn kind(&self) -> EventType {
        self.first.event.event_type
    }

    /// Whether it is about who has access to something: each is told by itself.
    pub fn is_access(&self) -> bool {
        matches!(
            self.kind(),
            EventType::ShareGranted
                | EventType::ShareChanged
                | EventType::ShareRevoked
                | EventType::ShareOffered
                | EventType::HandedOver
        )
    }

    /// Of what a notification about it tells.
    pub fn about(&self) -> About {
        match self.kind() {
            EventType::Conflict => About::Conflicts,
            _ if self.is_access() => About::Access,
            _ => About::Files,
        }
    }

    /// Whether an older group belongs to it.
    fn takes(&self, older: &Self) -> bool {
        let likeness = |group: &Self| {
            let by = group.first.event.by.as_ref().map(|by| by.user_id);
            (
                group.kind(),
                group.place,
                by,
                group.first.step,
                group.is_gone(),
            )
        };
        !self.is_access() && likeness(self) == likeness(older)
    }

    fn is_gone(&self) -> bool {
        self.kind() == EventType::FileDelete && self.first.at.is_none()
    }

    pub fn icon(&self) -> Icon {
        match self.kind() {
            EventType::FileCreate => Icon::Upload,
            EventType::FileMove => Icon::Move,
            EventType::FileDelete => Icon::Trash,
            EventType::FileRestore => Icon::Restore,
            EventType::Conflict => Icon::Conflict,
            EventType::ShareGranted
            | EventType::ShareChanged
            | EventType::ShareRevoked
            | EventType::ShareOffered
            | EventType::HandedOver => Icon::People,
            EventType::FileUpdate
            | EventType::Mount
            | EventType::Elsewhere
            | EventType::FileOpened
            | EventType::Unknown => Icon::Pencil,
        }
    }

    /// What was done. `called` names the place.
    pub fn words(&self, called: impl Fn(NewsPlace) -> String) -> String {
        let name = self.first.event.name.as_deref();
        let things = match (self.items.len(), self.kind()) {
            (1, _) => say!("“{name}”", name = name.unwrap_or(t("a file or folder"))),
            (many, EventType::FileUpdate | EventType::Conflict) => count(many, "file", "files"),
            (many, _) => count(many, "item", "items"),
        };
        let place = called(self.place);
        match self.kind() {
            EventType::FileUpdate => say!("{things} changed in {place}", things, place),
            EventType::FileCreate => say!("{things} added to {place}", things, place),
            EventType::FileMove => self.moved(&things, &place),
            EventType::FileDelete if self.is_gone() => say!("{things} deleted for good", things),
            EventType::FileDelete => {
                say!("{things} moved to the trash from {place}", things, place)
            }
            EventType::FileRestore => say!("{things} restored in {place}", things, place),
            EventType::Conflict => match self.first.step {
                Some(ConflictStep::Resolved) => say!("conflict of {things} resolved", things),
                Some(ConflictStep::Reopened) => say!("conflict of {things} opened again", things),
                _ => say!("{things} changed at the same time by two people", things),
            },
            EventType::ShareGranted | EventType::ShareChanged | EventType::ShareRevoked => {
                self.access(&things)
            }
            EventType::ShareOffered => self.offer(&things),
            EventType::HandedOver => {
                say!("{by} is the owner of {things} now", by = self.by(), things)
            }
            EventType::Mount
            | EventType::Elsewhere
            | EventType::FileOpened
            | EventType::Unknown => say!("{things} changed in {place}", things, place),
        }
    }

    /// Who did it, in a sentence.
    fn by(&self) -> &str {
        self.by.as_deref().unwrap_or(t("somebody"))
    }

    /// Whom it is about, unless it is the person who reads it.
    fn person(&self) -> Option<&str> {
        let person = self.first.person.as_deref().unwrap_or(t("somebody"));
        (!self.is_of_reader).then_some(person)
    }

    fn moved(&self, things: &str, place: &str) -> String {
        match (&self.first.from, &self.first.at) {
            (Some(from), Some(at)) if self.items.len() == 1 && from.parent == at.parent => {
                say!("“{from}” renamed to “{to}”", from = from.name, to = at.name)
            }
            (Some(_), None) => say!("{things} moved out of {place}", things, place),
            _ => say!("{things} renamed or moved in {place}", things, place),
        }
    }

    fn offer(&self, things: &str) -> String {
        let by = self.by();
        match (self.first.offer, self.person()) {
            (Some(OfferStep::Made), None) => {
                say!("{by} asks you to become the owner of {things}", by, things)
            }
            (Some(OfferStep::Made), Some(person)) => say!(
                "{by} asks {person} to become the owner of {things}",
                by,
                person,
                things
            ),
            (Some(OfferStep::TakenBack), None) => say!(
                "{by} does not ask you any more to become the owner of {things}",
                by,
                things
            ),
            (Some(OfferStep::TakenBack), Some(person)) => say!(
                "{by} does not ask {person} any more to become the owner of {things}",
                by,
                person,
                things
            ),
            (Some(OfferStep::Declined), _) => say!(
                "{by} does not want to become the owner of {things}",
                by,
                things
            ),
            (Some(OfferStep::Accepted), _) => say!("{by} is the owner of {things} now", by, things),
            (Some(OfferStep::Unknown) | None, _) => say!("another owner for {things}", things),
        }
    }

    fn access(&self, things: &str) -> String {
        let by = self.by();
        if let Some(account) = self.first.account {
            let words = match self.kind() {
                EventType::ShareRevoked => ending::sentence_of_the_end(by, self.is_of_reader),
                _ => ending::sentence(by, ending::end_in_words(account).as_deref()),
            };
            return words.trim_end_matches('.').to_owned();
        }
        let is_their_own = self.first.person.as_deref().unwrap_or(t("somebody")) == by;
        match (self.kind(), self.person()) {
            (EventType::ShareGranted, None) => say!("{by} shared {things} with you", by, things),
            (EventType::ShareGranted, Some(person)) => {
                say!("{by} shared {things} with {person}", by, things, person)
            }
            (EventType::ShareRevoked, _) if is_their_own => say!("{by} left {things}", by, things),
            (EventType::ShareRevoked, None) => {
                say!("{by} does not share {things} with you any more", by, things)
            }
            (EventType::ShareRevoked, Some(person)) => say!(
                "{by} does not share {things} with {person} any more",
                by,
                things,
                person
            ),
            (_, None) => say!("{by} changed what you may do with {things}", by, things),
            (_, Some(person)) => say!(
                "{by} changed what {person} may do with {things}",
                by,
                person,
                things
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::ids::{DeviceId, UserId};
    use protocol::notifications::{Actor, Event};

    fn done(kind: EventType, item: u8, by: &str, at: UnixMillis) -> Done {
        Done {
            seq: at,
            event: Event {
                event_type: kind,
                file_id: ItemId::from_random([item; 16]),
                timestamp: at,
                name: Some(format!("file {item}")),
                by: Some(Actor {
                    user_id: UserId::from_random([by.len() as u8; 16]),
                    user_name: by.into(),
                    device_id: DeviceId::from_random([3; 16]),
                    device_name: "Chrome on Linux".into(),
                }),
            },
            from: None,
            at: Some(Spot {
                parent: None,
                name: format!("file {item}"),
            }),
            version: None,
            conflict: None,
            step: None,
            person: None,
            role: None,
            link: None,
            account: None,
            offer: None,
        }
    }

    fn root(n: u8) -> Option<ItemId> {
        Some(ItemId::from_random([n; 16]))
    }

    fn told(entries: Vec<ByOthers>) -> Vec<String> {
        let groups = grouped(entries, Some("bob".into()));
        let called = |place| match place {
            NewsPlace::Own(_) => "Files".to_owned(),
            NewsPlace::Shared(_) => "“Plans”".to_owned(),
        };
        groups.iter().map(|group| group.words(called)).collect()
    }

    #[test]
    fn what_one_person_did_of_a_kind_in_a_place_is_told_as_one() {
        let mut entries: Vec<ByOthers> = (0..34)
            .map(|n| ByOthers {
                root: root(9),
                done: done(EventType::FileUpdate, n, "ann", 100 - u64::from(n)),
            })
            .collect();
        // The same file again, by somebody else, and elsewhere.
        for (root, by, item) in [(root(9), "ann", 1), (root(9), "carl", 1), (None, "ann", 1)] {
            let done = done(EventType::FileUpdate, item, by, 1);
            entries.push(ByOthers { root, done });
        }
        let expected = [
            "34 files changed in “Plans”",
            "“file 1” changed in “Plans”",
            "“file 1” changed in Files",
        ];
        assert_eq!(told(entries), expected);
    }

    #[test]
    fn access_is_told_by_itself_and_to_whoever_it_is_about() {
        let access = |kind, item, person: &str| ByOthers {
            root: None,
            done: Done {
                person: Some(person.into()),
                ..done(kind, item, "ann", 1)
            },
        };
        let entries = vec![
            access(EventType::ShareGranted, 1, "bob"),
            access(EventType::ShareGranted, 2, "bob"),
            access(EventType::ShareRevoked, 1, "bob"),
            access(EventType::ShareRevoked, 3, "ann"),
            access(EventType::ShareChanged, 1, "bob"),
        ];
        let expected = [
            "ann shared “file 1” with you",
            "ann shared “file 2” with you",
            "ann does not share “file 1” with you any more",
            "ann left “file 3”",
            "ann changed what you may do with “file 1”",
        ];
        assert_eq!(told(entries), expected);
    }

    #[test]
    fn what_left_a_share_is_told_without_where_it_is_now() {
        let mut left = done(EventType::FileMove, 1, "ann", 1);
        left.from = left.at.take();
        let entry = ByOthers {
            root: root(9),
            done: left,
        };
        assert_eq!(told(vec![entry]), ["“file 1” moved out of “Plans”"]);
    }
}
