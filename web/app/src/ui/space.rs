//! How full the drive is, in words and units, and the way to what can be done.

use super::icon::{Glyph, Icon};
use super::route::{Link, Route};
use crate::format::used;
use crate::state::Drive;
use crate::state::session::SessionState;
use crate::state::uploads::{Progress, Stage};
use crate::words::{figure, say, say_many, t};
use leptos::prelude::*;
use protocol::accounts::Space;

/// The part of what a space may have that is told as nearly all of it, in percent.
const NEAR_PERCENT: u64 = 90;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DriveFill {
    Fine,
    Near,
    Full,
}

impl DriveFill {
    fn of(used: u64, most: u64) -> Self {
        // An older server says no bound.
        if most == 0 {
            DriveFill::Fine
        } else if used >= most {
            DriveFill::Full
        } else if used / 100 >= most.saturating_mul(NEAR_PERCENT) / 10_000 {
            DriveFill::Near
        } else {
            DriveFill::Fine
        }
    }
}

/// The space of whoever is signed in, as the server last said.
pub fn use_space() -> Memo<Option<Space>> {
    let drive: Drive = expect_context();
    Memo::new(move |_| {
        drive.session.with(|session| match session {
            SessionState::SignedIn(session) => Some(session.space),
            _ => None,
        })
    })
}

/// "29 MB of 30 MB are used; 17 MB of that is in the trash"
pub fn used_words(space: &Space) -> String {
    used(space.used_bytes, space.quota_bytes, space.trash.bytes)
}

/// What is full or nearly so, and how much of it there is.
fn told(space: &Space) -> Option<(DriveFill, String)> {
    let bytes = DriveFill::of(space.used_bytes, space.quota_bytes);
    let counts = space.counts;
    let items = say!(
        "it has {number} of {most} files and folders",
        number = figure(counts.items),
        most = figure(counts.most_items)
    );
    let pieces = say!(
        "it has {number} of {most} pieces of files",
        number = figure(counts.list_rows),
        most = figure(counts.most_list_rows)
    );
    let counts = [
        (DriveFill::of(counts.items, counts.most_items), items),
        (
            DriveFill::of(counts.list_rows, counts.most_list_rows),
            pieces,
        ),
    ];
    let (fill, words) = counts
        .into_iter()
        // The bytes first, where several are as full.
        .fold((bytes, used_words(space)), |fullest, next| {
            match next.0 > fullest.0 {
                true => next,
                false => fullest,
            }
        });
    let words = match fill {
        DriveFill::Fine => return None,
        DriveFill::Near => say!("The drive is nearly full: {figures}.", figures = words),
        DriveFill::Full => say!("The drive is full: {figures}.", figures = words),
    };
    Some((fill, words))
}

/// Says that the drive is nearly full or full, before anything is refused. Nothing
/// while there is room.
#[component]
pub fn SpaceNote() -> impl IntoView {
    let space = use_space();
    let note = Memo::new(move |_| {
        space
            .get()
            .and_then(|space| Some((told(&space)?, space.trash)))
    });
    view! {
        <div role="status">
            {move || {
                note.get()
                    .map(|((fill, words), trash)| {
                        view! {
                            <p
                                class="space-note"
                                class:space-full=fill == DriveFill::Full
                                data-testid="space-note"
                            >
                                <Glyph icon=Icon::Warning />
                                <span>{words} " " <WayOut in_trash=trash.items /></span>
                            </p>
                        }
                    })
            }}
        </div>
    }
}

/// The same where uploads were refused for it, whatever the figures are by now.
#[component]
pub fn RefusedForSpace() -> impl IntoView {
    let (drive, space): (Drive, _) = (expect_context(), use_space());
    let refused = Memo::new(move |_| {
        // Changes with the number of those that failed.
        drive.uploads.total.track();
        refused(drive)
    });
    move || {
        space.get().map(|space| {
            let full = told(&space).map_or_else(
                || {
                    say!(
                        "There is too little room: {figures}.",
                        figures = used_words(&space)
                    )
                },
                |(_, words)| words,
            );
            let words = format!("{} {full}", refused.get());
            view! {
                <p class="space-note space-full" data-testid="refused-for-space" role="status">
                    <Glyph icon=Icon::Warning />
                    <span>{words} " " <WayOut in_trash=space.trash.items /></span>
                </p>
            }
        })
    }
}

/// "“a.bin” and 3 more were not uploaded."
fn refused(drive: Drive) -> String {
    let failed: Vec<String> = drive.uploads.entries.with_untracked(|entries| {
        let failed = entries.iter().filter(|entry| {
            let stage = |progress: &Progress| matches!(progress.stage, Stage::Failed { .. });
            entry.progress.with_untracked(stage)
        });
        let names = failed.map(|entry| entry.source.with_value(|source| source.name.clone()));
        names.collect()
    });
    match failed.as_slice() {
        [] => String::new(),
        [only] => say!("“{name}” was not uploaded.", name = only),
        [first, more @ ..] => say_many!(
            more.len(),
            "“{name}” and 1 more were not uploaded.",
            "“{name}” and {n} more were not uploaded.",
            name = first
        ),
    }
}

#[component]
fn WayOut(in_trash: u64) -> impl IntoView {
    let words = match in_trash {
        0 => t("What you trash can be deleted for good in the trash").to_owned(),
        _ => say_many!(
            in_trash,
            "Look at the 1 item in the trash",
            "Look at the {n} items in the trash"
        ),
    };
    view! {
        <Link to=Route::Trash class="link">
            {words}
        </Link>
    }
}

#[cfg(test)]
mod tests {
    use super::{DriveFill, told};
    use protocol::accounts::{Counts, Space, Trash};
    use protocol::ids::SpaceId;

    fn space(used_bytes: u64, items: u64) -> Space {
        Space {
            id: SpaceId::from_random([0; 16]),
            used_bytes,
            quota_bytes: 30_000_000,
            metadata_bytes: 0,
            stored_bytes: used_bytes,
            trash: Trash {
                items: 2,
                bytes: 17_000_000,
                has_more: false,
            },
            counts: Counts {
                items,
                most_items: 100_000,
                ..Counts::default()
            },
        }
    }

    #[test]
    fn a_drive_says_that_it_is_nearly_full_before_it_is() {
        assert_eq!(told(&space(20_000_000, 5)), None);
        let (fill, words) = told(&space(29_017_536, 5)).unwrap();
        assert_eq!(fill, DriveFill::Near);
        assert_eq!(
            words,
            "The drive is nearly full: 29 MB of 30 MB are used; 17 MB of that is in the trash."
        );
        assert_eq!(told(&space(30_000_000, 5)).unwrap().0, DriveFill::Full);
    }

    #[test]
    fn too_many_files_are_told_as_that() {
        let (fill, words) = told(&space(0, 99_000)).unwrap();
        assert_eq!(fill, DriveFill::Near);
        assert!(words.contains("it has 99,000 of 100,000 files and folders"));
    }
}
