//! What the person had not sent when a root was withdrawn: it is nowhere but here, until
//! they have it elsewhere or let go of it.

use super::super::each::Each;
use super::super::icon::{Glyph, Icon};
use super::super::route::{Link, Route};
use super::super::sentence::Sentence;
use crate::commands::use_commands;
use crate::format::bytes;
use crate::state::Drive;
use crate::state::shares::{Left, LeftFile};
use crate::words::{say, t};
use leptos::prelude::*;

/// All of it, of whatever root.
#[component]
pub fn LeftBehind() -> impl IntoView {
    let drive: Drive = expect_context();
    view! {
        <Each
            each=move || drive.shares.left.get()
            key=|left| (left.root, left.files.clone())
            children=|left| view! { <Of left /> }
        />
    }
}

/// In place of a root that is not shared with the person any more.
#[component]
pub fn WithdrawnView() -> impl IntoView {
    view! {
        <section class="page">
            <header class="page-head">
                <h1>{t("Shared")}</h1>
            </header>
            <div class="empty" data-testid="withdrawn">
                <Glyph icon=Icon::People />
                <h2>{t("This is not shared with you any more")}</h2>
                <p>
                    <Link to=Route::Shares class="link">
                        {t("What is shared")}
                    </Link>
                </p>
            </div>
            <LeftBehind />
        </section>
    }
}

#[component]
fn Of(left: Left) -> impl IntoView {
    let commands = use_commands();
    let (root, name) = (left.root, left.name.clone());
    let shown = name.clone();
    let files = left.files.clone();
    let taken = RwSignal::new(false);
    let take = move |_| {
        commands.take_left(left.clone());
        taken.set(true);
    };
    view! {
        <section class="left-behind" data-testid="left-behind" data-name=name>
            <h2 class="page-part">
                <Sentence text=say!("Not sent to “{name}”", name = shown) />
            </h2>
            <p class="hint">
                {t("You changed these before it was withdrawn, and they had not reached the server. They are only in this browser.")}
            </p>
            <ul class="lines lines-boxed">
                {files.into_iter().map(|file| view! { <File root file /> }).collect_view()}
            </ul>
            <div class="page-acts">
                <button type="button" class="button button-main" disabled=taken on:click=take>
                    {move || if taken.get() { t("On the way into your drive") } else { t("Put all into my drive") }}
                </button>
                <button type="button" class="button" on:click=move |_| commands.drop_left(root)>
                    {t("Let go of them")}
                </button>
            </div>
        </section>
    }
}

#[component]
fn File(root: protocol::ids::ItemId, file: LeftFile) -> impl IntoView {
    let commands = use_commands();
    let name = file.name.clone();
    let saved = file.clone();
    view! {
        <li class="line line-grows" data-testid="left-file" data-name=name.clone()>
            <span class="row-icon">
                <Glyph icon=Icon::for_name(&name) />
            </span>
            <span class="line-words">
                <strong title=name.clone()>{name.clone()}</strong>
                <span>{bytes(file.size)}</span>
            </span>
            <button
                type="button"
                class="button"
                aria-label=say!("Download {name}", name)
                on:click=move |_| commands.save_left(root, saved.clone())
            >
                {t("Download")}
            </button>
        </li>
    }
}
