//! One conflict as a page of its own: its versions side by side, and every way
//! to settle it.

use super::card::SideTitle;
use super::choices::Choices;
use super::dialog::{Moved, explanation};
use super::images::Images;
use super::kind::FileKind;
use super::map::ChangedRanges;
use super::previews::Previews;
use super::put_off::use_put_off;
use super::sides::{Side, Sides, file_name};
use super::stopped::StoppedMerge;
use super::text::{KeptTexts, TextMerge};
use crate::commands::use_commands;
use crate::state::Drive;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::openings::{OpenBy, tell_open};
use crate::ui::route::{Link, Route, use_router};
use crate::ui::work::{Work, WorkError};
use crate::words::{say, t};
use leptos::prelude::*;
use protocol::ids::ConflictId;

/// Larger files are compared by their blocks only: lines of that many bytes
/// are no text that somebody merges by hand.
pub const MAX_TEXT_BYTES: u64 = 32 << 20;

#[component]
pub fn ConflictView(conflict: ConflictId) -> impl IntoView {
    let drive: Drive = expect_context();
    // Whoever looks at one does not want to be asked about it as well.
    use_put_off().put_off(conflict);
    let commands = use_commands();
    let sides = Memo::new(move |_| Sides::read(drive, commands, conflict));
    let open = Memo::new(move |_| sides.with(Option::is_some));
    let known = Memo::new(move |_| drive.tree.with(|tree| tree.complete));
    view! {
        <section class="resolver" aria-labelledby="resolver-name">
            {move || match (open.get(), known.get()) {
                (true, _) => view! { <Open conflict sides /> }.into_any(),
                (false, true) => view! { <Settled conflict /> }.into_any(),
                (false, false) => {
                    view! { <div class="skeleton" role="status" aria-label=t("Loading the conflict")></div> }
                        .into_any()
                }
            }}
        </section>
    }
}

#[component]
fn Open(conflict: ConflictId, sides: Memo<Option<Sides>>) -> impl IntoView {
    let drive: Drive = expect_context();
    let item = sides.with_untracked(|sides| sides.as_ref().map(|sides| sides.item.id));
    if let Some(item) = item {
        tell_open(item);
    }
    let name = Memo::new(move |_| item.map_or_else(String::new, |item| file_name(drive, item)));
    let work = Work::new();
    let router = use_router();
    let on_settled = move || router.go_on(Route::Conflict(conflict), Route::Conflicts);
    let place = Memo::new(move |_| sides.with(|s| s.as_ref().map(|s| s.place.clone())));
    // Set once it turned out that the name promised too much.
    let unshowable = RwSignal::new(false);
    let shows = Memo::new(move |_| sides.with(|sides| Shows::of(sides.as_ref(), unshowable.get())));
    let merges = Memo::new(move |_| shows.get() == Shows::Merge);
    let choices = move || {
        sides
            .get()
            .map(|sides| view! { <Choices sides work on_settled /> })
    };
    view! {
        <header class="resolver-head">
            <Link to=Route::Conflicts class="icon-button" label=t("Back to all conflicts")>
                <Glyph icon=Icon::Back />
            </Link>
            <div class="resolver-title">
                <h1 id="resolver-name">{name}</h1>
                <p>{t("In")} " " <bdi>{place}</bdi></p>
            </div>
            <NextConflict conflict />
        </header>
        <div class="resolver-body">
            {item.map(|item| view! { <OpenBy item /> })}
            {move || {
                sides
                    .get()
                    .map(|sides| {
                        view! {
                            <p class="lead">{explanation(&sides)}</p>
                            <Moved sides />
                        }
                    })
            }}
            <StoppedMerge conflict name />
            <Compared sides shows unshowable />
            <Show when=move || merges.get()>
                <details class="whole">
                    <summary>{t("Keep a whole version")}</summary>
                    {choices}
                </details>
                <WorkError work />
            </Show>
        </div>
        // What can't be merged is decided by one of these: they stay in sight.
        <Show when=move || !merges.get()>
            <footer class="resolver-foot" data-testid="whole-versions">
                <WorkError work />
                {choices}
            </footer>
        </Show>
    }
}

/// How the two are shown.
#[derive(Clone, Copy, PartialEq)]
enum Shows {
    Merge,
    Images,
    Preview(FileKind),
    Blocks,
}

impl Shows {
    fn of(sides: Option<&Sides>, is_unshowable: bool) -> Self {
        let is_large = |side: &Side| sides.is_some_and(|s| s.size(*side) > MAX_TEXT_BYTES);
        match sides.map_or(FileKind::Other, |s| FileKind::of(&s.item.name)) {
            _ if is_unshowable => Shows::Blocks,
            FileKind::Image => Shows::Images,
            kind @ (FileKind::Pdf | FileKind::Audio | FileKind::Video) => Shows::Preview(kind),
            FileKind::Binary => Shows::Blocks,
            FileKind::Text | FileKind::Other if Side::BOTH.iter().any(is_large) => Shows::Blocks,
            FileKind::Text | FileKind::Other => Shows::Merge,
        }
    }
}

/// The two. A version that arrives meanwhile changes the sides and not the kind: what is
/// being merged goes on.
#[component]
fn Compared(
    sides: Memo<Option<Sides>>,
    shows: Memo<Shows>,
    unshowable: RwSignal<bool>,
) -> impl IntoView {
    let on_unshowable = Callback::new(move |()| {
        unshowable.try_set(true);
    });
    let by_blocks = move || {
        sides.get().map(|sides| {
            view! {
                <div class="compare-two compare-titles">
                    <SideTitle sides=sides.clone() side=Side::First />
                    <SideTitle sides=sides.clone() side=Side::Second />
                </div>
                <ChangedRanges sides />
            }
        })
    };
    move || match shows.get() {
        Shows::Blocks => by_blocks().into_any(),
        Shows::Images => sides
            .get()
            .map(|sides| view! { <Images sides /> })
            .into_any(),
        Shows::Preview(kind) => sides
            .get()
            .map(|sides| view! { <Previews sides kind /> })
            .into_any(),
        Shows::Merge => view! { <TextMerge sides on_unshowable /> }.into_any(),
    }
}

#[component]
fn Settled(conflict: ConflictId) -> impl IntoView {
    view! {
        <KeptTexts conflict />
        <div class="empty">
            <Glyph icon=Icon::Check />
            <h1 id="resolver-name">{t("This conflict is settled")}</h1>
            <p>{t("Here, or on another device. What was decided can be taken back from the list.")}</p>
            <Link to=Route::Conflicts class="button button-main">
                {t("All conflicts")}
            </Link>
        </div>
    }
}

/// Leads through the open ones.
#[component]
fn NextConflict(conflict: ConflictId) -> impl IntoView {
    let drive: Drive = expect_context();
    let next = Memo::new(move |_| {
        drive.conflicts.with(|all| {
            let after = all.keys().find(|id| **id > conflict);
            after
                .or_else(|| all.keys().find(|id| **id != conflict))
                .map(|id| (*id, all.len()))
        })
    });
    move || {
        next.get().map(|(id, number)| {
            view! {
                <Link to=Route::Conflict(id) class="button button-small">
                    {say!("Next of {number}", number)}
                </Link>
            }
        })
    }
}
