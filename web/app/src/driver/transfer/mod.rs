//! A whole drive on its way out, as several zips, and back in: see [`crate::archive`] and
//! `docs/export.md`.
//!
//! | file | does |
//! | --- | --- |
//! | here | what the person can ask for |
//! | [`stands`] | what they are shown |
//! | [`out`] | one part after another |
//! | [`back`] | the parts that were chosen, round by round |
//! | [`there`] | what of it the drive has already |
//!
//! All of it is in a [part](crate::parts) of the page. What it works on is here once for the
//! page, so that it goes on while other pages are looked at.

mod back;
mod out;
mod stands;
mod there;

pub use stands::{ExportStands, ExportSum, ImportStands, Transfers};

use super::root::Root;
use super::zips::Zips;
use crate::archive::export::ExportOptions;
use crate::parts::PartFuture;
use leptos::prelude::ArcRwSignal;
use stands::here;
use std::rc::Rc;
use web_sys::File;

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
    }
    shown
}
