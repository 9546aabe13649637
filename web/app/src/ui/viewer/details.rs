//! What is known of a file or folder: what it is, where, whose work, who has it, and the
//! ways to more of that. It is what this browser knows, but for who has access and which
//! links there are, which the server is asked.

use super::super::clock::use_clock;
use super::super::dialog::Dialog;
use super::super::dialogs::{Ask, use_dialogs};
use super::super::offline::offline_way;
use super::super::route::{Link, Route};
use super::super::thumbnail::Thumbnail;
use super::super::who::Who;
use super::kind::FileKind;
use crate::commands::use_commands;
use crate::format::{ago, bytes, count, moment, sentence};
use crate::refusals::InWords;
use crate::state::Drive;
use crate::state::marks::is_starred;
use crate::state::offline::{KeptOffline, Offline};
use crate::words::{say, say_many, t};
use leptos::prelude::*;
use leptos::task::spawn_local;
use platform::failure::Failure;
use protocol::grants::{Grant, Role};
use protocol::ids::ItemId;
use protocol::items::Item;
use sync::tree::Below;

/// From the row's menu.
#[component]
pub fn DetailsDialog(item: ItemId) -> impl IntoView {
    let (drive, dialogs): (Drive, _) = (expect_context(), use_dialogs());
    let title = Signal::derive(move || {
        let named = |item: &Item| item.name.to_string();
        drive
            .tree
            .with(|tree| tree.get(item).map(named))
            .unwrap_or_default()
    });
    let known = drive.tree.with_untracked(|tree| tree.get(item).cloned());
    let thumbnail = known.map(|item| view! { <Thumbnail item /> });
    view! {
        <Dialog title on_close=dialogs.on_close()>
            <div class="facts-picture">{thumbnail}</div>
            <Details item />
        </Dialog>
    }
}

#[component]
pub fn Details(item: ItemId) -> impl IntoView {
    let drive: Drive = expect_context();
    let known = Memo::new(move |_| drive.tree.with(|tree| tree.get(item).cloned()));
    move || known.get().map(|item| view! { <Known item /> })
}

#[component]
fn Known(item: Item) -> impl IntoView {
    let (drive, clock): (Drive, _) = (expect_context(), use_clock());
    let id = item.id;
    let place = drive.tree.with_untracked(|tree| {
        let path = tree.path(id);
        let above = path.iter().take(path.len().saturating_sub(1));
        let names: Vec<String> = above.map(|item| item.name.to_string()).collect();
        names.join(" / ")
    });
    let place = match (place.is_empty(), drive.root) {
        (false, None) => format!("{} / {place}", t("Files")),
        (true, None) => t("Files").to_owned(),
        (false, Some(_)) => format!("{} / {place}", t("Shared")),
        (true, Some(_)) => t("Shared").to_owned(),
    };
    let kind = FileKind::words(&item);
    let file = item.file.clone().filter(|file| file.version > 0);
    let below = item
        .is_folder()
        .then(|| drive.tree.with_untracked(|tree| tree.below(id)));
    let created = item.created_at_ms;
    let has_versions = item.version() > 0;
    let who = untrack(|| Who::reads(drive));
    let of_file = file.map(|file| {
        let changed = file.modified_at_ms;
        let stored = file.committed.at_ms;
        view! {
            <Fact name=t("Size")>{bytes(file.size)}</Fact>
            <Fact name=t("Changed")>
                <span title=moment(changed)>{move || ago(changed, clock.now_ms())}</span>
            </Fact>
            <Fact name=t("By")>
                <bdi>{who.whole(&file.committed)}</bdi>
                ", "
                <span title=moment(stored)>{move || ago(stored, clock.now_ms())}</span>
            </Fact>
            <Fact name=t("Version")>{file.version.to_string()}</Fact>
        }
    });
    view! {
        <dl class="facts" data-testid="details">
            <Fact name=t("Kind")>{kind}</Fact>
            {below
                .map(|below| {
                    let all = (below.weight.files > 0)
                        .then(|| view! { <Fact name=t("Size")>{all_below(below)}</Fact> });
                    view! {
                        <Fact name=t("In it")>{count(below.items, "item", "items")}</Fact>
                        {all}
                    }
                })}
            {of_file}
            <Fact name=t("Added")>
                <span title=moment(created)>{move || ago(created, clock.now_ms())}</span>
            </Fact>
            <Fact name=t("Place")>
                <bdi>{place}</bdi>
            </Fact>
            <Access item=item.clone() />
            <OnThisDevice item=id />
        </dl>
        <p class="facts-ways">
            <MoreOf item=id is_file=has_versions />
        </p>
    }
}

