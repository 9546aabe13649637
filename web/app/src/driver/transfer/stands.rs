//! How an export and an import stand, here once for the page.

use super::out::{self, Exporting};
use crate::archive::import::NotImported;
use leptos::prelude::{ArcRwSignal, Set};
use protocol::ids::UserId;
use std::cell::RefCell;
use std::rc::Rc;
use workers::archive::manifest::NotExported;

/// How it stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Transfers {
    pub export: ExportStands,
    pub import: ImportStands,
}

/// An export.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum ExportStands {
    #[default]
    Nothing,
    /// One was begun and not finished: its next part.
    Unfinished {
        part: u32,
        began_at_ms: u64,
    },
    /// A part is being made.
    Makes {
        part: u32,
    },
    /// A part was handed to the browser.
    Saved {
        part: u32,
        is_last: bool,
    },
    /// All parts were.
    Done(ExportSum),
    Failed {
        part: u32,
        why: String,
    },
}

/// What an export has, over all its parts.
#[derive(Clone, Debug, PartialEq)]
pub struct ExportSum {
    pub parts: u32,
    pub files: usize,
    pub bytes: u64,
    pub omitted: Vec<NotExported>,
}

/// An import.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum ImportStands {
    #[default]
    Nothing,
    /// The zips are read.
    Reads,
    /// So many of all versions are in the drive.
    Sends {
        done: usize,
        all: usize,
    },
    Done {
        /// Versions that came in now.
        came: usize,
        /// Versions that the drive had already.
        had: usize,
        /// Files whose names have another content there: the person is asked about each.
        asked: usize,
        left: Vec<NotImported>,
    },
    Failed(String),
}

/// What there is of it in this page.
#[derive(Default)]
pub struct Here {
    pub shown: ArcRwSignal<Transfers>,
    pub export: RefCell<Option<Rc<Exporting>>>,
}

thread_local! {
    /// Whose it is, and it.
    static HERE: RefCell<Option<(Option<UserId>, Rc<Here>)>> = const { RefCell::new(None) };
}

/// That of a person.
pub fn here(user: Option<UserId>) -> Rc<Here> {
    HERE.with_borrow_mut(|all| match all {
        Some((whose, here)) if *whose == user => here.clone(),
        all => {
            let new = Rc::new(Here::default());
            new.shown.set(Transfers {
                export: out::unfinished(user),
                ..Transfers::default()
            });
            *all = Some((user, new.clone()));
            new
        }
    })
}
