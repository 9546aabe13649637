//! The page's main module, and where each of its [`parts`](app::parts) begins: into the
//! module of a function with `wasm_split` goes whatever nothing else in the page uses.

use app::archive::plan::Plan;
use app::driver::ports::Page;
use app::driver::zips;
use app::parts::{Answering, NotLoaded, Parts};
use app::state::Drive;
use app::ui::parts::{OfConflicts, OfPages};
use client::requests::Requests;
use leptos::prelude::AnyView;
use leptos::wasm_split::wasm_split;
use sync::message::Request;

fn main() {
    std::panic::set_hook(Box::new(|panic| {
        web_sys::console::error_1(&panic.to_string().into());
    }));
    let parts = Parts {
        load_conflicts: || Box::pin(async { Ok(load_conflicts().await?) }),
        conflicts: |what| Box::pin(conflicts(what)),
        load_pages: || Box::pin(async { Ok(load_pages().await?) }),
        pages: |what| Box::pin(pages(what)),
        zips: |drive, plan| Box::pin(make_zip(drive, plan)),
        changes: |requests, body| Box::pin(carry_out(requests, body)),
    };
    parts.install();
    app::ui::mount();
}

#[wasm_split(conflicts, fallible, preload(load_conflicts), wasm_split_path = ::leptos::wasm_split)]
fn conflicts(what: OfConflicts) -> Result<AnyView, NotLoaded> {
    Ok(what.view())
}

#[wasm_split(pages, fallible, preload(load_pages), wasm_split_path = ::leptos::wasm_split)]
fn pages(what: OfPages) -> Result<AnyView, NotLoaded> {
    Ok(what.view())
}

#[wasm_split(zips, fallible, wasm_split_path = ::leptos::wasm_split)]
fn make_zip(drive: Drive, plan: Plan) -> Result<(), NotLoaded> {
    zips::make(drive, plan);
    Ok(())
}

#[wasm_split(changes, fallible, wasm_split_path = ::leptos::wasm_split)]
fn carry_out(requests: Requests<Page>, body: Request) -> Result<Answering, NotLoaded> {
    Ok(Box::pin(async move { requests.carry_out(body).await }))
}
