//! The conflict centre: what is open and what was settled, and each conflict
//! as a dialog for a quick answer or as a page to compare and merge.

mod card;
mod choices;
mod dialog;
mod images;
mod kind;
mod list;
mod map;
mod matters;
mod page;
mod previews;
mod put_off;
mod settled;
mod sides;
mod stopped;
mod text;

pub use dialog::ConflictDialog;
pub use kind::FileKind;
pub use page::{ConflictView, MAX_TEXT_BYTES};
pub use put_off::{PutOff, use_put_off};

use super::icon::{Glyph, Icon};
use crate::format::count;
use crate::state::Drive;
use crate::words::t;
use leptos::prelude::*;
use list::OpenConflicts;
use matters::Matters;
use settled::SettledConflicts;

/// How many conflicts and other matters wait for the person.
pub fn undecided(drive: Drive) -> Memo<usize> {
    Memo::new(move |_| drive.conflicts.with(|all| all.len()) + drive.matters.with(|all| all.len()))
}

#[component]
pub fn ConflictsView() -> impl IntoView {
    let drive: Drive = expect_context();
    let open = Memo::new(move |_| drive.conflicts.with(|all| all.len()));
    let undecided = undecided(drive);
    view! {
        <section class="page">
            <header class="page-head">
                <h1>
                    {move || match undecided.get() {
                        0 => t("Conflicts").to_owned(),
                        number => count(number, "conflict", "conflicts"),
                    }}
                </h1>
                <p>
                    {t("The same file was changed in two places at a time. Both versions are kept safe until you decide.")}
                </p>
            </header>
            <Show when=move || undecided.get() == 0>
                <div class="empty">
                    <Glyph icon=Icon::Check />
                    <h2>{t("Nothing to decide")}</h2>
                    <p>{t("When two edits of a file meet, you find them here.")}</p>
                </div>
            </Show>
            <Show when=move || { open.get() > 0 }>
                <OpenConflicts />
            </Show>
            <Matters />
            <SettledConflicts />
        </section>
    }
}
