//! The account menu: who is signed in, light or dark, and the way out.

use crate::commands::use_commands;
use crate::language::{LANGUAGES, Language, spoken};
use crate::state::Drive;
use crate::state::session::SessionState;
use crate::ui::dialogs::{Ask, use_dialogs};
use crate::ui::icon::{Glyph, Icon};
use crate::ui::menu::{Menu, MenuPopover};
use crate::ui::route::{Route, use_router};
use crate::ui::sign_out::leave_or_ask;
use crate::ui::space::{use_space, used_words};
use crate::ui::speak::speak;
use crate::ui::theme::{Shade, Theme};
use crate::words::t;
use leptos::html;
use leptos::prelude::*;

#[component]
pub fn AccountMenu() -> impl IntoView {
    let drive: Drive = expect_context();
    let commands = use_commands();
    let dialogs = use_dialogs();
    let menu = Menu::new();
    let router = use_router();
    let space = use_space();
    let button = NodeRef::<html::Button>::new();
    let name = Memo::new(move |_| match drive.session.get() {
        SessionState::SignedIn(session) => session.user.name,
        _ => String::new(),
    });
    let administers = Memo::new(move |_| drive.session.with(SessionState::is_administrator));
    let toggle = move |_| match button.get_untracked() {
        Some(button) if !menu.is_open() => menu.open_beside(&button),
        _ => menu.close(),
    };
    view! {
        <button
            node_ref=button
            type="button"
            class="avatar"
            aria-label=t("Account")
            aria-haspopup="menu"
            aria-expanded=move || menu.is_open().to_string()
            title=name
            on:click=toggle
        >
            {move || name.with(|name| name.chars().next().map(String::from))}
        </button>
        <MenuPopover menu label=t("Account")>
            <p class="menu-head" role="presentation">
                <strong>{name}</strong>
                <small>{move || space.get().map(|space| used_words(&space))}</small>
            </p>
            <ShadeItem shade=Shade::System icon=Icon::Auto label=t("As the system") />
            <ShadeItem shade=Shade::Light icon=Icon::Sun label=t("Light") />
            <ShadeItem shade=Shade::Dark icon=Icon::Moon label=t("Dark") />
            <hr />
            {LANGUAGES.map(|language| view! { <LanguageItem language /> }).collect_view()}
            <hr />
            <button
                type="button"
                role="menuitem"
                on:click=move |_| router.within(None).go(Route::Storage)
            >
                <Glyph icon=Icon::Tiles />
                {t("Storage")}
            </button>
            <Show when=move || administers.get()>
                <button
                    type="button"
                    role="menuitem"
                    on:click=move |_| router.within(None).go(Route::Administration)
                >
                    <Glyph icon=Icon::People />
                    {t("Administration")}
                </button>
            </Show>
            <button type="button" role="menuitem" on:click=move |_| dialogs.open(Ask::Password)>
                <Glyph icon=Icon::Key />
                {t("Change password")}
            </button>
            <button type="button" role="menuitem" on:click=move |_| leave_or_ask((drive, commands), dialogs)>
                <Glyph icon=Icon::SignOut />
                {t("Sign out")}
            </button>
        </MenuPopover>
    }
}

#[component]
fn ShadeItem(shade: Shade, icon: Icon, label: &'static str) -> impl IntoView {
    let chosen = expect_context::<Theme>().chosen();
    view! {
        <button
            type="button"
            role="menuitemradio"
            aria-checked=move || (chosen.get() == shade).to_string()
            on:click=move |_| chosen.set(shade)
        >
            <Glyph icon />
            {label}
        </button>
    }
}

#[component]
fn LanguageItem(language: Language) -> impl IntoView {
    view! {
        <button
            type="button"
            role="menuitemradio"
            aria-checked=(spoken() == language).to_string()
            lang=language.code
            on:click=move |_| speak(language)
        >
            <span class="glyph" aria-hidden="true"></span>
            <bdi>{language.name}</bdi>
        </button>
    }
}
