//! The two sides of a conflict from where the person sits.

use crate::commands::{Commands, KeepWhich};
use crate::format::{date, minute, time};
use crate::state::Drive;
use crate::state::session::SessionState;
use crate::words::{say, t};
use blocks::number::FileTime;
use leptos::prelude::*;
use protocol::conflicts::Conflict;
use protocol::ids::{ConflictId, ItemId};
use protocol::items::{Committed, FileHead, Item};
use protocol::name::Name;
use protocol::paths;

/// Everything that is shown of a conflict, read at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sides {
    pub conflict: Conflict,
    pub item: Item,
    pub head: FileHead,
    pub view: View,
    /// The name that "keep both" would give.
    pub copy_name: Name,
    /// Where the file is: the folders above it, from the top of the drive.
    pub place: String,
    /// What the first and the second are called.
    names: [String; 2],
    /// Where the bytes of the first and of the second are.
    addresses: [String; 2],
}

/// One of the two: the version that the file has, or the one that came after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    First,
    Second,
}

impl Side {
    pub const BOTH: [Side; 2] = [Side::First, Side::Second];

    /// As stylesheet and tests know it.
    pub fn key(self) -> &'static str {
        match self {
            Side::First => "first",
            Side::Second => "second",
        }
    }
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
    pub fn read(drive: Drive, commands: Commands, id: ConflictId) -> Option<Self> {
        let conflict = drive.conflicts.with(|all| all.get(&id).cloned())?;
        Self::of(drive, commands, conflict)
    }

    /// `None` if the file is gone.
    pub fn of(drive: Drive, commands: Commands, conflict: Conflict) -> Option<Self> {
        let item = drive.tree.with(|tree| tree.get(conflict.item).cloned())?;
        let head = item.file.clone()?;
        let view = View::of(drive, &conflict.committed, &head.committed);
        let copy_name = commands.copy_name(&item, &conflict);
        let addresses = [
            paths::content_named(item.id, head.version, &item.name),
            paths::conflict_content_named(conflict.id, &copy_name),
        ];
        let addresses = addresses.map(|path| commands.address(&path));
        let names = names([&head.committed, &conflict.committed].map(|by| told(drive, by)));
        Some(Self {
            place: place(drive, item.parent),
            names,
            addresses,
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
            View::First => (t("Keep mine"), t("Keep theirs")),
            View::Second => (t("Keep theirs"), t("Keep mine")),
            View::Neither => (t("Keep the first"), t("Keep the second")),
        };
        [(KeepWhich::Theirs, first), (KeepWhich::Mine, second)]
    }

    pub fn committed(&self, side: Side) -> &Committed {
        match side {
            Side::First => &self.head.committed,
            Side::Second => &self.conflict.committed,
        }
    }

    /// A side's name, the same everywhere: "Ada, Chrome on Linux — 14:02". The two differ.
    pub fn name(&self, side: Side) -> String {
        let [first, second] = &self.names;
        match side {
            Side::First => first.clone(),
            Side::Second => second.clone(),
        }
    }

    pub fn is_from_here(&self, side: Side) -> bool {
        matches!(
            (self.view, side),
            (View::First, Side::First) | (View::Second, Side::Second)
        )
    }

    pub fn size(&self, side: Side) -> u64 {
        match side {
            Side::First => self.head.size,
            Side::Second => self.conflict.size,
        }
    }

    pub fn modified_at_ms(&self, side: Side) -> FileTime {
        match side {
            Side::First => self.head.modified_at_ms,
            Side::Second => self.conflict.modified_at_ms,
        }
    }

    /// Where a side's bytes are, under its name: so the browser may keep them.
    pub fn address(&self, side: Side) -> String {
        let [first, second] = &self.addresses;
        match side {
            Side::First => first.clone(),
            Side::Second => second.clone(),
        }
    }

    /// The name that a side is saved under.
    pub fn file_name(&self, side: Side) -> &Name {
        match side {
            Side::First => &self.item.name,
            Side::Second => &self.copy_name,
        }
    }
}

