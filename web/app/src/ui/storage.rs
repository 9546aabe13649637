//! What takes the room of the person's drive, and where: by kind, by folder, and file by
//! file. What there is of files is told from the tree, what the server keeps of them by the
//! server.
//!
//! | file | does |
//! | --- | --- |
//! | here | the page |
//! | [`survey`] | looks through the tree |
//! | [`treemap`] | lays out rectangles |

mod survey;
mod treemap;

use super::files::Kind;
use super::icon::{Glyph, Icon};
use super::retention::RetentionPart;
use super::route::{Link, Route, use_router};
use super::space::{SpaceNote, use_space, used_words};
use super::transfer::TransferPart;
use crate::format::{ago, bytes, count, decimal};
use crate::state::Drive;
use crate::ui::clock::use_clock;
use crate::words::{say, say_many, t};
use leptos::prelude::*;
use leptos::task::spawn_local;
use platform::browser::clock;
use protocol::accounts::Space;
use protocol::ids::ItemId;
use protocol::items::Item;
use std::cmp::Reverse;
use survey::{OfKind, Survey, Walk};
use sync::tree::Tree;
use treemap::tiles;

/// Items that are looked at before the page may draw and answer: some milliseconds.
const AT_ONCE: usize = 4_000;
/// A drive that changes is looked through again after so many milliseconds.
const REST_MILLIS: u64 = 2_000;
/// Tiles that are drawn; what is smaller is one together.
const MOST_TILES: usize = 40;
/// The width of the tiles' place by its height; the stylesheet has the same.
const ASPECT: f64 = 2.0;

#[component]
pub fn StorageView() -> impl IntoView {
    let found = RwSignal::new(None::<Survey>);
    follow(expect_context(), found);
    let folder = RwSignal::new(None::<ItemId>);
    view! {
        <section class="page">
            <header class="page-head">
                <h1>{t("Storage")}</h1>
                <p>{t("What takes the room of your drive. What others share with you takes theirs.")}</p>
            </header>
            <SpaceNote />
            <Figures found />
            <h2 class="page-part">{t("By folder")}</h2>
            <Map folder />
            {move || found.get().map(|found| view! { <Found found /> })}
            <RetentionPart />
            <TransferPart />
        </section>
    }
}

/// By kind, and file by file.
#[component]
fn Found(found: Survey) -> impl IntoView {
    view! {
        <h2 class="page-part">{t("By kind")}</h2>
        <Kinds kinds=found.kinds() />
        <h2 class="page-part">{t("The largest files")}</h2>
        <Files ids=found.largest().collect() />
        <h2 class="page-part">{t("Files that were not changed for the longest")}</h2>
        <Files ids=found.oldest().collect() />
    }
}

/// Looks through the drive, and again after it has changed.
fn follow(drive: Drive, found: RwSignal<Option<Survey>>) {
    let (looking, again) = (StoredValue::new(false), StoredValue::new(false));
    Effect::new(move |_| {
        drive.tree.track();
        again.set_value(true);
        if looking.get_value() {
            return;
        }
        looking.set_value(true);
        spawn_local(async move {
            while again.try_get_value() == Some(true) {
                again.try_set_value(false);
                let mut walk = Walk::begin();
                let survey = loop {
                    // The view may be gone by then.
                    let slice = |tree: &Tree| walk.go_on(tree, AT_ONCE);
                    match drive.tree.try_with_untracked(slice) {
                        Some(Some(survey)) => break survey,
                        Some(None) => clock::breathe().await,
                        None => return,
                    }
                };
                let is_news = |shown: &Option<Survey>| shown.as_ref() != Some(&survey);
                match found.try_with_untracked(is_news) {
                    Some(true) => found.set(Some(survey)),
                    Some(false) => {}
                    None => return,
                }
                clock::sleep(REST_MILLIS).await;
            }
            looking.try_set_value(false);
        });
    });
}

