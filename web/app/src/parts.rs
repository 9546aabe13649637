//! The parts of the page that are WebAssembly modules of their own, each fetched when
//! it is first needed. Where they begin is said by the program (`bin/app.rs`), which the
//! build takes apart: it hands the driver and the views the functions that begin them.

use crate::words::t;
use leptos::wasm_split::SplitLoaderError;
use platform::failure::Failure;
use std::pin::Pin;

/// After so many milliseconds, a part that was not to be had is tried again.
pub const AGAIN_MILLIS: u64 = 4_000;

/// A part was not to be had.
#[derive(Clone, Copy, Debug)]
pub struct NotLoaded;

/// What a part does, once it is here.
pub type PartFuture<T> = Pin<Box<dyn Future<Output = Result<T, NotLoaded>>>>;

impl From<SplitLoaderError> for NotLoaded {
    fn from(_: SplitLoaderError) -> Self {
        Self
    }
}

impl From<NotLoaded> for Failure {
    fn from(NotLoaded: NotLoaded) -> Self {
        let why = t(
            "A part of this page could not be loaded. Try again; if that does not help, reload the page",
        );
        Failure::Device(why.to_owned())
    }
}
