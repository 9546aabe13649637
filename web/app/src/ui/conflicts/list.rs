//! The list of open conflicts: how many, of what kind, between whom, how old;
//! filters, and what can be done with several at once.

use super::kind::FileKind;
use super::sides::{Side, Sides};
use crate::commands::{Commands, KeepWhich, use_commands};
use crate::format::{ago, moment};
use crate::state::Drive;
use crate::ui::clock::use_clock;
use crate::ui::damaged::{DamagedMark, DamagedRecord};
use crate::ui::each::Each;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::route::{Link, Route};
use crate::words::{say, say_many, t};
use leptos::prelude::*;
use protocol::conflicts::Conflict;
use protocol::ids::{ConflictId, ItemId};
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// What of the list is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Filter {
    All,
    /// One side is from this device.
    Mine,
    Of(FileKind),
}

impl Filter {
    fn shows(self, sides: &Sides) -> bool {
        match self {
            Filter::All => true,
            Filter::Mine => Side::BOTH.iter().any(|&side| sides.is_from_here(side)),
            Filter::Of(kind) => FileKind::of(&sides.item.name) == kind,
        }
    }

    fn words(self) -> &'static str {
        match self {
            Filter::All => t("All"),
            Filter::Mine => t("From this device"),
            Filter::Of(kind) => kind.plural(),
        }
    }
}

#[component]
pub fn OpenConflicts() -> impl IntoView {
    let drive: Drive = expect_context();
    let commands = use_commands();
    let open = Memo::new(move |_| {
        let mut open: Vec<Conflict> = drive.conflicts.with(|all| all.values().cloned().collect());
        open.sort_by_cached_key(|conflict| std::cmp::Reverse(conflict.committed.at_ms));
        let sides = open.into_iter();
        sides
            .filter_map(|conflict| Sides::of(drive, commands, conflict))
            .collect::<Vec<Sides>>()
    });
    let filter = RwSignal::new(Filter::All);
    let chosen = RwSignal::new(BTreeSet::<ConflictId>::new());
    // What was settled elsewhere is chosen no more.
    Effect::new(move |_| {
        let ids: HashSet<ConflictId> = open.with(|open| open.iter().map(id_of).collect());
        chosen.update(|chosen| chosen.retain(|id| ids.contains(id)));
    });
    let shown = Memo::new(move |_| {
        let filter = filter.get();
        open.with(|open| {
            let shown = open.iter().filter(|sides| filter.shows(sides));
            shown.cloned().collect::<Vec<Sides>>()
        })
    });
    view! {
        <Filters open filter />
        <Bulk shown chosen />
        <ul class="lines lines-boxed">
            <Each
                each=move || shown.get()
                key=|sides| {
                    let place = (sides.item.place_version, sides.place.clone());
                    (sides.conflict.id, sides.head.version, place)
                }
                children=move |sides| view! { <Line sides chosen /> }
            />
        </ul>
    }
}

fn id_of(sides: &Sides) -> ConflictId {
    sides.conflict.id
}

/// One button for each filter that shows anything.
#[component]
fn Filters(open: Memo<Vec<Sides>>, filter: RwSignal<Filter>) -> impl IntoView {
    let counts = Memo::new(move |_| {
        open.with(|open| {
            let mut kinds: BTreeMap<FileKind, usize> = BTreeMap::new();
            for sides in open {
                *kinds.entry(FileKind::of(&sides.item.name)).or_default() += 1;
            }
            let mine = open
                .iter()
                .filter(|sides| Filter::Mine.shows(sides))
                .count();
            let kinds = kinds.into_iter().map(|(kind, n)| (Filter::Of(kind), n));
            let mut all = vec![(Filter::All, open.len()), (Filter::Mine, mine)];
            all.extend(kinds);
            all.retain(|(filter, number)| *number > 0 || *filter == Filter::All);
            all
        })
    });
    // A filter whose last conflict is settled would leave an empty list.
    Effect::new(move |_| {
        let gone = counts.with(|counts| counts.iter().all(|(one, _)| *one != filter.get()));
        if gone {
            filter.set(Filter::All);
        }
    });
    view! {
        <div class="filters" role="group" aria-label=t("Show")>
            <Each
                each=move || counts.get()
                key=|(filter, number)| (filter.words(), *number)
                children=move |(one, number)| {
                    view! {
                        <button
                            type="button"
                            class="chip"
                            aria-pressed=move || (filter.get() == one).to_string()
                            on:click=move |_| filter.set(one)
                        >
                            {one.words()}
                            <span class="chip-count">{number}</span>
                        </button>
                    }
                }
            />
        </div>
    }
}

