//! The page's main module, and where each of its [`parts`](app::parts) begins: into the
//! module of a function with `wasm_split` goes whatever nothing else in the page uses.

use app::archive::plan::{FileContent, Plan};
use app::commands::{self, Commands};
use app::driver::acts::{Acts, LaterAct};
use app::driver::door::{Door, DoorAct};
use app::driver::downloads;
use app::driver::heirs::{Heirs, Inheriting};
use app::driver::marks::{Marks, MarksAct};
use app::driver::offline::{self, Offline, OfflineAct};
use app::driver::ports::{Answering, Client, Composing, Page};
use app::driver::root::Root;
use app::driver::thumbnails::{Thumbnails, work};
use app::driver::transfer::{self, TransferAct, Transfers};
use app::driver::zips::{Looking, Zips};
use app::driver::{copies, undo};
use app::parts::NotLoaded;
use app::state::Drive;
use app::ui::part_views;
use app::ui::parts::{self, OfConflicts, OfLists, OfPages, OfSearch};
use client::requests::Requests;
use leptos::prelude::{AnyView, ArcRwSignal, Callback, RwSignal};
use leptos::wasm_split::wasm_split;
use protocol::ids::ItemId;
use protocol::links::LinkKey;
use std::rc::Rc;
use sync::message::Request;

fn main() {
    std::panic::set_hook(Box::new(|panic| {
        web_sys::console::error_1(&panic.to_string().into());
    }));
    let driver_parts = commands::DriverParts {
        load_changes: || Box::pin(async { Ok(load_changes().await?) }),
        changes: |requests, body| Box::pin(carry_out(requests, body)),
        load_door: || Box::pin(async { Ok(load_door().await?) }),
        door: |door, act| Box::pin(hand_in(door, act)),
        inherit: |heirs, client, tab| Box::pin(inherit(heirs, client, tab)),
        later_acts: |acts, act| Box::pin(act_later(acts, act)),
        marks: |marks, act| Box::pin(mark(marks, act)),
        offline: |all, act| Box::pin(keep_offline(all, act)),
        downloads: |client, content, done| Box::pin(download(client, content, done)),
        zip_look: |zips, items| Box::pin(look_into_zip(zips, items)),
        zip_make: |zips, plan| Box::pin(make_zip(zips, plan)),
        transfer: |zips, root, act| Box::pin(transfer(zips, root, act)),
        thumbnails: |all| Box::pin(thumbnails(all)),
    };
    let view_parts = parts::ViewParts {
        load_conflicts: || Box::pin(async { Ok(load_conflicts().await?) }),
        conflicts: |what| Box::pin(conflicts(what)),
        load_pages: || Box::pin(async { Ok(load_pages().await?) }),
        pages: |what| Box::pin(pages(what)),
        load_visit: || Box::pin(async { Ok(load_visit().await?) }),
        visit: |key| Box::pin(visit(key)),
        load_search: || Box::pin(async { Ok(load_search().await?) }),
        search: |what| Box::pin(search(what)),
        load_viewer: || Box::pin(async { Ok(load_viewer().await?) }),
        viewer: || Box::pin(viewer()),
        load_lists: || Box::pin(async { Ok(load_lists().await?) }),
        lists: |what| Box::pin(lists(what)),
        alert: |drive, commands, press| Box::pin(alert(drive, commands, press)),
    };
    app::ui::mount(driver_parts, view_parts);
}

#[wasm_split(conflicts, fallible, preload(load_conflicts), wasm_split_path = ::leptos::wasm_split)]
fn conflicts(what: OfConflicts) -> Result<AnyView, NotLoaded> {
    Ok(part_views::conflicts(what))
}

#[wasm_split(pages, fallible, preload(load_pages), wasm_split_path = ::leptos::wasm_split)]
fn pages(what: OfPages) -> Result<AnyView, NotLoaded> {
    Ok(part_views::pages(what))
}

#[wasm_split(visit, fallible, preload(load_visit), wasm_split_path = ::leptos::wasm_split)]
fn visit(key: Option<LinkKey>) -> Result<AnyView, NotLoaded> {
    Ok(part_views::visit(key))
}

