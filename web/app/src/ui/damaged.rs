//! The mark of a record that the server can't read whole, and what helps.

use crate::ui::icon::{Glyph, Icon};
use crate::words::t;
use leptos::prelude::*;
use protocol::items::Item;

/// What the damaged record is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DamagedRecord {
    File,
    Folder,
    Trashed,
    Conflict,
}

impl DamagedRecord {
    pub fn of(item: &Item) -> Self {
        match item.is_folder() {
            true => DamagedRecord::Folder,
            false => DamagedRecord::File,
        }
    }

    fn words(self) -> &'static str {
        match self {
            DamagedRecord::File => t(
                "Damaged: the server can't read all that it has noted about this file, such as its date. Its contents are not touched. Upload a new version or rename it, and the note is written anew.",
            ),
            DamagedRecord::Folder => t(
                "Damaged: the server can't read all that it has noted about this folder. Its contents are not touched. Rename it or move it, and the note is written anew.",
            ),
            DamagedRecord::Trashed => t(
                "Damaged: the server can't read all that it has noted about this, such as its date. Its contents are not touched. Restore it and rename it, and the note is written anew, or delete it for good.",
            ),
            DamagedRecord::Conflict => t(
                "Damaged: the server can't read all that it has noted about this conflict, such as a date. Neither version is touched. Decide it as any other.",
            ),
        }
    }
}

#[component]
pub fn DamagedMark(record: DamagedRecord) -> impl IntoView {
    let words = record.words();
    view! {
        <span
            class="badge badge-damaged"
            role="img"
            aria-label=words
            title=words
            data-testid="damaged"
        >
            <Glyph icon=Icon::Warning />
            <span>{t("Damaged")}</span>
        </span>
    }
}