/// Decides on all that are chosen.
#[component]
fn Bulk(shown: Memo<Vec<Sides>>, chosen: RwSignal<BTreeSet<ConflictId>>) -> impl IntoView {
    let drive: Drive = expect_context();
    let commands = use_commands();
    let all_chosen = Memo::new(move |_| {
        shown.with(|shown| {
            !shown.is_empty()
                && chosen.with(|chosen| shown.iter().all(|s| chosen.contains(&id_of(s))))
        })
    });
    let toggle_all = move |_| {
        let all = all_chosen.get_untracked();
        shown.with_untracked(|shown| {
            chosen.update(|chosen| {
                for id in shown.iter().map(id_of) {
                    if all {
                        chosen.remove(&id);
                    } else {
                        chosen.insert(id);
                    }
                }
            });
        });
    };
    let none = Memo::new(move |_| chosen.with(BTreeSet::is_empty));
    let decide = move |keep: Bulky| {
        let picked: Vec<Sides> = shown.with_untracked(|shown| {
            chosen.with_untracked(|chosen| {
                let picked = shown.iter().filter(|s| chosen.contains(&id_of(s)));
                picked.cloned().collect()
            })
        });
        settle((drive, commands), keep, &picked);
    };
    view! {
        <div class="bulk-line" role="toolbar" aria-label=t("Decide on several")>
            <label class="check">
                <input type="checkbox" prop:checked=all_chosen on:change=toggle_all />
                <span>
                    {move || match chosen.with(BTreeSet::len) {
                        0 => t("Choose all").to_owned(),
                        number => say_many!(number, "1 conflict chosen", "{n} conflicts chosen"),
                    }}
                </span>
            </label>
            <span class="bulk-buttons">
                {[Bulky::Mine, Bulky::Theirs, Bulky::Both]
                    .map(|keep| {
                        view! {
                            <button
                                type="button"
                                class="button button-small"
                                disabled=none
                                title=keep.title()
                                on:click=move |_| decide(keep)
                            >
                                {keep.words()}
                            </button>
                        }
                    })}
            </span>
        </div>
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bulky {
    Mine,
    Theirs,
    Both,
}

impl Bulky {
    fn words(self) -> &'static str {
        match self {
            Bulky::Mine => t("Keep newest of mine"),
            Bulky::Theirs => t("Keep theirs"),
            Bulky::Both => t("Keep both"),
        }
    }

    fn title(self) -> &'static str {
        match self {
            Bulky::Mine => t(
                "The newest version from this device becomes the file. Conflicts without one stay open",
            ),
            Bulky::Theirs => t(
                "The version that is not from this device becomes the file. Conflicts without one stay open",
            ),
            Bulky::Both => t("Every second version is put beside its file as a copy"),
        }
    }
}

/// Of several conflicts of one file, only the newest can be put in its place at
/// once: the others were not compared with that, and stay open.
fn settle((drive, commands): (Drive, Commands), keep: Bulky, picked: &[Sides]) {
    let mut newest_first = picked.to_vec();
    newest_first.sort_by_cached_key(|sides| std::cmp::Reverse(sides.conflict.committed.at_ms));
    let mut replaced: BTreeSet<ItemId> = BTreeSet::new();
    let (mut settled, mut left) = (Vec::new(), 0_usize);
    for sides in &newest_first {
        let which = match keep {
            Bulky::Both => Some(KeepWhich::Both),
            Bulky::Mine => of_side(sides, true),
            Bulky::Theirs => of_side(sides, false),
        };
        let fits = match which {
            Some(KeepWhich::Mine) => replaced.insert(sides.item.id),
            Some(_) => !replaced.contains(&sides.item.id),
            None => false,
        };
        let Some(which) = which.filter(|_| fits) else {
            left += 1;
            continue;
        };
        match commands.resolve(sides.conflict.id, which) {
            Ok(()) => settled.push(sides.conflict.id),
            Err(failure) => {
                left += 1;
                let what = say!("“{name}” was not decided", name = sides.item.name);
                drive.notices.failure(&what, &failure);
            }
        }
    }
    let done = say_many!(settled.len(), "1 conflict settled", "{n} conflicts settled");
    let words = match left {
        0 => done,
        left => say_many!(
            left,
            "{done}. 1 stays open: they have no such version, or are of a file that has just changed",
            "{done}. {n} stay open: they have no such version, or are of a file that has just changed",
            done
        ),
    };
    commands.tell_when_decided(settled, false, words);
}

/// The choice that keeps the version from this device, or the other one.
fn of_side(sides: &Sides, from_here: bool) -> Option<KeepWhich> {
    let side = if sides.is_from_here(Side::Second) {
        Side::Second
    } else if sides.is_from_here(Side::First) {
        Side::First
    } else {
        return None;
    };
    Some(match (side, from_here) {
        (Side::Second, true) | (Side::First, false) => KeepWhich::Mine,
        (Side::First, true) | (Side::Second, false) => KeepWhich::Theirs,
    })
}

#[component]
fn Line(sides: Sides, chosen: RwSignal<BTreeSet<ConflictId>>) -> impl IntoView {
    let clock = use_clock();
    let id = sides.conflict.id;
    let name = sides.item.name.to_string();
    let at = sides.conflict.committed.at_ms;
    let toggle = move |_| {
        chosen.update(|chosen| {
            if !chosen.remove(&id) {
                chosen.insert(id);
            }
        });
    };
    view! {
        <li class="line line-grows" data-testid="conflict" data-name=name.clone()>
            <input
                type="checkbox"
                aria-label=say!("Choose {name}", name)
                prop:checked=move || chosen.with(|chosen| chosen.contains(&id))
                on:change=toggle
            />
            <span class="row-icon row-icon-conflict">
                <Glyph icon=Icon::for_name(&name) />
            </span>
            <span class="line-words">
                <strong title=name.clone()>{name.clone()}</strong>
                <span class="line-place">{t("In")} " " <bdi>{sides.place.clone()}</bdi></span>
                {Side::BOTH
                    .map(|side| {
                        view! {
                            <span class="line-side" data-side=side.key()>
                                <span class="side-mark" aria-hidden="true"></span>
                                <span>
                                    {match side {
                                        Side::First => say!("First: {name}", name = sides.name(side)),
                                        Side::Second => say!("Second: {name}", name = sides.name(side)),
                                    }}
                                </span>
                            </span>
                        }
                    })}
            </span>
            {sides.conflict.damaged.then(|| view! { <DamagedMark record=DamagedRecord::Conflict /> })}
            <span class="line-age" title=moment(at)>
                {move || ago(at, clock.now_ms())}
            </span>
            <Link to=Route::Conflict(id) class="button button-main" label=say!("Decide on {name}", name)>
                {t("Decide")}
            </Link>
        </li>
    }
}
