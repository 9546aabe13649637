//! What can be done with something that was found, and what else the page can do.

use super::hit::Shown;
use crate::commands::{Commands, use_commands};
use crate::state::Drive;
use crate::state::marks::is_starred;
use crate::state::session::SessionState;
use crate::ui::dialogs::{Ask, Dialogs, use_dialogs};
use crate::ui::files::{download, open, trash_or_ask};
use crate::ui::icon::Icon;
use crate::ui::route::{PAGES, Route, Router, use_router};
use crate::ui::sign_out::leave_or_ask;
use crate::ui::theme::{Shade, Theme};
use crate::words::{say, t};
use leptos::ev;
use leptos::prelude::*;
use platform::failure::Failure;
use platform::intake;
use protocol::ids::ItemId;
use protocol::items::Item;
use protocol::marks::SavedSearch;
use protocol::problem::Problem;
use sync::search::fold::Folder;
use sync::search::pattern::{Pattern, mask};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::HtmlInputElement;

const PICKER_ID: &str = "pick-by-command";

/// Everything that an act needs.
#[derive(Clone, Copy)]
pub struct Hands {
    pub drive: Drive,
    pub commands: Commands,
    pub dialogs: Dialogs,
    pub router: Router,
    theme: Theme,
}

pub fn use_hands() -> Hands {
    Hands {
        drive: expect_context(),
        commands: use_commands(),
        dialogs: use_dialogs(),
        router: use_router(),
        theme: expect_context(),
    }
}

impl Hands {
    /// Closes the dialog, gives the keyboard back, and then acts: what comes next may take
    /// the keyboard, and give it back to where it was before.
    pub fn leave_for(self, act: impl FnOnce() + 'static) {
        if !self.dialogs.is_open() {
            return act();
        }
        self.dialogs.close();
        request_animation_frame(move || request_animation_frame(act));
    }
}

/// What can be done with something that was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HitAct {
    Open,
    /// In the folder that it is in.
    Show,
    Download,
    Star,
    Unstar,
    Rename,
    Move,
    Share,
    Activity,
    Trash,
    Restore,
    /// Among all that is there.
    ShowTrash,
}

impl HitAct {
    /// What the person may do with it here, the first being what Enter does.
    pub fn of(shown: &Shown, drive: Drive) -> Vec<Self> {
        let item = &shown.item;
        let may_place = drive.may_change() && drive.root != Some(item.id);
        let is_starred = drive.marks.with(|marks| is_starred(marks, item.id));
        if shown.is_trashed {
            let restore = (may_place && item.trashed_at_ms.is_some()).then_some(Self::Restore);
            let unstar = is_starred.then_some(Self::Unstar);
            return [Some(Self::ShowTrash), restore, unstar]
                .into_iter()
                .flatten()
                .collect();
        }
        let is_mount = item.mount.is_some();
        let can = [
            (item.file.is_none() || item.version() > 0, Self::Open),
            (true, Self::Show),
            (item.is_folder() || item.version() > 0, Self::Download),
            (may_place, Self::Rename),
            (may_place, Self::Move),
            (!is_starred, Self::Star),
            (is_starred, Self::Unstar),
            (drive.root.is_none() && !is_mount, Self::Share),
            (true, Self::Activity),
            (may_place && !is_mount, Self::Trash),
        ];
        can.into_iter()
            .filter(|(can, _)| *can)
            .map(|(_, act)| act)
            .collect()
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Open => t("Open"),
            Self::Show => t("Show in its folder"),
            Self::Download => t("Download"),
            Self::Star => t("Star"),
            Self::Unstar => t("Remove the star"),
            Self::Rename => t("Rename…"),
            Self::Move => t("Move…"),
            Self::Share => t("Share…"),
            Self::Activity => t("Activity"),
            Self::Trash => t("Move to trash"),
            Self::Restore => t("Restore"),
            Self::ShowTrash => t("Go to the trash"),
        }
    }

    pub fn icon(self) -> Icon {
        match self {
            Self::Open => Icon::Eye,
            Self::Show => Icon::Folder,
            Self::Download => Icon::Download,
            Self::Star | Self::Unstar => Icon::Star,
            Self::Rename => Icon::Pencil,
            Self::Move => Icon::Move,
            Self::Share => Icon::People,
            Self::Activity => Icon::Clock,
            Self::Trash | Self::ShowTrash => Icon::Trash,
            Self::Restore => Icon::Restore,
        }
    }

    pub fn run(self, hands: Hands, item: &Item) {
        let (id, parent) = (item.id, item.parent);
        let Hands {
            drive,
            commands,
            dialogs,
            router,
            ..
        } = hands;
        let item = item.clone();
        hands.leave_for(move || match self {
            Self::Open => open(commands, router, &item),
            Self::Show => {
                let folder = parent.filter(|_| drive.root != Some(id));
                router.show(folder, id);
            }
            Self::Download => download((drive, commands), dialogs, vec![id]),
            Self::Star => commands.star(vec![id], true),
            Self::Unstar => commands.star(vec![id], false),
            Self::Rename => dialogs.open(Ask::Rename(id)),
            Self::Move => dialogs.open(Ask::Move(vec![id])),
            Self::Share => dialogs.open(Ask::Share(id)),
            Self::Activity => router.go(Route::Activity(Some(id))),
            Self::Trash => trash_or_ask((drive, commands), dialogs, vec![id]),
            Self::Restore => match commands.restore(id, None) {
                Ok(()) => {}
                Err(Failure::Refused(Problem::NameTaken { .. })) => {
                    dialogs.open(Ask::RestoreAs(id));
                }
                Err(failure) => {
                    let what = say!("“{name}” was not restored", name = item.name);
                    drive.notices.failure(&what, &failure);
                }
            },
            Self::ShowTrash => router.within(None).go(Route::Trash),
        });
    }
}