/// How much there is, and what the server keeps of it.
#[component]
fn Figures(found: RwSignal<Option<Survey>>) -> impl IntoView {
    let space = use_space();
    let files = move || found.with(|found| Some(in_files(found.as_ref()?.total())));
    let trash = |space: &Space| {
        let size = bytes(space.trash.bytes);
        match space.trash.has_more {
            true => say_many!(
                space.trash.items,
                "at least {size} in 1 item",
                "at least {size} in {n} items",
                size
            ),
            false => say_many!(
                space.trash.items,
                "{size} in 1 item",
                "{size} in {n} items",
                size
            ),
        }
    };
    move || {
        space.get().map(|space| {
            view! {
                <dl class="facts" data-testid="storage-figures">
                    <dt>{t("Counts against the drive")}</dt>
                    <dd>{used_words(&space)}</dd>
                    <dt>{t("Files as they are now")}</dt>
                    <dd>{move || files().unwrap_or_else(|| t("Counting…").to_owned())}</dd>
                    <dt>{t("Trash")}</dt>
                    <dd>
                        <Link to=Route::Trash class="link">
                            {trash(&space)}
                        </Link>
                    </dd>
                    <dt>{t("Kept by the server")}</dt>
                    <dd>
                        {say!(
                            "{size} of contents, with all versions, each part that is the same only once",
                            size = bytes(space.stored_bytes),
                        )}
                    </dd>
                    <dt>{t("Versions")}</dt>
                    <dd>
                        {count(
                            space.counts.versions as usize,
                            "version of a file, conflicts counted",
                            "versions of all files, conflicts counted",
                        )}
                    </dd>
                    <dt>{t("Names, versions and lists")}</dt>
                    <dd>{bytes(space.metadata_bytes)}</dd>
                </dl>
            }
        })
    }
}

fn in_files(of: OfKind) -> String {
    say_many!(
        of.files,
        "{size} in 1 file",
        "{size} in {n} files",
        size = bytes(of.bytes)
    )
}

/// Something that a tile stands for.
#[derive(Clone, PartialEq)]
struct Part {
    /// What is together in one has none.
    id: Option<ItemId>,
    name: String,
    is_folder: bool,
    /// For the stylesheet.
    kind: &'static str,
    bytes: u64,
}

impl Part {
    fn of(tree: &Tree, item: &Item) -> Self {
        let bytes = match &item.file {
            Some(file) => file.size,
            None => tree.below(item.id).weight.bytes,
        };
        Self {
            id: Some(item.id),
            name: item.name.to_string(),
            is_folder: item.is_folder(),
            kind: style_of(Kind::of(item)),
            bytes,
        }
    }
}

/// What the stylesheet calls a kind, in any language.
fn style_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Folder => "Folder",
        Kind::Picture => "Picture",
        Kind::Video => "Video",
        Kind::Sound => "Sound",
        Kind::Document => "Document",
        Kind::Table => "Table",
        Kind::Code => "Code",
        Kind::Archive => "Archive",
        Kind::Shared | Kind::Other => "",
    }
}

/// What is in a folder, the largest first; the smallest are together.
fn parts(tree: &Tree, folder: Option<ItemId>) -> Vec<Part> {
    let items = tree.children(folder).filter_map(|id| tree.get(id));
    let mut parts: Vec<Part> = items
        .map(|item| Part::of(tree, item))
        .filter(|part| part.bytes > 0)
        .collect();
    parts.sort_by_key(|part| Reverse(part.bytes));
    if parts.len() > MOST_TILES {
        let rest = parts.split_off(MOST_TILES - 1);
        parts.push(Part {
            id: None,
            name: count(rest.len(), "smaller one", "smaller ones"),
            is_folder: false,
            kind: "",
            bytes: rest.iter().map(|part| part.bytes).sum(),
        });
        parts.sort_by_key(|part| Reverse(part.bytes));
    }
    parts
}

