//! The conflicts that the person wants to decide later: nothing asks about
//! them again in this tab, a reload included.

use crate::state::Drive;
use crate::ui::dom;
use leptos::prelude::*;
use protocol::ids::ConflictId;
use std::collections::BTreeSet;
use sync::one_by_one::one_by_one;

const KEY: &str = "decide-later";

#[derive(Clone, Copy)]
pub struct PutOff(StoredValue<BTreeSet<ConflictId>>);

pub fn use_put_off() -> PutOff {
    expect_context()
}

impl PutOff {
    pub fn read() -> Self {
        let stored = dom::tab_storage().and_then(|storage| storage.get_item(KEY).ok().flatten());
        let stored = stored.unwrap_or_default();
        let ids = stored
            .split(' ')
            .filter_map(|id| id.parse::<ConflictId>().ok());
        Self(StoredValue::new(one_by_one(ids)))
    }

    pub fn has(self, id: ConflictId) -> bool {
        self.0.with_value(|ids| ids.contains(&id))
    }

    /// Puts off all that are open: who closes one dialog does not want the
    /// next one.
    pub fn put_off_all(self, drive: Drive) {
        let all = drive.conflicts;
        self.keep(all.with_untracked(|all| one_by_one(all.keys().copied())));
    }

    pub fn put_off(self, id: ConflictId) {
        let mut ids = self.0.get_value();
        if ids.insert(id) {
            self.keep(ids);
        }
    }

    fn keep(self, ids: BTreeSet<ConflictId>) {
        let words: Vec<String> = ids.iter().map(ConflictId::to_string).collect();
        if let Some(storage) = dom::tab_storage() {
            // Without storage it holds until the page is reloaded.
            let _ = storage.set_item(KEY, &words.join(" "));
        }
        self.0.set_value(ids);
    }
}
