//! One file of a link: what it is, and its bytes.

use super::whose;
use crate::commands::use_commands;
use crate::format::{ago, bytes, moment};
use crate::state::Drive;
use crate::ui::clock::use_clock;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::route::{Link, Route};
use crate::ui::sentence::Sentence;
use crate::ui::viewer::{Content, FileKind};
use crate::words::{say, t};
use leptos::prelude::*;
use protocol::ids::ItemId;
use protocol::items::Item;
use protocol::links::LinkShown;
use protocol::paths;

#[component]
pub fn FileCard(item: ItemId, shown: StoredValue<LinkShown>) -> impl IntoView {
    let drive: Drive = expect_context();
    let file = Memo::new(move |_| drive.tree.with(|tree| tree.get(item).cloned()));
    move || file.get().map(|item| view! { <Card item shown /> })
}

#[component]
fn Card(item: Item, shown: StoredValue<LinkShown>) -> impl IntoView {
    let (commands, clock) = (use_commands(), use_clock());
    let drive: Drive = expect_context();
    let name = item.name.to_string();
    let facts = item.file.as_ref().map(|file| {
        let changed = file.modified_at_ms;
        view! {
            <p class="hint">
                {bytes(file.size)} " · " {t("changed")} " "
                <span title=moment(changed)>{move || ago(changed, clock.now_ms())}</span>
            </p>
        }
    });
    let above = item.parent.and_then(|folder| {
        let named = |item: &Item| item.name.to_string();
        drive
            .tree
            .with_untracked(|tree| tree.get(folder).map(named))
    });
    let is_alone = above.is_none();
    let back = above.map(|above| {
        view! {
            <Link to=Route::Folder(item.parent) class="link">
                <Sentence text=say!("Back to “{folder}”", folder = above) />
            </Link>
        }
    });
    let address = commands.address(&paths::content_named(item.id, item.version(), &item.name));
    let counts = shown.with_value(|shown| shown.counts_downloads);
    let may_look = !counts && FileKind::of(&item) != FileKind::Foreign;
    let looks = RwSignal::new(false);
    let looked_at = StoredValue::new(item.clone());
    view! {
        <section class="visit-file" data-testid="linked-file" data-name=name.clone()>
            {back}
            <span class="row-icon">
                <Glyph icon=Icon::for_name(&name) />
            </span>
            <h1>
                <bdi>{name.clone()}</bdi>
            </h1>
            {facts}
            {is_alone.then(|| shown.with_value(whose))}
            <div class="line-acts">
                <a class="button button-main" href=address download=name.clone()>
                    <Glyph icon=Icon::Download />
                    {t("Download")}
                </a>
                {may_look
                    .then(|| {
                        view! {
                            <button
                                type="button"
                                class="button"
                                disabled=looks
                                on:click=move |_| looks.set(true)
                            >
                                <Glyph icon=Icon::Eye />
                                {t("Look at it here")}
                            </button>
                        }
                    })}
            </div>
            {move || looks.get().then(|| view! { <Content item=looked_at.get_value() /> })}
        </section>
    }
}