#[wasm_split(search, fallible, preload(load_search), wasm_split_path = ::leptos::wasm_split)]
fn search(what: OfSearch) -> Result<AnyView, NotLoaded> {
    Ok(part_views::search(what))
}

#[wasm_split(viewer, fallible, preload(load_viewer), wasm_split_path = ::leptos::wasm_split)]
fn viewer() -> Result<AnyView, NotLoaded> {
    Ok(part_views::viewer())
}

#[wasm_split(lists, fallible, preload(load_lists), wasm_split_path = ::leptos::wasm_split)]
fn lists(what: OfLists) -> Result<AnyView, NotLoaded> {
    Ok(part_views::lists(what))
}

#[wasm_split(pages, fallible, wasm_split_path = ::leptos::wasm_split)]
fn alert(drive: Drive, commands: Commands, press: Callback<()>) -> Result<(), NotLoaded> {
    part_views::alert(drive, commands, press);
    Ok(())
}

#[wasm_split(zips, fallible, wasm_split_path = ::leptos::wasm_split)]
fn look_into_zip(zips: Rc<Zips>, items: Vec<ItemId>) -> Result<Looking, NotLoaded> {
    Ok(Box::pin(zips.look(items)))
}

#[wasm_split(zips, fallible, wasm_split_path = ::leptos::wasm_split)]
fn make_zip(zips: Rc<Zips>, plan: Plan) -> Result<(), NotLoaded> {
    zips.make(plan);
    Ok(())
}

#[wasm_split(zips, fallible, wasm_split_path = ::leptos::wasm_split)]
fn transfer(
    zips: Rc<Zips>,
    root: Rc<Root>,
    act: TransferAct,
) -> Result<ArcRwSignal<Transfers>, NotLoaded> {
    Ok(transfer::carry_out(zips, root, act))
}

#[wasm_split(thumbnails, fallible, wasm_split_path = ::leptos::wasm_split)]
fn thumbnails(all: Rc<Thumbnails>) -> Result<(), NotLoaded> {
    work::run(all);
    Ok(())
}

#[wasm_split(downloads, fallible, wasm_split_path = ::leptos::wasm_split)]
fn download(
    client: Client,
    content: FileContent,
    done: RwSignal<u64>,
) -> Result<Composing, NotLoaded> {
    Ok(downloads::composed(client, content, done))
}

#[wasm_split(marks, fallible, wasm_split_path = ::leptos::wasm_split)]
fn mark(marks: Rc<Marks>, act: MarksAct) -> Result<(), NotLoaded> {
    marks.carry_out(act);
    Ok(())
}

#[wasm_split(offline, fallible, wasm_split_path = ::leptos::wasm_split)]
fn keep_offline(all: Rc<Offline>, act: OfflineAct) -> Result<(), NotLoaded> {
    offline::work::run(all, act);
    Ok(())
}

#[wasm_split(changes, fallible, preload(load_changes), wasm_split_path = ::leptos::wasm_split)]
fn carry_out(requests: Requests<Page>, body: Request) -> Result<Answering, NotLoaded> {
    Ok(Box::pin(async move { requests.carry_out(body).await }))
}

#[wasm_split(changes, fallible, preload(load_door), wasm_split_path = ::leptos::wasm_split)]
fn hand_in(door: Rc<Door>, act: DoorAct) -> Result<(), NotLoaded> {
    door.carry_out(act);
    Ok(())
}

#[wasm_split(changes, fallible, wasm_split_path = ::leptos::wasm_split)]
fn inherit(heirs: Rc<Heirs>, client: Client, tab: String) -> Result<Inheriting, NotLoaded> {
    Ok(Box::pin(heirs.take_over(client, tab)))
}

#[wasm_split(changes, fallible, wasm_split_path = ::leptos::wasm_split)]
fn act_later(acts: Rc<Acts>, act: LaterAct) -> Result<(), NotLoaded> {
    match act {
        LaterAct::Undo(which) => undo::undo(&acts, which),
        LaterAct::Redo => undo::redo(&acts),
        LaterAct::CopyInto { items, parent } => copies::copy_into(&acts, &items, parent),
    }
    Ok(())
}
