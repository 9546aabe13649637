//! A whole drive on its way out, as several zips, and back in: see [`crate::archive`] and
//! `docs/export.md`.
//!
//! | file | does |
//! | --- | --- |
//! | here | what the person can ask for, and what they are shown |
//! | [`out`] | one part after another |
//! | [`back`] | the parts that were chosen, round by round |
//! | [`there`] | what of it the drive has already |
//!
//! All of it is in a [part](crate::parts) of the page. What it works on is here once for the
//! page, so that it goes on while other pages are looked at.

mod back;
mod out;
mod there;

use super::root::Root;
use super::zips::Zips;
use crate::archive::export::ExportOptions;
use crate::archive::import::NotImported;
use crate::parts::PartFuture;
use leptos::prelude::{ArcRwSignal, Set};
use out::Exporting;
use protocol::ids::UserId;
use std::cell::RefCell;
use std::rc::Rc;
use web_sys::File;
use workers::archive::manifest::NotExported;

/// What the person asks for.
pub enum TransferAct {
    /// Only to see how it stands.
    Look,
    /// A new export; one that was not finished is forgotten.
    Export(ExportOptions),
    /// The browser has saved the part that it was handed, or an export is to go on that was
    /// not finished.
    NextPart,
    /// Hands the last part to the browser once more.
    SaveAgain,
    /// Ends the export. What was saved can be used.
    EndExport,
    /// Takes the zips of an export in, below a folder of that name if there is one.
    Import {
        zips: Vec<File>,
        under: Option<String>,
    },
    /// The person has seen what became of the import.
    SeenImport,
}

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
struct Here {
    shown: ArcRwSignal<Transfers>,
    export: RefCell<Option<Rc<Exporting>>>,
}

thread_local! {
    /// Whose it is, and it.
    static HERE: RefCell<Option<(Option<UserId>, Rc<Here>)>> = const { RefCell::new(None) };
}

fn here(user: Option<UserId>) -> Rc<Here> {
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

/// [`carry_out`], in the part of the page that it is in.
pub type Transfer = fn(Rc<Zips>, Rc<Root>, TransferAct) -> PartFuture<ArcRwSignal<Transfers>>;

/// Does what was asked for, and returns how it stands from now on.
pub fn carry_out(zips: Rc<Zips>, root: Rc<Root>, act: TransferAct) -> ArcRwSignal<Transfers> {
    let here = here(root.current.api().user());
    let shown = here.shown.clone();
    match act {
        TransferAct::Look => {}
        TransferAct::Export(options) => out::begin(&here, zips, root, options),
        TransferAct::NextPart => out::go_on(&here, zips, root),
        TransferAct::SaveAgain => out::save_again(&here),
        TransferAct::EndExport => out::end(&here),
        TransferAct::Import { zips, under } => back::begin(&here, root, zips, under),
        TransferAct::SeenImport => back::seen(&here),
    }
    shown
}
