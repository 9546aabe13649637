//! What others have open of a root, or had some minutes ago.

use leptos::prelude::*;
use protocol::grants::Person;
use protocol::ids::{ItemId, UnixMillis};
use protocol::openings::Presence;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Clone, Copy)]
pub struct Openings {
    /// As the server last said, what was said last first.
    pub by_item: RwSignal<BTreeMap<ItemId, Vec<SeenOpening>>>,
    /// Whether the person tells others what they have open; `None` before the server has
    /// said. The same for all roots.
    pub tells: RwSignal<Option<bool>>,
}

/// What somebody last said of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenOpening {
    pub person: Person,
    pub is_open: bool,
    /// When they said it, by this browser's clock.
    pub at_ms: UnixMillis,
}

impl Openings {
    pub fn new() -> Self {
        Self {
            by_item: RwSignal::new(BTreeMap::new()),
            tells: RwSignal::new(None),
        }
    }

    /// The same for another root.
    #[must_use]
    pub fn of_root(self) -> Self {
        Self {
            tells: self.tells,
            ..Self::new()
        }
    }

    /// Shows what the server said.
    pub fn show(self, tells: bool, seen: Vec<(ItemId, SeenOpening)>) {
        let mut by_item: BTreeMap<ItemId, Vec<SeenOpening>> = BTreeMap::new();
        for (item, one) in seen {
            by_item.entry(item).or_default().push(one);
        }
        self.by_item.set(by_item);
        self.tells.set(Some(tells));
    }

    /// Who else has the file open or had it, those who have it first.
    pub fn of(self, item: ItemId, now_ms: UnixMillis) -> Vec<(Presence, SeenOpening)> {
        let seen = self.by_item.with(|all| all.get(&item).cloned());
        present(seen.unwrap_or_default(), now_ms)
    }
}

impl Default for Openings {
    fn default() -> Self {
        Self::new()
    }
}

fn present(seen: Vec<SeenOpening>, now_ms: UnixMillis) -> Vec<(Presence, SeenOpening)> {
    let told = seen.into_iter().filter_map(|one| {
        let presence = Presence::of(one.is_open, now_ms.saturating_sub(one.at_ms))?;
        Some((presence, one))
    });
    let (mut has, had): (Vec<_>, Vec<_>) = told.partition(|(is, _)| *is == Presence::Has);
    has.extend(had);
    has
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::ids::UserId;

    const MINUTE: u64 = 60_000;

    #[test]
    fn whoever_has_it_comes_first_and_whoever_had_it_long_ago_is_not_told() {
        let said = |name: &str, is_open, minute: u64| SeenOpening {
            person: Person {
                user_id: UserId::from_random([1; 16]),
                user_name: name.to_owned(),
            },
            is_open,
            at_ms: minute * MINUTE,
        };
        let seen = vec![
            said("bob", false, 19),
            said("cid", true, 18),
            said("dan", true, 12),
            said("eve", false, 10),
        ];
        let told = present(seen, 20 * MINUTE);
        let told: Vec<_> = told
            .iter()
            .map(|(presence, one)| (*presence, one.person.user_name.as_str()))
            .collect();
        let (has, had) = (Presence::Has, Presence::Had);
        assert_eq!(told, [(has, "cid"), (had, "bob"), (had, "dan")]);
    }
}
