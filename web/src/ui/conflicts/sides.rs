//! The two sides of a conflict from where the person sits.

use crate::browser::clock::local_date;
use crate::commands::KeepWhich;
use crate::state::Drive;
use crate::state::session::SessionState;
use leptos::prelude::*;
use shared::ids::{ConflictId, ItemId};
use shared::name::Name;
use shared::protocol::conflicts::Conflict;
use shared::protocol::items::{Committed, FileHead, Item};

/// Everything that the dialog shows, read at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sides {
    pub conflict: Conflict,
    pub item: Item,
    pub head: FileHead,
    pub view: View,
    /// The name that "keep both" would give.
    pub copy_name: Name,
}

/// Which side is "mine" for the device in front of the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    First,
    Second,
    /// Both came from elsewhere.
    Neither,
}

impl Sides {
    /// `None` once the conflict is settled or the file is gone.
    pub fn read(drive: Drive, id: ConflictId) -> Option<Self> {
        let conflict = drive.conflicts.with(|all| all.get(&id).cloned())?;
        let item = drive.tree.with(|tree| tree.get(conflict.item).cloned())?;
        let head = item.file.clone()?;
        let view = View::of(drive, &conflict.committed, &head.committed);
        let copy_name = copy_name(drive, &conflict, &item);
        Some(Self {
            conflict,
            item,
            head,
            view,
            copy_name,
        })
    }

    /// The words on the buttons that keep the first and the second version,
    /// and what the server calls each choice.
    pub fn choices(&self) -> [(KeepWhich, &'static str); 2] {
        let (first, second) = match self.view {
            View::First => ("Keep mine", "Keep theirs"),
            View::Second => ("Keep theirs", "Keep mine"),
            View::Neither => ("Keep the first", "Keep the second"),
        };
        [(KeepWhich::Theirs, first), (KeepWhich::Mine, second)]
    }
}

impl View {
    fn of(drive: Drive, second: &Committed, first: &Committed) -> Self {
        let device = drive.session.with(|session| match session {
            SessionState::SignedIn(session) => Some(session.device.id),
            _ => None,
        });
        if Some(second.device_id) == device {
            View::Second
        } else if Some(first.device_id) == device {
            View::First
        } else {
            View::Neither
        }
    }
}

fn copy_name(drive: Drive, conflict: &Conflict, item: &Item) -> Name {
    let device = &conflict.committed.device_name;
    let date = local_date();
    let free = |name: &Name| {
        drive
            .tree
            .with(|tree| tree.child_named(item.parent, name).is_none())
    };
    let name = |nth| item.name.conflicted_copy(device, &date, nth);
    (1..100).map(name).find(free).unwrap_or_else(|| name(100))
}

pub fn file_name(drive: Drive, item: ItemId) -> String {
    drive.tree.with(|tree| {
        tree.get(item).map_or_else(
            || "A file that is gone".to_owned(),
            |item| item.name.to_string(),
        )
    })
}
