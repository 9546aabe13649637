//! One file, folder or mount.

use super::browse::use_browse;
use super::kind::Kind;
use super::order::modified_at_ms;
use super::press::Press;
use crate::format::{ago, bytes, count, moment};
use crate::state::Drive;
use crate::ui::clock::use_clock;
use crate::ui::damaged::{DamagedMark, DamagedRecord};
use crate::ui::dialogs::{Ask, use_dialogs};
use crate::ui::drop_zone::use_drops;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::offline::OfflineMark;
use crate::ui::openings::OpenMark;
use crate::ui::parts::{InPart, OfLists};
use crate::ui::quiet_mark::QuietMark;
use crate::ui::star::StarMark;
use crate::ui::thumbnail::Thumbnail;
use crate::ui::who::Who;
use crate::words::{say, t};
use leptos::prelude::*;
use protocol::disks::fits_windows;
use protocol::grants::Grant;
use protocol::ids::ItemId;
use protocol::items::Item;
use sync::tree::Below;

pub fn row_id(item: ItemId) -> String {
    format!("row-{item}")
}

#[component]
pub fn Row(item: Item, number: Signal<usize>) -> impl IntoView {
    let (browse, drops) = (use_browse(), use_drops());
    let id = item.id;
    let chosen = Memo::new(move |_| browse.chosen.with(|chosen| chosen.contains(&id)));
    let active = Memo::new(move |_| browse.active.get() == Some(id));
    let folder = item.is_folder();
    let target = Memo::new(move |_| folder && drops.target.get() == Some(Some(id)));
    let kind = match (item.mount, folder) {
        (Some(_), _) => "mount",
        (None, true) => "folder",
        (None, false) => "file",
    };
    let version = item.file.as_ref().map(|file| file.version);
    let press = Press::new(item.clone());
    let drive: Drive = expect_context();
    let pending = Memo::new(move |_| drive.tree.with(|tree| tree.is_pending(id)));
    let cut = Memo::new(move |_| {
        drive.clip.with(|clip| {
            let cut = clip.as_ref().filter(|clip| clip.cut);
            cut.is_some_and(|clip| clip.items.contains(&id))
        })
    });
    let naming = browse.names(id);
    view! {
        <div
            role="row"
            id=row_id(id)
            class="row"
            class:row-active=active
            class:row-target=target
            class:row-cut=cut
            class:row-moving=move || drops.moving.with(|moving| moving.contains(&id))
            aria-selected=move || chosen.get().to_string()
            aria-rowindex=move || number.get().to_string()
            data-testid="row"
            data-name=item.name.to_string()
            data-kind=kind
            data-version=version.filter(|version| *version > 0).map(|version| version.to_string())
            data-pending=move || pending.get().then_some("true")
            data-drop=folder.then(|| id.to_string())
            data-file=item.file.is_some().then(|| id.to_string())
            draggable=move || (!naming.get()).to_string()
            on:click=move |event| press.click(&event)
            on:dblclick=move |event| press.double(&event)
            on:contextmenu=move |event| press.menu_at_pointer(&event)
            on:dragstart=move |event| press.drag(&event)
        >
            <Cells item=item.clone() press pending naming />
        </div>
    }
}