/// What is in a folder, as rectangles; a press on a folder shows what is in that.
#[component]
fn Map(folder: RwSignal<Option<ItemId>>) -> impl IntoView {
    let (drive, router): (Drive, _) = (expect_context(), use_router());
    // One that is gone meanwhile shows nothing of itself.
    let steps = Memo::new(move |_| {
        let path = |tree: &Tree| match folder.get() {
            Some(id) if tree.is_live(id) => {
                let path = tree.path(id).into_iter();
                path.map(|item| (item.id, item.name.to_string())).collect()
            }
            _ => Vec::new(),
        };
        drive.tree.with(path)
    });
    let shown = Memo::new(move |_| {
        let folder = steps.with(|steps: &Vec<(ItemId, String)>| steps.last().map(|step| step.0));
        drive.tree.with(|tree| parts(tree, folder))
    });
    let step = move |to: Option<ItemId>, name: String| {
        view! {
            <button type="button" class="link" on:click=move |_| folder.set(to)>
                {name}
            </button>
        }
    };
    view! {
        <p class="map-path" data-testid="map-path">
            {step(None, t("Files").to_owned())}
            {move || {
                steps
                    .get()
                    .into_iter()
                    .map(|(id, name)| view! { <Glyph icon=Icon::ChevronRight /> {step(Some(id), name)} })
                    .collect_view()
            }}
        </p>
        {move || {
            let parts = shown.get();
            if parts.is_empty() {
                return view! { <p class="hint">{t("Nothing in here takes room.")}</p> }.into_any();
            }
            let sizes: Vec<f64> = parts.iter().map(|part| part.bytes as f64).collect();
            let tiles = tiles(&sizes, ASPECT);
            let tiles = parts
                .into_iter()
                .zip(tiles)
                .map(|(part, tile)| {
                    let words = format!("{}, {}", part.name, bytes(part.bytes));
                    let press = move |_| match part.id {
                        Some(id) if part.is_folder => folder.set(Some(id)),
                        Some(id) => {
                            let parent = |tree: &Tree| tree.get(id).and_then(|item| item.parent);
                            router.show(drive.tree.with_untracked(parent), id);
                        }
                        None => {}
                    };
                    let percent = |value: f64| format!("{}%", decimal(value, 3));
                    view! {
                        <li
                            style:left=percent(tile.left)
                            style:top=percent(tile.top)
                            style:width=percent(tile.width)
                            style:height=percent(tile.height)
                        >
                            <button
                                type="button"
                                class="tile-of-map"
                                data-kind=part.kind
                                title=words.clone()
                                disabled=part.id.is_none()
                                on:click=press
                            >
                                <span>{part.name}</span>
                                " "
                                <small>{bytes(part.bytes)}</small>
                            </button>
                        </li>
                    }
                })
                .collect_view();
            view! {
                <ul class="map" data-testid="map">
                    {tiles}
                </ul>
            }
            .into_any()
        }}
    }
}

#[component]
fn Kinds(kinds: Vec<(&'static str, OfKind)>) -> impl IntoView {
    let most = kinds.first().map_or(0, |(_, of)| of.bytes).max(1);
    kinds
        .into_iter()
        .map(|(word, of)| {
            let share = of.bytes as f64 / most as f64 * 100.0;
            view! {
                <div class="kind-line">
                    <span>{t(word)}</span>
                    <span class="bar" aria-hidden="true">
                        <span class="bar-fill" style:width=format!("{}%", decimal(share, 2))></span>
                    </span>
                    <span class="kind-figure">
                        {in_files(of)}
                    </span>
                </div>
            }
        })
        .collect_view()
}

/// Files, each with where it is and how large; a press leads to its row.
#[component]
fn Files(ids: Vec<ItemId>) -> impl IntoView {
    let (drive, router, clock): (Drive, _, _) = (expect_context(), use_router(), use_clock());
    let lines = ids.into_iter().filter_map(|id| {
        let (item, place) = drive.tree.with_untracked(|tree| {
            let path = tree.path(id);
            let names: Vec<&str> = path.iter().map(|item| item.name.as_str()).collect();
            let (_, above) = names.split_last()?;
            Some((tree.get(id)?.clone(), above.join(" / ")))
        })?;
        let file = item.file?;
        let (parent, at) = (item.parent, file.committed.at_ms);
        let icon = Icon::for_name(item.name.as_str());
        Some(view! {
            <li class="line line-grows" data-testid="storage-file">
                <span class="row-icon">
                    <Glyph icon />
                </span>
                <span class="line-words line-words-whole">
                    <button type="button" class="link" on:click=move |_| router.show(parent, id)>
                        {item.name.to_string()}
                    </button>
                    <small>
                        {bytes(file.size)} " · " {move || ago(at, clock.now_ms())}
                        {(!place.is_empty()).then(|| format!(" · {}", say!("in {folder}", folder = place)))}
                    </small>
                </span>
            </li>
        })
    });
    let lines = lines.collect_view();
    view! { <ul class="lines lines-boxed">{lines}</ul> }
}
