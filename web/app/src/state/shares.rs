//! What is shared with the person, what they share, and what they may do with it.

use super::Drive;
use super::session::SessionState;
use leptos::prelude::*;
use platform::browser::clock;
use protocol::grants::{Grant, Grants, Role};
use protocol::ids::ItemId;
use protocol::items::Mount;
use sync::edit::DraftId;

/// One for all roots.
#[derive(Clone, Copy)]
pub struct Shares {
    /// As the server last said; `None` before it has.
    pub known: RwSignal<Option<Grants>>,
    /// Why the server could not be asked, if that was the last that came of it.
    pub failed: RwSignal<Option<String>>,
    /// What is not shared with the person any more, and has something of theirs that was
    /// not sent.
    pub left: RwSignal<Vec<Left>>,
}

impl Shares {
    pub fn new() -> Self {
        Self {
            known: RwSignal::new(None),
            failed: RwSignal::new(None),
            left: RwSignal::new(Vec::new()),
        }
    }

    /// What makes a root the person's to see.
    pub fn grant(self, root: ItemId) -> Option<Grant> {
        let of_root = |all: &Grants| all.with_me.iter().find(|one| one.item == root).cloned();
        self.known.with(|known| known.as_ref().and_then(of_root))
    }

    /// What a mount leads to, if it leads somewhere.
    pub fn mounted(self, mount: Mount) -> Option<Grant> {
        let of_mount = |all: &Grants| {
            all.with_me
                .iter()
                .find(|one| one.id == mount.grant)
                .cloned()
        };
        self.known.with(|known| known.as_ref().and_then(of_mount))
    }

    /// Whether the person shares this item with somebody.
    pub fn is_shared(self, item: ItemId) -> bool {
        let has = |all: &Grants| all.by_me.iter().any(|one| one.item == item);
        self.known.with(|known| known.as_ref().is_some_and(has))
    }

    /// Whether the person shares anything with somebody.
    pub fn gives_any(self) -> bool {
        let has = |all: &Grants| !all.by_me.is_empty();
        self.known.with(|known| known.as_ref().is_some_and(has))
    }

    /// Whether a link of the person leads to this item.
    pub fn is_linked(self, item: ItemId) -> bool {
        let has = |all: &Grants| all.linked.contains(&item);
        self.known.with(|known| known.as_ref().is_some_and(has))
    }
}

impl Default for Shares {
    fn default() -> Self {
        Self::new()
    }
}

/// A root that was withdrawn, and contents for it that were never sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    pub root: ItemId,
    /// What it was called.
    pub name: String,
    pub files: Vec<LeftFile>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LeftFile {
    pub draft: DraftId,
    pub name: String,
    pub size: u64,
}

/// What a person may do with a root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    Change,
    /// Nothing but to look at it.
    View,
    /// It is not shared with them any more.
    Withdrawn,
}

impl Drive {
    /// What the person may do here.
    pub fn access(self) -> Access {
        if self.is_visited() {
            return Access::View;
        }
        let Some(root) = self.root else {
            return Access::Change;
        };
        if self.withdrawn.get() {
            return Access::Withdrawn;
        }
        let has_ended = |grant: &Grant| grant.ends_at_ms.is_some_and(|end| end <= clock::now_ms());
        match self.shares.grant(root) {
            Some(grant) if grant.role == Role::Editor && !has_ended(&grant) => Access::Change,
            _ => Access::View,
        }
    }

    /// Whether the page is about a link, of whoever has it.
    pub fn is_visited(self) -> bool {
        self.session
            .with(|session| *session == SessionState::Visiting)
    }

    pub fn may_change(self) -> bool {
        self.access() == Access::Change
    }
}
