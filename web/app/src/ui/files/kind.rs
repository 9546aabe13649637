//! What kind of thing a row is, by the ending of its name: a column, and a way to group.

use crate::ui::icon::Icon;
use protocol::items::Item;

/// In the order in which groups of them follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Folder,
    /// It leads to what somebody else shares.
    Shared,
    Picture,
    Video,
    Sound,
    Document,
    Table,
    Code,
    Archive,
    Other,
}

impl Kind {
    pub fn of(item: &Item) -> Self {
        if item.mount.is_some() {
            return Self::Shared;
        }
        if item.is_folder() {
            return Self::Folder;
        }
        match Icon::for_name(item.name.as_str()) {
            Icon::Image => Self::Picture,
            Icon::Video => Self::Video,
            Icon::Audio => Self::Sound,
            Icon::Text => Self::Document,
            Icon::Table => Self::Table,
            Icon::Code => Self::Code,
            Icon::Archive => Self::Archive,
            _ => Self::Other,
        }
    }

    /// What one is called.
    pub fn word(self) -> &'static str {
        match self {
            Self::Folder => "Folder",
            Self::Shared => "Shared with you",
            Self::Picture => "Picture",
            Self::Video => "Video",
            Self::Sound => "Sound",
            Self::Document => "Document",
            Self::Table => "Table",
            Self::Code => "Code",
            Self::Archive => "Archive",
            Self::Other => "File",
        }
    }

    /// What groups of them are called, in their order.
    pub const HEADINGS: [&str; 10] = [
        "Folders",
        "Shared with you",
        "Pictures",
        "Videos",
        "Sounds",
        "Documents",
        "Tables",
        "Code",
        "Archives",
        "Other files",
    ];
}

const _: () = assert!(Kind::Other as usize + 1 == Kind::HEADINGS.len());