/// How much of it is kept offline, and with what. Nothing where it need not be.
#[component]
fn OnThisDevice(item: ItemId) -> impl IntoView {
    let drive: Drive = expect_context();
    let with = move || {
        let chosen = |kept: &KeptOffline| {
            let above = drive.tree.with(|tree| {
                let path = tree.path(item);
                let with = path.iter().find(|one| kept.chosen.contains(&one.id))?;
                (with.id != item).then(|| with.name.to_string())
            });
            kept.of.get(&item).map(|how| (*how, above))
        };
        drive.offline.with(chosen)
    };
    let told = Memo::new(move |_| {
        let (how, above) = with().filter(|_| drive.root.is_none())?;
        Some(match (how, above) {
            (Offline::Kept, None) => t("Kept offline").to_owned(),
            (Offline::Kept, Some(folder)) => {
                say!("Kept offline, with the folder “{folder}”", folder)
            }
            (Offline::Partly, None) => t("Not all here yet").to_owned(),
            (Offline::Partly, Some(folder)) => {
                say!("Not all here yet, with the folder “{folder}”", folder)
            }
            (Offline::Waiting, None) => t("Waiting to be kept offline").to_owned(),
            (Offline::Waiting, Some(folder)) => say!(
                "Waiting to be kept offline, with the folder “{folder}”",
                folder
            ),
        })
    });
    move || {
        told.get()
            .map(|told| view! { <Fact name=t("This device")>{told}</Fact> })
    }
}

/// "1.2 MB in 340 files"
fn all_below(below: Below) -> String {
    let weight = below.weight;
    let files = count(weight.files, "file", "files");
    say!("{size} in {files}", size = bytes(weight.bytes), files)
}

#[component]
fn Fact(name: &'static str, children: Children) -> impl IntoView {
    view! {
        <dt>{name}</dt>
        <dd>{children()}</dd>
    }
}

/// Where its versions are told, and who may have it.
#[component]
fn MoreOf(item: ItemId, is_file: bool) -> impl IntoView {
    let (drive, dialogs): (Drive, _) = (expect_context(), use_dialogs());
    let versions = move |_| dialogs.open(Ask::Versions(Some(item)));
    let is_mount = drive.tree.with_untracked(|tree| {
        let item = tree.get(item);
        item.is_some_and(|item| item.mount.is_some())
    });
    let versions = (!is_mount).then(|| {
        view! {
            <button type="button" class="link" on:click=versions>
                {if is_file { t("Versions…") } else { t("Go back to…") }}
            </button>
        }
    });
    let share = move |_| dialogs.open(Ask::Share(item));
    let commands = use_commands();
    let way = move || {
        drive.offline.track();
        offline_way(drive, &[item]).filter(|_| !is_mount)
    };
    let starred = Memo::new(move |_| drive.marks.with(|marks| is_starred(marks, item)));
    let star = move |_| commands.star(vec![item], !starred.get_untracked());
    // The way there is out of the dialog.
    let away = move |_| dialogs.close();
    view! {
        {versions}
        <span on:click=away>
            <Link to=Route::Activity(Some(item)) class="link">
                {t("Activity")}
            </Link>
        </span>
        <button type="button" class="link" on:click=star>
            {move || match starred.get() {
                true => t("Remove the star"),
                false => t("Star"),
            }}
        </button>
        {move || {
            way()
                .map(|(words, on)| {
                    let keep = move |_| commands.keep_offline(vec![item], on);
                    view! {
                        <button type="button" class="link" on:click=keep>
                            {words}
                        </button>
                    }
                })
        }}
        {drive
            .root
            .is_none()
            .then(|| {
                view! {
                    <button type="button" class="link" on:click=share>
                        {t("Access and links…")}
                    </button>
                }
            })}
    }
}

/// In the person's own drive, who else has it; else whose it is.
#[component]
fn Access(item: Item) -> impl IntoView {
    let (drive, commands): (Drive, _) = (expect_context(), use_commands());
    if let Some(root) = drive.root {
        return untrack(|| drive.shares.grant(root))
            .map(|grant| {
                view! {
                    <Fact name=t("Owner")>
                        <bdi>{grant.owner.user_name}</bdi>
                    </Fact>
                    <Fact name=t("You")>{may(grant.role)}</Fact>
                }
            })
            .into_any();
    }
    if item.mount.is_some() {
        return ().into_any();
    }
    let id = item.id;
    let asked = RwSignal::new_local(None::<Result<(Vec<Grant>, usize), Failure>>);
    spawn_local(async move {
        let asking = async {
            let grants = commands.access_to(id).await?;
            let links = commands.links(Some(id)).await?.len();
            Ok((grants, links))
        };
        asked.try_set(Some(asking.await));
    });
    let told = move || {
        asked.with(|asked| match asked {
            None => view! { <Fact name=t("Access")>"…"</Fact> }.into_any(),
            Some(Ok((grants, links))) => {
                let people: Vec<_> = grants
                    .iter()
                    .map(|grant| {
                        let name = grant.person.user_name.clone();
                        view! {
                            <li>
                                <bdi>{name}</bdi>
                                ": "
                                {may(grant.role)}
                            </li>
                        }
                    })
                    .collect();
                let people = match people.is_empty() {
                    true => t("Only you").into_any(),
                    false => view! { <ul class="facts-list">{people}</ul> }.into_any(),
                };
                let links = match links {
                    0 => t("None").to_owned(),
                    many => say_many!(*many, "1 link leads to it", "{n} links lead to it"),
                };
                view! {
                    <Fact name=t("Access")>{people}</Fact>
                    <Fact name=t("Links")>{links}</Fact>
                }
                .into_any()
            }
            Some(Err(failure)) => {
                let words = sentence(&failure.in_words());
                view! { <Fact name=t("Access")>{words}</Fact> }.into_any()
            }
        })
    };
    told.into_any()
}

fn may(role: Role) -> &'static str {
    match role {
        Role::Viewer => t("can view"),
        Role::Editor => t("can change"),
        Role::Unknown => t("has access"),
    }
}
