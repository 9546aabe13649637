//! Where one can go, and how full the drive is. On a phone it is the bar at
//! the bottom.

use crate::format::decimal;
use crate::state::Drive;
use crate::ui::conflicts::undecided;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::route::{Link, PAGES, Route, use_router};
use crate::ui::space::{use_space, used_words};
use crate::words::t;
use leptos::prelude::*;
use protocol::accounts::Space;

#[component]
pub fn Sidebar() -> impl IntoView {
    let drive: Drive = expect_context();
    let (conflicts, router) = (undecided(drive), use_router());
    let in_shared = move || matches!(router.at(), Route::Shared(..));
    view! {
        <div class="sidebar">
            <nav aria-label=t("Drive")>
                <FilesLink />
                {PAGES
                    .map(|page| {
                        let counts = page.route == Route::Conflicts;
                        let stands_for = page.route == Route::Shares;
                        view! {
                            <div class="nav-page" class:nav-here=move || stands_for && in_shared()>
                                <Link to=page.route class="nav-link">
                                    <Glyph icon=page.icon />
                                    <span>{t(page.title)}</span>
                                    <Show when=move || { counts && conflicts.get() > 0 }>
                                        <span class="nav-count" aria-hidden="true">{conflicts}</span>
                                    </Show>
                                </Link>
                            </div>
                        }
                    })}
            </nav>
            <Storage />
        </div>
    }
}

/// Leads to the root, and stands for every folder.
#[component]
fn FilesLink() -> impl IntoView {
    let router = use_router();
    let here = move || matches!(router.at(), Route::Folder(_) | Route::File(..));
    view! {
        <div class="nav-files" class:nav-here=here>
            <Link to=Route::Folder(None) class="nav-link" drop_target="root">
                <Glyph icon=Icon::Folder />
                <span>{t("Files")}</span>
            </Link>
        </div>
    }
}

#[component]
fn Storage() -> impl IntoView {
    let space = use_space();
    let share = |space: &Space| {
        (space.used_bytes as f64 / space.quota_bytes.max(1) as f64 * 100.0).clamp(0.0, 100.0)
    };
    view! {
        <div class="storage" data-testid="storage" role="region" aria-label=t("Storage use")>
            {move || {
                space
                    .get()
                    .map(|space| {
                        let words = used_words(&space);
                        let percent = share(&space);
                        let nearly_full = percent > 90.0;
                        view! {
                            <div
                                class="bar"
                                class:bar-bad=nearly_full
                                role="meter"
                                aria-label=t("Storage")
                                aria-valuemin="0"
                                aria-valuemax="100"
                                aria-valuenow=decimal(percent, 0)
                                aria-valuetext=words.clone()
                            >
                                <div class="bar-fill" style:width=format!("{}%", decimal(percent, 2))></div>
                            </div>
                            <p>
                                <Link to=Route::Storage>{words}</Link>
                            </p>
                        }
                    })
            }}
        </div>
    }
}
