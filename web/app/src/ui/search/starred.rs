//! What the person has starred, and the searches that they have saved.

use super::hit::{Shown, whole_name};
use super::results::{Actions, Acts, Results};
use super::saved::SavedSearches;
use crate::commands::use_commands;
use crate::format::count;
use crate::state::Drive;
use crate::ui::each::Each;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::route::{InShared, Link, Route};
use crate::ui::sentence::Sentence;
use crate::words::{say, say_many, t};
use leptos::prelude::*;
use protocol::ids::ItemId;

#[component]
pub fn StarredView() -> impl IntoView {
    let drive: Drive = expect_context();
    let shown = Memo::new(move |_| {
        drive.tree.with(|tree| {
            let shown = |marks: &protocol::marks::Marks| {
                let stars = marks.stars.iter();
                stars
                    .filter_map(|star| Shown::plain(drive, tree, star.item))
                    .collect::<Vec<_>>()
            };
            drive.marks.with(shown)
        })
    });
    let words = move || {
        let whole = whole_name(drive);
        let is_whole = drive.tree.with(|tree| tree.complete);
        match shown.with(Vec::len) {
            0 if !is_whole => say!(
                "The list of what is in “{whole}” is still on its way",
                whole
            ),
            0 => say!(
                "Nothing in “{whole}” is starred. Star a file or folder with its menu, or with the key *. Nobody but you sees it",
                whole
            ),
            many => say_many!(
                many,
                "1 item in “{whole}”",
                "{n} items in “{whole}”, the last one first",
                whole
            ),
        }
    };
    let actions = Actions::new();
    let is_any = Memo::new(move |_| !shown.with(Vec::is_empty));
    view! {
        <section class="page page-list page-search">
            <header class="page-head">
                <h1>{t("Starred")}</h1>
                <p role="status" data-testid="starred-words">
                    {move || view! { <Sentence text=words() /> }}
                </p>
            </header>
            <SavedSearches />
            <InOthers />
            <Gone />
            <Show when=move || is_any.get()>
                <Results label=t("Starred") results=shown actions />
            </Show>
            <Acts actions />
        </section>
    }
}

/// The ways to what is starred in other roots: each is a page of its own.
#[component]
fn InOthers() -> impl IntoView {
    let drive: Drive = expect_context();
    let others = Memo::new(move |_| {
        let mut others: Vec<(ItemId, String, usize)> = Vec::new();
        let marks = drive.marks.read();
        let tree = drive.tree.read();
        for star in &marks.stars {
            let Some(root) = star.root.filter(|root| drive.root != Some(*root)) else {
                continue;
            };
            if tree.get(star.item).is_some() {
                continue;
            }
            match others.iter_mut().find(|(other, ..)| *other == root) {
                Some((.., many)) => *many += 1,
                None => {
                    if let Some(grant) = drive.shares.grant(root) {
                        others.push((root, grant.name, 1));
                    }
                }
            }
        }
        others
    });
    view! {
        <Each
            each=move || others.get()
            key=|other| other.clone()
            children=|(root, name, many)| {
                view! {
                    <p class="starred-way" data-testid="starred-elsewhere">
                        <Link to=Route::Shared(root, InShared::Starred) class="link">
                            <Glyph icon=Icon::People />
                            {count(many, "item", "items")}
                            " " {t("in")} " "
                            <bdi>{say!("“{name}”", name)}</bdi>
                        </Link>
                    </p>
                }
            }
        />
    }
}

/// Stars of what is not there any more, which the person can take away.
#[component]
fn Gone() -> impl IntoView {
    let (drive, commands): (Drive, _) = (expect_context(), use_commands());
    let gone = Memo::new(move |_| {
        let marks = drive.marks.read();
        let tree = drive.tree.read();
        let are_known = drive.shares.known.with(Option::is_some);
        if drive.root.is_some() || !tree.complete || !are_known {
            return Vec::new();
        }
        let is_gone =
            |root: Option<ItemId>| root.is_none_or(|root| drive.shares.grant(root).is_none());
        let gone = marks.stars.iter().filter(|star| {
            tree.get(star.item).is_none()
                && drive.shares.grant(star.item).is_none()
                && is_gone(star.root)
        });
        gone.map(|star| star.item).collect::<Vec<ItemId>>()
    });
    view! {
        <Show when=move || !gone.with(Vec::is_empty)>
            <p class="hint" data-testid="starred-gone">
                {move || {
                    say_many!(
                        gone.with(Vec::len),
                        "1 item that you starred is deleted, or not shared with you any more.",
                        "{n} items that you starred are deleted, or not shared with you any more.",
                    )
                }}
                " "
                <button
                    type="button"
                    class="link"
                    on:click=move |_| commands.star(gone.get_untracked(), false)
                >
                    {t("Remove the stars")}
                </button>
            </p>
        </Show>
    }
}
