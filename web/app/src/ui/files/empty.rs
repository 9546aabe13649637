//! What is shown where no rows are.

use super::browse::use_browse;
use crate::state::Drive;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::route::{Link, Route};
use crate::words::t;
use leptos::prelude::*;

#[component]
pub fn EmptyFolder() -> impl IntoView {
    let browse = use_browse();
    let drive: Drive = expect_context();
    move || {
        if browse.folder.get().is_none() && drive.root.is_none() {
            view! {
                <div class="empty empty-root">
                    <img src="/favicon.svg" alt="" width="72" height="72" />
                    <h2>{t("Add your first files")}</h2>
                    <p>
                        {t("Drop files or whole folders anywhere on this page. They are on all your devices a moment later, and when one of them changes, only what changed travels.")}
                    </p>
                    <p>
                        {t("A lost password has one way back:")}
                        " "
                        <Link to=Route::Settings class="link">
                            {t("recovery codes")}
                        </Link>
                        ". "
                        {t("Make them now, and keep them somewhere safe.")}
                    </p>
                </div>
            }
            .into_any()
        } else {
            view! {
                <div class="empty">
                    <Glyph icon=Icon::Folder />
                    <h2>{t("This folder is empty")}</h2>
                    {drive.may_change().then(|| view! { <p>{t("Drop files here to fill it.")}</p> })}
                </div>
            }
            .into_any()
        }
    }
}

#[component]
pub fn Gone() -> impl IntoView {
    let drive: Drive = expect_context();
    let trash = drive.root.is_none().then(|| {
        view! {
            {t("It may be in the")}
            " "
            <Link to=Route::Trash class="link">
                {t("trash")}
            </Link>
            ". "
        }
    });
    view! {
        <div class="empty">
            <Glyph icon=Icon::Folder />
            <h2>{t("This folder is not here any more")}</h2>
            <p>
                {trash}
                <Link to=Route::Folder(None) class="link">
                    {t("Back to all files")}
                </Link>
            </p>
        </div>
    }
}

/// At an address of the page that leads nowhere.
#[component]
pub fn NothingHere() -> impl IntoView {
    view! {
        <div class="empty" data-testid="nothing-here">
            <Glyph icon=Icon::Warning />
            <h1>{t("There is nothing at this address")}</h1>
            <p>
                {t("Perhaps it was not copied whole.")}
                " "
                <Link to=Route::Folder(None) class="link">
                    {t("Go to your files")}
                </Link>
            </p>
        </div>
    }
}

/// Rows to come, in their place and size.
#[component]
pub fn Loading() -> impl IntoView {
    view! {
        <div class="skeleton" role="status" aria-label=t("Loading your files")>
            {(0..8).map(|_| view! { <div class="skeleton-row"></div> }).collect_view()}
        </div>
    }
}