/// What the page can do besides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageAct {
    NewFolder,
    NewText,
    UploadFiles,
    UploadFolder,
    /// All files, what was changed last first.
    Recent,
    Go(Route),
    News,
    Shade(Shade),
    Password,
    SignOut,
}

impl PageAct {
    /// All that the person may do here.
    pub fn all(drive: Drive) -> Vec<Self> {
        let mut all = match drive.may_change() {
            true => vec![
                Self::NewFolder,
                Self::NewText,
                Self::UploadFiles,
                Self::UploadFolder,
            ],
            false => Vec::new(),
        };
        all.extend([Self::Recent, Self::Go(Route::Folder(None))]);
        all.extend(PAGES.iter().map(|page| Self::Go(page.route)));
        all.push(Self::Go(Route::Storage));
        if drive.session.with(SessionState::is_administrator) {
            all.push(Self::Go(Route::Administration));
        }
        all.push(Self::News);
        all.extend([Shade::Light, Shade::Dark, Shade::System].map(Self::Shade));
        all.extend([Self::Password, Self::SignOut]);
        all
    }

    /// Those that words fit, the best first.
    pub fn fitting(drive: Drive, words: &str) -> Vec<Self> {
        let all = Self::all(drive).into_iter();
        fitting(words, all.map(|act| (act.label(), act)))
    }

    pub fn label(self) -> String {
        match self {
            Self::NewFolder => t("New folder…").to_owned(),
            Self::NewText => t("New text file…").to_owned(),
            Self::UploadFiles => t("Upload files…").to_owned(),
            Self::UploadFolder => t("Upload a folder…").to_owned(),
            Self::Recent => t("Recent files").to_owned(),
            Self::Go(Route::Storage) => t("Go to Storage").to_owned(),
            Self::Go(Route::Administration) => t("Go to Administration").to_owned(),
            Self::Go(route) => {
                let page = PAGES.iter().find(|page| page.route == route);
                say!(
                    "Go to {page}",
                    page = page.map_or(t("Files"), |page| t(page.title))
                )
            }
            Self::News => t("What others did").to_owned(),
            Self::Shade(Shade::Light) => t("Theme: light").to_owned(),
            Self::Shade(Shade::Dark) => t("Theme: dark").to_owned(),
            Self::Shade(Shade::System) => t("Theme: as the system").to_owned(),
            Self::Password => t("Change password…").to_owned(),
            Self::SignOut => t("Sign out").to_owned(),
        }
    }

