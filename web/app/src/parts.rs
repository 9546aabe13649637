//! The parts of the page that are WebAssembly modules of their own, each fetched when
//! it is first needed. Where they begin is said by the program (`bin/app.rs`), which the
//! build takes apart; tests and workers are whole, and have none.

use crate::archive::plan::Plan;
use crate::driver::ports::Page;
use crate::state::Drive;
use crate::ui::parts::{OfConflicts, OfPages};
use client::requests::Requests;
use futures_util::future::ready;
use leptos::prelude::AnyView;
use leptos::wasm_split::SplitLoaderError;
use platform::failure::Failure;
use std::pin::Pin;
use std::sync::OnceLock;
use sync::message::{Answer, Failure as Lost, Request};

/// A part was not to be had.
#[derive(Clone, Copy, Debug)]
pub struct NotLoaded;

pub type Fetched<T> = Pin<Box<dyn Future<Output = Result<T, NotLoaded>>>>;

/// A request that is being answered.
pub type Answering = Pin<Box<dyn Future<Output = Result<Answer, Lost>>>>;

/// What each part does, once it is here.
pub struct Parts {
    /// Only fetches it.
    pub load_conflicts: fn() -> Fetched<()>,
    pub conflicts: fn(OfConflicts) -> Fetched<AnyView>,
    /// Only fetches it.
    pub load_pages: fn() -> Fetched<()>,
    pub pages: fn(OfPages) -> Fetched<AnyView>,
    pub zips: fn(Drive, Plan) -> Fetched<()>,
    /// Everything that changes something at the server.
    pub changes: fn(Requests<Page>, Request) -> Fetched<Answering>,
}

static PARTS: OnceLock<Parts> = OnceLock::new();

impl Parts {
    /// To be called before the page is there.
    pub fn install(self) {
        // Whoever was first is the same program.
        let _ = PARTS.set(self);
    }
}

/// Asks a part for something.
pub fn ask<T: 'static>(question: impl FnOnce(&Parts) -> Fetched<T>) -> Fetched<T> {
    match PARTS.get() {
        Some(parts) => question(parts),
        None => Box::pin(ready(Err(NotLoaded))),
    }
}

impl From<SplitLoaderError> for NotLoaded {
    fn from(_: SplitLoaderError) -> Self {
        Self
    }
}

impl From<NotLoaded> for Failure {
    fn from(NotLoaded: NotLoaded) -> Self {
        let why = "A part of this page could not be loaded. Try again; if that does not help, reload the page";
        Failure::Device(why.to_owned())
    }
}