#[component]
fn Cells(item: Item, press: Press, pending: Memo<bool>, naming: Memo<bool>) -> impl IntoView {
    let (drive, clock): (Drive, _) = (expect_context(), use_clock());
    let (id, shown) = (item.id, modified_at_ms(&item));
    // Of a folder, the server says when it was made.
    let changed = Memo::new(move |_| {
        drive
            .tree
            .with(|tree| tree.get(id).map_or(shown, modified_at_ms))
    });
    let mount = item.mount;
    let leads_to = Memo::new(move |_| mount.and_then(|mount| drive.shares.mounted(mount)));
    let is_folder = item.is_folder();
    // A file that is shared looks like one.
    let folder = Memo::new(move |_| match mount {
        Some(_) => leads_to.with(|grant| grant.as_ref().is_none_or(|grant| grant.is_folder)),
        None => is_folder,
    });
    let below = is_folder.then(|| Memo::new(move |_| drive.tree.with(|tree| tree.below(id))));
    let file_size = item.file.as_ref().map(|file| bytes(file.size));
    // How much there is in what somebody shares, only their drive knows.
    let size = move || match below {
        Some(below) => size_below(below.get()),
        None => file_size.clone().unwrap_or_default(),
    };
    let size_title = move || below.map(|below| all_below(below.get()));
    let kind_word = Kind::of(&item).word();
    let kind = move || match below {
        Some(below) if below.with(|below| below.items > 0) => say!(
            "{kind}, {items}",
            kind = kind_word,
            items = items_in(below.get())
        ),
        _ => kind_word.to_owned(),
    };
    let who = untrack(|| Who::reads(drive));
    let by = item.file.as_ref().map(|file| &file.committed);
    let (device, device_title) = (by.map(|by| who.changed(by)), by.map(|by| who.whole(by)));
    let for_name = Icon::for_name(item.name.as_str());
    let icon = move || match folder.get() {
        true => Icon::Folder,
        false => for_name,
    };
    let note = {
        let size = size.clone();
        move || match below {
            Some(below) if below.with(|below| below.items > 0) => {
                let items = items_in(below.get());
                Some(say!("{items}, {size}", items, size = size()) + " · ")
            }
            Some(_) => Some(t("Empty").to_owned() + " · "),
            None => Some(size())
                .filter(|size| !size.is_empty())
                .map(|size| size + " · "),
        }
    };
    let name = item.name.to_string();
    view! {
        <div role="gridcell" class="cell-name">
            <span
                class="row-icon"
                class:row-icon-folder=folder
                on:click=move |event| press.toggle(&event)
            >
                {move || view! { <Glyph icon=icon() /> }}
                <Thumbnail item=item.clone() />
                <span class="row-tick">
                    <Glyph icon=Icon::Check />
                </span>
                <Show when=move || pending.get()>
                    <span class="row-pending" title=t("Not sent yet")>
                        <Glyph icon=Icon::Clock />
                        <span class="unseen">{t("Not sent yet")}</span>
                    </span>
                </Show>
            </span>
            {
                let (name, note, item) = (name.clone(), note.clone(), item.clone());
                move || match naming.get() {
                    true => view! { <InPart part=OfLists::NameField(item.clone()) /> }.into_any(),
                    false => {
                        let (name, note) = (name.clone(), note.clone());
                        view! {
                            <span class="row-words">
                                <span class="row-name" title=name.clone()>{name.clone()}</span>
                                <span class="row-note" aria-hidden="true">
                                    {note}
                                    {move || ago(changed.get(), clock.now_ms())}
                                </span>
                            </span>
                        }
                            .into_any()
                    }
                }
            }
            <ConflictMark item=item.id name=name.clone() />
            <DiskMark item=item.clone() />
            <StarMark item=item.id />
            <OfflineMark item=item.id />
            <SharedMarks item=item.id />
            {item.file.is_some().then(|| view! { <OpenMark item=item.id /> })}
            {mount.map(|_| view! { <MountMark leads_to /> })}
            {item.is_damaged().then(|| view! { <DamagedMark record=DamagedRecord::of(&item) /> })}
        </div>
        <div role="gridcell" class="cell-size" title=size_title>
            {size}
        </div>
        <div role="gridcell" class="cell-kind">
            {kind}
        </div>
        <div role="gridcell" class="cell-time" title=move || moment(changed.get())>
            {move || ago(changed.get(), clock.now_ms())}
        </div>
        <div role="gridcell" class="cell-device" title=device_title>
            {device}
        </div>
        <div role="gridcell" class="cell-menu">
            <button
                type="button"
                class="icon-button row-menu"
                tabindex="-1"
                aria-label=say!("Actions for {name}", name)
                aria-haspopup="menu"
                on:click=move |event| press.menu_at_button(&event)
            >
                <Glyph icon=Icon::More />
            </button>
        </div>
    }
}

