//! The versions of a file, the newest first: each is looked at, downloaded, made the newest
//! again or saved as a file of its own. What the server keeps of each is in its list, so
//! none of that moves bytes but the looking and the download. What one changed of another
//! is in [`changes`].

mod changes;
mod list;
mod marks;

use super::clock::use_clock;
use super::dialog::Dialog;
use super::dialogs::use_dialogs;
use super::icon::{Glyph, Icon};
use super::past::PastDialog;
use super::route::{Link, Route};
use super::viewer::Content;
use super::who::Who;
use crate::commands::use_commands;
use crate::format::{ago, bytes, moment};
use crate::state::Drive;
use crate::words::{say, t};
use changes::Changes;
use leptos::prelude::*;
use leptos::task::spawn_local;
use list::{Asked, List};
use marks::{KeptLine, Marks};
use protocol::files::FileVersion;
use protocol::ids::{ItemId, Version};
use protocol::items::{FileHead, Item};
use protocol::paths;
use sync::tree::Tree;

/// The versions of a file; of a folder, or of everything, what was in it.
#[component]
pub fn VersionsDialog(of: Option<ItemId>) -> impl IntoView {
    let drive: Drive = expect_context();
    let of = of.or(drive.root);
    let is_file = |id: ItemId| {
        let version = |tree: &Tree| tree.get(id).map_or(0, Item::version);
        drive.tree.with_untracked(version) > 0
    };
    match of.filter(|id| is_file(*id)) {
        Some(item) => view! { <FileVersions item /> }.into_any(),
        None => view! { <PastDialog of /> }.into_any(),
    }
}

#[component]
fn FileVersions(item: ItemId) -> impl IntoView {
    let (drive, dialogs): (Drive, _) = (expect_context(), use_dialogs());
    let known = Memo::new(move |_| drive.tree.with(|tree| tree.get(item).cloned()));
    let newest = Memo::new(move |_| known.with(|item| item.as_ref().map_or(0, Item::version)));
    let name = Memo::new(move |_| {
        let named = |item: &Item| item.name.to_string();
        known
            .with(|item| item.as_ref().map(named))
            .unwrap_or_default()
    });
    let stage = RwSignal::new(Stage::All);
    let title = Signal::derive(move || match stage.get() {
        Stage::One(version) => say!(
            "Version {number} of {name}",
            number = version.version,
            name = name.get()
        ),
        Stage::Changes { old, new } => say!(
            "Versions {old} and {new} of {name}",
            old,
            new,
            name = name.get()
        ),
        Stage::All => say!("Versions of {name}", name = name.get()),
    });
    let list = List::new(item);
    // A new version is at the top of the list.
    Effect::new(move |_| {
        newest.track();
        list.ask(None);
    });
    let shown = move || match stage.get() {
        Stage::One(version) => {
            let item = known.get_untracked()?;
            Some(view! { <Looked item version newest stage /> }.into_any())
        }
        Stage::Changes { old, new } => {
            let item = known.get_untracked()?;
            Some(view! { <Changes item list old new stage /> }.into_any())
        }
        Stage::All => Some(view! { <All item list newest stage /> }.into_any()),
    };
    view! {
        <Dialog title on_close=dialogs.on_close() wide=true>
            {shown}
        </Dialog>
    }
}

/// What of a file's versions is shown.
#[derive(Clone)]
enum Stage {
    All,
    /// One that is looked at.
    One(FileVersion),
    /// What one changed of another.
    Changes {
        old: Version,
        new: Version,
    },
}

#[component]
fn All(item: ItemId, list: List, newest: Memo<Version>, stage: RwSignal<Stage>) -> impl IntoView {
    let dialogs = use_dialogs();
    let foot = move || match list.state.get() {
        Asked::Waiting => {
            view! { <p class="history-foot" role="status">{t("Loading…")}</p> }.into_any()
        }
        Asked::Failed { why, before } => view! {
            <p class="form-error" role="alert">
                {why} " "
                <button type="button" class="link" on:click=move |_| list.ask(before)>
                    {t("Try again")}
                </button>
            </p>
        }
        .into_any(),
        Asked::Answered => match list.older.get() {
            Some(older) => view! {
                <p class="history-foot">
                    <button type="button" class="button" on:click=move |_| list.ask(Some(older))>
                        {t("Show older")}
                    </button>
                </p>
            }
            .into_any(),
            None => ().into_any(),
        },
    };
    // The way there is out of the dialog.
    let away = move |_| dialogs.close();
    view! {
        <ul class="history" data-testid="versions">
            <For
                each=move || list.versions.get()
                key=|version| (version.version, version.committed.at_ms, version.marks)
                children=move |version| view! { <OneVersion item version list newest stage /> }
            />
        </ul>
        {foot}
        <KeptLine />
        <p class="facts-ways">
            <span on:click=away>
                <Link to=Route::Activity(Some(item)) class="link">
                    {t("Activity")}
                </Link>
            </span>
        </p>
    }
}

