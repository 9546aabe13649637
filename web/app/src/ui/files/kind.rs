//! What kind of thing a row is, by the ending of its name: a column, and a way to group.

use crate::ui::icon::Icon;
use crate::words::{english, t};
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
            Self::Folder => t("Folder"),
            Self::Shared => t("Shared with you"),
            Self::Picture => t("Picture"),
            Self::Video => t("Video"),
            Self::Sound => t("Sound"),
            Self::Document => t("Document"),
            Self::Table => t("Table"),
            Self::Code => t("Code"),
            Self::Archive => t("Archive"),
            Self::Other => t("File"),
        }
    }

    /// What groups of them are called, in their order.
    pub const HEADINGS: [&str; 10] = [
        english!("Folders"),
        english!("Shared with you"),
        english!("Pictures"),
        english!("Videos"),
        english!("Sounds"),
        english!("Documents"),
        english!("Tables"),
        english!("Code"),
        english!("Archives"),
        english!("Other files"),
    ];
}

const _: () = assert!(Kind::Other as usize + 1 == Kind::HEADINGS.len());