/// The size of all that is in a folder.
fn size_below(below: Below) -> String {
    match below.items {
        0 => t("Empty").to_owned(),
        _ => bytes(below.weight.bytes),
    }
}

fn items_in(below: Below) -> String {
    count(below.items, "item", "items")
}

/// The same, with what is in folders in it.
fn all_below(below: Below) -> String {
    let weight = below.weight;
    let files = count(weight.files, "file", "files");
    match weight.folders {
        0 => files,
        folders => say!(
            "{files} in {folders} below it",
            files,
            folders = count(folders, "folder", "folders")
        ),
    }
}

/// Says that on some disks there can't be a file of this name: another one in the
/// folder is the same file there, or Windows takes no such name.
#[component]
fn DiskMark(item: Item) -> impl IntoView {
    let drive: Drive = expect_context();
    let fits_windows = fits_windows(&item.name);
    let twin = Memo::new(move |_| drive.tree.with(|tree| tree.has_twin(&item)));
    move || {
        if twin.get() {
            let told = t(
                "These two names are one file on some disks: another one in this folder differs from it in nothing that those see",
            );
            return Some(
                view! {
                    <span class="badge badge-disk" data-testid="disk-twin" title=told>
                        <Glyph icon=Icon::Warning />
                        <span>{t("One file on some disks")}</span>
                        <b class="unseen">{t("These two names are one file on some disks")}</b>
                    </span>
                }
                .into_any(),
            );
        }
        (!fits_windows).then(|| {
            view! {
                <span
                    class="badge-quiet"
                    data-testid="not-for-windows"
                    title=t("Windows can't store a file of this name")
                >
                    <Glyph icon=Icon::Warning />
                    <b class="unseen">{t("Windows can't store a file of this name")}</b>
                </span>
            }
            .into_any()
        })
    }
}

/// Says that the person shares it with somebody, and that a link leads to it.
#[component]
fn SharedMarks(item: ItemId) -> impl IntoView {
    let drive: Drive = expect_context();
    let is_own = drive.root.is_none();
    let shared = Memo::new(move |_| is_own && drive.shares.is_shared(item));
    let linked = Memo::new(move |_| is_own && drive.shares.is_linked(item));
    view! {
        <QuietMark is_shown=shared kind="shared-mark" icon=Icon::People words=t("Shared") />
        <QuietMark is_shown=linked kind="link-mark" icon=Icon::Link words=t("Has a link") />
    }
}

/// Says whose it is that a mount leads to.
#[component]
fn MountMark(leads_to: Memo<Option<Grant>>) -> impl IntoView {
    let words = move || match leads_to.get() {
        Some(grant) => say!("Shared by {name}", name = grant.owner.user_name),
        None => t("Not shared with you now").to_owned(),
    };
    view! {
        <span class="badge-quiet" data-testid="mount-mark" title=words>
            <Glyph icon=Icon::People />
            <b class="unseen">{words}</b>
        </span>
    }
}

/// Says that two versions of the file wait for a decision.
#[component]
fn ConflictMark(item: ItemId, name: String) -> impl IntoView {
    let (drive, dialogs): (Drive, _) = (expect_context(), use_dialogs());
    let conflict = Memo::new(move |_| {
        drive.conflicts.with(|all| {
            let mut all = all.values();
            all.find(|conflict| conflict.item == item)
                .map(|conflict| conflict.id)
        })
    });
    move || {
        conflict.get().map(|id| {
            view! {
                <button
                    type="button"
                    class="badge badge-conflict"
                    aria-label=say!("Two versions of {name}: decide", name)
                    on:click=move |_| dialogs.open(Ask::Conflict(id))
                >
                    <Glyph icon=Icon::Conflict />
                    <span>{t("2 versions")}</span>
                </button>
            }
        })
    }
}
