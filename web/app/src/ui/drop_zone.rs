//! Dropping files anywhere on the page, pasting them, and dragging rows onto folders. One
//! place listens, on the window: what can be dropped on carries `data-drop`
//! with a folder's id or "root". A file's row carries `data-file`.

use crate::commands::{Commands, use_commands};
use crate::state::Drive;
use crate::state::shares::Access;
use crate::ui::dialogs::use_dialogs;
use crate::ui::dom;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::route::{Route, Router, use_router};
use crate::words::t;
use leptos::ev;
use leptos::prelude::*;
use protocol::ids::ItemId;
use web_sys::{ClipboardEvent, DataTransfer, DragEvent};

/// What is being dragged over the page, and onto what.
#[derive(Clone, Copy)]
pub struct Drops {
    /// Files from outside are over the page.
    files: RwSignal<bool>,
    /// Rows of the page that are being dragged.
    pub moving: RwSignal<Vec<ItemId>>,
    /// The folder under the pointer, if it is over one; `Some(None)`: the root.
    pub target: RwSignal<Option<Option<ItemId>>>,
}

pub fn use_drops() -> Drops {
    expect_context()
}

impl Drops {
    /// Where nothing is dropped.
    pub fn none() -> Self {
        Self {
            files: RwSignal::new(false),
            moving: RwSignal::new(Vec::new()),
            target: RwSignal::new(None),
        }
    }

    /// Starts listening, until the view that calls it goes.
    pub fn start() -> Self {
        let drops = Self::none();
        let router = use_router();
        let commands = use_commands();
        let dialogs = use_dialogs();
        let over = move |event: DragEvent| {
            if drops.over(&event, dialogs.is_open()) {
                commands.expect_files();
            }
        };
        let listeners = [
            window_event_listener(ev::dragenter, over),
            window_event_listener(ev::dragover, over),
            window_event_listener(ev::dragleave, move |event| drops.leave(&event)),
            window_event_listener(ev::dragend, move |_| drops.clear()),
            window_event_listener(ev::drop, move |event| {
                let taken = !dialogs.is_open();
                drops.drop(&event, commands, router, taken);
            }),
            window_event_listener(ev::paste, move |event| {
                paste(&event, commands, router, !dialogs.is_open());
            }),
        ];
        on_cleanup(move || listeners.into_iter().for_each(|listener| listener.remove()));
        drops
    }

    /// The folder that a drop would go to now.
    pub fn folder(self, router: Router) -> Option<ItemId> {
        match self.target.get() {
            Some(target) if target.is_some() || !router.is_within() => target,
            _ => router.folder(),
        }
    }

    /// Says whether files have just come over the page that can be dropped on it.
    fn over(self, event: &DragEvent, busy: bool) -> bool {
        let moving = !self.moving.with_untracked(Vec::is_empty);
        // A row that can be dragged out of the window is a file elsewhere, and not here.
        let files = !moving && holds_files(event);
        if !files && !moving {
            return false;
        }
        // Without this the browser opens the file in place of the page.
        event.prevent_default();
        let target = target_of(event);
        let taken = !busy && (files || target.is_some());
        if let Some(transfer) = event.data_transfer() {
            transfer.set_drop_effect(match taken {
                false => "none",
                true if files => "copy",
                true => "move",
            });
        }
        let shown = files && !busy;
        let just_came = shown && !self.files.get_untracked();
        set_if_other(self.files, shown);
        set_if_other(self.target, target);
        just_came
    }

    fn leave(self, event: &DragEvent) {
        // Only leaving the window has nothing on the other side; between two
        // elements the next dragenter follows.
        if event.related_target().is_none() {
            set_if_other(self.files, false);
            set_if_other(self.target, None);
        }
    }

    fn drop(self, event: &DragEvent, commands: Commands, router: Router, taken: bool) {
        let moving = self.moving.get_untracked();
        let files = moving.is_empty() && holds_files(event);
        if files || !moving.is_empty() {
            event.prevent_default();
        }
        let target = target_of(event);
        self.clear();
        match (target, event.data_transfer()) {
            _ if !taken => {}
            (target, Some(transfer)) if files => {
                let folder = match target {
                    Some(target) if target.is_some() || !router.is_within() => target,
                    _ => untrack(|| router.folder()),
                };
                commands.add_from(folder, file_at(event), &transfer);
            }
            // Nothing is moved out of what is shared.
            (Some(None), _) if router.is_within() => {}
            (Some(folder), _) if !moving.is_empty() => commands.move_all(moving, folder),
            _ => {}
        }
    }

    fn clear(self) {
        self.files.set(false);
        self.target.set(None);
        self.moving.set(Vec::new());
    }
}

fn set_if_other<T: PartialEq + Send + Sync + 'static>(signal: RwSignal<T>, value: T) {
    if signal.with_untracked(|old| *old != value) {
        signal.set(value);
    }
}

fn holds_files(event: &DragEvent) -> bool {
    event
        .data_transfer()
        .is_some_and(|transfer| has_files(&transfer))
}

/// Files on the clipboard go where a drop would go, unless somebody types. Where it has
/// none, what was cut or copied here goes to the folder that is open.
fn paste(event: &ClipboardEvent, commands: Commands, router: Router, taken: bool) {
    if !taken || dom::is_typed_in(event) {
        return;
    }
    let folder = untrack(|| router.folder());
    let is_folder_open = matches!(untrack(|| router.at()), Route::Folder(_));
    match event.clipboard_data().filter(has_files) {
        Some(files) => commands.add_from(folder, None, &files),
        None if is_folder_open => commands.paste(folder),
        None => return,
    }
    event.prevent_default();
}

fn has_files(transfer: &DataTransfer) -> bool {
    transfer.types().includes(&"Files".into(), 0)
}

/// The file whose row something was dropped onto.
fn file_at(event: &DragEvent) -> Option<ItemId> {
    let row = dom::closest_to(event, "[data-file]")?;
    row.get_attribute("data-file")?.parse().ok()
}

fn target_of(event: &DragEvent) -> Option<Option<ItemId>> {
    let place = dom::closest_to(event, "[data-drop]")?;
    match place.get_attribute("data-drop")?.as_str() {
        "root" => Some(None),
        id => id.parse().ok().map(Some),
    }
}

#[component]
pub fn DropOverlay() -> impl IntoView {
    let drive: Drive = expect_context();
    let (drops, router) = (use_drops(), use_router());
    let is_gone = move || {
        let folder = drops.folder(router);
        drive
            .tree
            .with(|tree| folder.is_some_and(|id| tree.complete && !tree.is_live(id)))
    };
    let name = move || {
        let folder = drops.folder(router);
        let name =
            folder.and_then(|id| drive.tree.with(|tree| Some(tree.get(id)?.name.to_string())));
        name.unwrap_or_else(|| t("Files").into())
    };
    view! {
        <Show when=move || drops.files.get()>
            <div class="drop-overlay" data-testid="drop-overlay">
                <div class="drop-card">
                    <Glyph icon=Icon::Upload />
                    {move || match drive.access() {
                        Access::Change if is_gone() => {
                            view! { <p>{t("This folder is not here any more")}</p> }.into_any()
                        }
                        Access::Change => {
                            view! {
                                <p>{t("Drop to upload to “")} <strong><bdi>{name}</bdi></strong> {t("”")}</p>
                            }
                                .into_any()
                        }
                        Access::View | Access::Withdrawn => {
                            view! { <p>{t("You can only view this")}</p> }.into_any()
                        }
                    }}
                </div>
            </div>
        </Show>
    }
}