impl View {
    fn of(drive: Drive, second: &Committed, first: &Committed) -> Self {
        if is_this_device(drive, second) {
            View::Second
        } else if is_this_device(drive, first) {
            View::First
        } else {
            View::Neither
        }
    }
}

pub fn is_this_device(drive: Drive, by: &Committed) -> bool {
    drive.session.with(SessionState::device) == Some(by.device_id)
}

/// Person, device and time of a version; the day only where it is not today.
pub fn name(drive: Drive, committed: &Committed) -> String {
    told(drive, committed).name()
}

/// What is told of who wrote a version.
struct Told {
    person: String,
    device: String,
    is_here: bool,
    when: String,
}

impl Told {
    fn name(&self) -> String {
        let Told {
            person,
            device,
            is_here,
            when,
        } = self;
        match is_here {
            true => say!("{person}, this device — {when}", person, when),
            false => say!("{person}, {device} — {when}", person, device, when),
        }
    }
}

fn told(drive: Drive, committed: &Committed) -> Told {
    let at_ms = committed.at_ms;
    let today = date(platform::browser::clock::now_ms());
    Told {
        person: committed.user_name.clone(),
        device: committed.device_name.clone(),
        is_here: is_this_device(drive, committed),
        when: match date(at_ms) == today {
            true => time(at_ms),
            false => minute(at_ms),
        },
    }
}

/// The names of the first and the second. Two alike browsers of one person have one name,
/// so what is not this device is called another one; where neither is, the names say which
/// came second.
fn names(told: [Told; 2]) -> [String; 2] {
    let [first, second] = &told;
    let is_alike = first.person == second.person && first.device == second.device;
    if !is_alike {
        return told.map(|one| one.name());
    }
    if first.is_here == second.is_here {
        let is_told = first.when != second.when;
        return match is_told {
            true => told.map(|one| one.name()),
            false => [
                say!("{name}, the first", name = first.name()),
                say!("{name}, the second", name = second.name()),
            ],
        };
    }
    told.map(|one| match one.is_here {
        true => one.name(),
        false => say!(
            "{person}, another {device} — {when}",
            person = one.person,
            device = one.device,
            when = one.when
        ),
    })
}

/// The folders above something, from the top of the drive.
fn place(drive: Drive, parent: Option<ItemId>) -> String {
    let top = match drive.root {
        None => t("Files"),
        Some(_) => t("Shared"),
    };
    drive.tree.with(|tree| {
        let mut place = String::from(top);
        for folder in parent.map(|id| tree.path(id)).unwrap_or_default() {
            place.push_str(" / ");
            place.push_str(folder.name.as_str());
        }
        place
    })
}

pub fn file_name(drive: Drive, item: ItemId) -> String {
    drive.tree.with(|tree| {
        tree.get(item).map_or_else(
            || t("A file that is gone").to_owned(),
            |item| item.name.to_string(),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::{Told, names};

    fn told(device: &str, is_here: bool, when: &str) -> Told {
        Told {
            person: "ada".into(),
            device: device.into(),
            is_here,
            when: when.into(),
        }
    }

    #[test]
    fn two_sides_never_have_one_name() {
        let chrome = "Chrome on Linux";
        let other = names([
            told("Safari on iPhone", false, "03:40"),
            told(chrome, true, "03:40"),
        ]);
        assert_eq!(
            other,
            ["ada, Safari on iPhone — 03:40", "ada, this device — 03:40"]
        );
        let here = names([told(chrome, false, "03:40"), told(chrome, true, "03:40")]);
        assert_eq!(
            here,
            [
                "ada, another Chrome on Linux — 03:40",
                "ada, this device — 03:40"
            ]
        );
        let timed = names([told(chrome, false, "03:40"), told(chrome, false, "03:41")]);
        assert_eq!(
            timed,
            [
                "ada, Chrome on Linux — 03:40",
                "ada, Chrome on Linux — 03:41"
            ]
        );
        for is_here in [false, true] {
            let [first, second] = names([(); 2].map(|()| told(chrome, is_here, "03:40")));
            assert!(first.ends_with(", the first") && second.ends_with(", the second"));
        }
    }
}