    pub fn icon(self) -> Icon {
        match self {
            Self::NewFolder => Icon::FolderPlus,
            Self::NewText => Icon::Text,
            Self::UploadFiles => Icon::Upload,
            Self::UploadFolder => Icon::FolderUp,
            Self::Recent => Icon::Clock,
            Self::Go(Route::Storage) => Icon::Tiles,
            Self::Go(Route::Administration) => Icon::People,
            Self::Go(route) => {
                let page = PAGES.iter().find(|page| page.route == route);
                page.map_or(Icon::Folder, |page| page.icon)
            }
            Self::News => Icon::Bell,
            Self::Shade(Shade::Light) => Icon::Sun,
            Self::Shade(Shade::Dark) => Icon::Moon,
            Self::Shade(Shade::System) => Icon::Auto,
            Self::Password => Icon::Key,
            Self::SignOut => Icon::SignOut,
        }
    }

    /// Where what is made or sent would be.
    pub fn place(self, hands: Hands) -> Option<String> {
        if !matches!(
            self,
            Self::NewFolder | Self::NewText | Self::UploadFiles | Self::UploadFolder
        ) {
            return None;
        }
        let name = hands.router.folder().and_then(|id| {
            let name = |tree: &sync::tree::Tree| tree.get(id).map(|item| item.name.to_string());
            hands.drive.tree.with_untracked(name)
        });
        Some(say!(
            "in {folder}",
            folder = name.unwrap_or_else(|| t("Files").to_owned())
        ))
    }

    pub fn run(self, hands: Hands) {
        let Hands {
            drive,
            commands,
            dialogs,
            router,
            theme,
        } = hands;
        let folder = untrack(|| router.folder());
        hands.leave_for(move || match self {
            // What is behind an open dialog opens no picker. The press counts long enough.
            Self::UploadFiles => pick(hands, folder, false),
            Self::UploadFolder => pick(hands, folder, true),
            Self::NewFolder => dialogs.open(Ask::NewFolder { parent: folder }),
            Self::NewText => dialogs.open(Ask::NewText { parent: folder }),
            Self::Recent => router.search(String::new()),
            Self::Go(route) => router.within(None).go(route),
            Self::News => dialogs.open(Ask::News),
            Self::Shade(shade) => theme.chosen().set(shade),
            Self::Password => dialogs.open(Ask::Password),
            Self::SignOut => leave_or_ask((drive, commands), dialogs),
        });
    }
}

/// The saved searches that words fit by their names, the best first.
pub fn saved_fitting(drive: Drive, words: &str) -> Vec<SavedSearch> {
    let all = drive.marks.with(|marks| marks.searches.clone());
    fitting(words, all.into_iter().map(|one| (one.name.clone(), one)))
}

fn fitting<T>(words: &str, all: impl Iterator<Item = (String, T)>) -> Vec<T> {
    let mut folder = Folder::default();
    let pattern = Pattern::new(words, &mut folder);
    let mut found: Vec<_> = all
        .filter_map(|(label, one)| {
            let label = folder.folded(&label);
            Some((pattern.rank(&label, mask(&label))?, one))
        })
        .collect();
    found.sort_by_key(|(rank, _)| *rank);
    found.into_iter().map(|(_, one)| one).collect()
}

/// Opens the browser's own picker for what goes into a folder.
fn pick(hands: Hands, folder: Option<ItemId>, folders: bool) {
    let Ok(input) = document().create_element("input") else {
        return;
    };
    let Ok(input) = input.dyn_into::<HtmlInputElement>() else {
        return;
    };
    // In the document, or a browser may forget it while its picker is open. There is one
    // at most, and it goes when another one comes.
    if let Some(last) = document().get_element_by_id(PICKER_ID) {
        last.remove();
    }
    input.set_id(PICKER_ID);
    input.set_hidden(true);
    if let Some(body) = document().body() {
        let _ = body.append_child(&input);
    }
    input.set_type("file");
    input.set_multiple(true);
    if folders {
        let _ = input.set_attribute("webkitdirectory", "");
    }
    let picked = Closure::once_into_js(move |event: ev::Event| {
        let input = event
            .target()
            .and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
        if let Some(files) = input.and_then(|input| input.files()) {
            hands.commands.add(folder, intake::from_picker(&files));
        }
    });
    let _ = input.add_event_listener_with_callback("change", picked.unchecked_ref());
    input.click();
}