#[component]
fn OneVersion(
    item: ItemId,
    version: FileVersion,
    list: List,
    newest: Memo<Version>,
    stage: RwSignal<Stage>,
) -> impl IntoView {
    let (drive, clock): (Drive, _) = (expect_context(), use_clock());
    let number = version.version;
    let at = version.committed.at_ms;
    let who = untrack(|| Who::reads(drive)).whole(&version.committed);
    let look = {
        let version = version.clone();
        move |_| stage.set(Stage::One(version.clone()))
    };
    let before = move || list.before(number);
    let compare = move |_| {
        if let Some(old) = list.before(number) {
            stage.set(Stage::Changes { old, new: number });
        }
    };
    let size = bytes(version.size);
    let title = match version.name.is_empty() {
        true => view! { <strong>{say!("Version {number}", number)}</strong> }.into_any(),
        false => {
            let name = version.name.clone();
            view! { <strong><bdi>{name}</bdi></strong> " · " {say!("version {number}", number)} }
                .into_any()
        }
    };
    let pinned = version.pinned.then(|| format!(" · {}", t("pinned")));
    let marks = drive.may_change().then(|| {
        let version = version.clone();
        view! { <Marks version list /> }
    });
    view! {
        <li class="history-version" data-version=number.to_string()>
            <div class="history-words">
                <p>
                    {title}
                    {pinned}
                    {move || (newest.get() == number).then(|| format!(" · {}", t("the newest")))}
                </p>
                <p class="history-who">
                    <span title=moment(at)>{move || ago(at, clock.now_ms())}</span>
                    " · "
                    <bdi>{who}</bdi>
                    " · "
                    {size}
                </p>
            </div>
            <div class="history-acts">
                <button
                    type="button"
                    class="button"
                    aria-label=say!("Open version {number}", number)
                    on:click=look
                >
                    {t("Open")}
                </button>
                <Show when=move || before().is_some()>
                    <button
                        type="button"
                        class="button"
                        aria-label=say!("Changes of version {number}", number)
                        on:click=compare
                    >
                        {t("Changes")}
                    </button>
                </Show>
                <Acts item version newest />
                {marks}
            </div>
        </li>
    }
}

/// What is done with a version, in the list and where it is looked at.
#[component]
fn Acts(item: ItemId, version: FileVersion, newest: Memo<Version>) -> impl IntoView {
    let (drive, commands): (Drive, _) = (expect_context(), use_commands());
    let number = version.version;
    let name = drive
        .tree
        .with_untracked(|tree| tree.get(item).map(|item| item.name.clone()));
    let download = name.map(|name| {
        let address = commands.address(&paths::content_named(item, number, &name));
        view! {
            <a
                class="button"
                href=address
                download=name.to_string()
                aria-label=say!("Download version {number}", number)
            >
                <Glyph icon=Icon::Download />
            </a>
        }
    });
    let busy = RwSignal::new(false);
    let restore = move |_| {
        busy.set(true);
        spawn_local(async move {
            let seen = newest.get_untracked();
            let outcome = commands.bring_back(item, number, seen).await;
            busy.try_set(false);
            if let Err(failure) = outcome {
                let what = say!("Version {number} was not restored", number);
                drive.notices.failure(&what, &failure);
            }
        });
    };
    // What is around a file that is shared by itself is not theirs.
    let has_place_beside = drive.root != Some(item);
    let copy = has_place_beside.then(|| {
        let version = version.clone();
        let press = move |_| {
            let outcome = commands.copy_version(item, &version);
            if let Err(failure) = outcome {
                let what = say!("Version {number} was not copied", number);
                drive.notices.failure(&what, &failure);
            }
        };
        view! {
            <button
                type="button"
                class="button"
                aria-label=say!("Save version {number} as a copy", number)
                on:click=press
            >
                {t("Save a copy")}
            </button>
        }
    });
    let changes = drive.may_change().then(|| {
        view! {
            {copy}
            <Show when=move || newest.get() != number>
                <button
                    type="button"
                    class="button"
                    aria-label=say!("Restore version {number}", number)
                    disabled=busy
                    on:click=restore
                >
                    {t("Restore")}
                </button>
            </Show>
        }
    });
    view! {
        {download}
        {changes}
    }
}

/// A version that is looked at, as a file is that is open.
#[component]
fn Looked(
    item: Item,
    version: FileVersion,
    newest: Memo<Version>,
    stage: RwSignal<Stage>,
) -> impl IntoView {
    let id = item.id;
    let item = at_version(item, &version);
    view! {
        <div class="history-look">
            <div class="history-acts">
                <button type="button" class="button" autofocus on:click=move |_| stage.set(Stage::All)>
                    {t("All versions")}
                </button>
                <Acts item=id version newest />
            </div>
            <div class="history-stage">
                <Content item />
            </div>
        </div>
    }
}

/// The file as it was.
fn at_version(item: Item, version: &FileVersion) -> Item {
    let file = item.file.map(|head| FileHead {
        version: version.version,
        size: version.size,
        size_class: head.size_class,
        modified_at_ms: version.modified_at_ms,
        committed: version.committed.clone(),
        damaged: false,
    });
    Item { file, ..item }
}
