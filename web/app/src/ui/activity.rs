//! What was done in this drive, by whom and from which device, the newest first.

mod act;
mod filters;
mod words;

pub use words::{grouped, what, who, without_the_last_go};

use super::dialogs::{Ask, use_dialogs};
use super::icon::{Glyph, Icon};
use super::route::{Link, Route};
use super::sentence::Sentence;
use super::who::Who;
use crate::commands::use_commands;
use crate::format::{date, moment, sentence, time};
use crate::refusals::InWords;
use crate::state::Drive;
use crate::state::session::SessionState;
use crate::words::{say, say_many, t};
use act::{Act, ActOnAll};
use filters::{Filters, FiltersBar};
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::activity::Done;
use protocol::ids::{ItemId, Seq, UserId};
use protocol::items::Item;
use protocol::notifications::EventType;
use std::time::Duration;
use words::reaches;

/// A folder of files changes the tree many times in a moment: the list is asked for
/// once it has been still for so long.
const STILL: Duration = Duration::from_millis(700);

/// For so many pages on end without an entry that is wanted, older ones are asked for
/// unasked.
const MOST_EMPTY_PAGES: usize = 20;

/// Of a group, the names that are told.
const MOST_NAMES: usize = 100;

#[derive(Clone, Copy)]
struct List {
    entries: RwSignal<Vec<Done>>,
    /// Where the older ones begin; `None` if there are none.
    next: RwSignal<Option<Seq>>,
    state: RwSignal<Loading>,
}

#[derive(Clone, PartialEq)]
enum Loading {
    First,
    Older,
    Idle,
    Failed {
        why: String,
        /// What was asked for: what is before this, or the newest.
        before: Option<Seq>,
    },
}

#[component]
pub fn ActivityView(
    /// Only of this item, and of what is in it.
    of: Option<ItemId>,
) -> impl IntoView {
    let drive: Drive = expect_context();
    let is_file = of.or(drive.root).is_some_and(|id| {
        let is_file = |item: &Item| item.file.is_some();
        drive
            .tree
            .with_untracked(|tree| tree.get(id).is_some_and(is_file))
    });
    let list = List {
        entries: RwSignal::new(Vec::new()),
        next: RwSignal::new(None),
        state: RwSignal::new(Loading::First),
    };
    let filters = Filters::new();
    // Counts what was asked for: an answer to other filters is late.
    let asked = StoredValue::new(0_u32);
    let commands = use_commands();
    let load = move |before: Option<Seq>| {
        let wanted = filters.wanted();
        let number = asked.with_value(|asked| *asked);
        let is_late = move || asked.try_get_value() != Some(number);
        spawn_local(async move {
            let mut before = before;
            for _ in 0..MOST_EMPTY_PAGES {
                let answer = commands.activity(before, of, &wanted).await;
                if is_late() {
                    return;
                }
                match answer {
                    Ok(page) => {
                        let (is_empty, next) = (page.entries.is_empty(), page.next_before);
                        list.take(page.entries, next, before.is_none());
                        let shows_nothing = list.entries.with_untracked(Vec::is_empty);
                        let looks_on = is_empty && (before.is_some() || shows_nothing);
                        match next.filter(|_| looks_on) {
                            Some(next) => before = Some(next),
                            None => return,
                        }
                        list.state.set(Loading::Older);
                    }
                    Err(failure) => {
                        let why = sentence(&failure.in_words());
                        list.state.try_set(Loading::Failed { why, before });
                        return;
                    }
                }
            }
            list.state.try_set(Loading::Idle);
        });
    };
    follow(drive, move || load(None));
    Effect::new(move |before: Option<()>| {
        filters.track();
        if before.is_some() {
            asked.update_value(|asked| *asked = asked.wrapping_add(1));
            list.entries.set(Vec::new());
            list.next.set(None);
            list.state.set(Loading::First);
            load(None);
        }
    });
    let ask = move |before: Option<Seq>| {
        list.state.set(match before {
            None => Loading::First,
            Some(_) => Loading::Older,
        });
        load(before);
    };
    let is_empty = move || list.entries.with(Vec::is_empty);
    view! {
        <section class="page">
            <header class="page-head">
                <h1>{t("Activity")}</h1>
                <p>
                    {move || match of {
                        None => view! { <Sentence text=all_of(drive) /> }.into_any(),
                        Some(id) => {
                            let text = say!("What was done with {name}", name = name_of(drive, Some(id)));
                            view! { <Sentence text /> " · " <Link to=Route::Activity(None) class="link">{t("Show everything")}</Link> }.into_any()
                        }
                    }}
                </p>
            </header>
            {drive
                .may_change()
                .then(|| {
                    let dialogs = use_dialogs();
                    let back = move |_| dialogs.open(Ask::Versions(of.or(drive.root)));
                    view! {
                        <p>
                            <button type="button" class="button" on:click=back>
                                {if is_file { t("Versions…") } else { t("Go back to…") }}
                            </button>
                        </p>
                    }
                })}
            <FiltersBar filters entries=list.entries />
            <Show when=move || list.state.get() == Loading::First>
                <div class="skeleton" role="status" aria-label=t("Loading what was done")></div>
            </Show>
            <Show when=move || {
                is_empty() && list.next.get().is_none() && list.state.get() == Loading::Idle
            }>
                <div class="empty">
                    <Glyph icon=Icon::Clock />
                    <h2>{move || if filters.are_set() { t("Nothing of that was done") } else { t("Nothing was done yet") }}</h2>
                    <p>
                        {move || match filters.are_set() {
                            true => t("There is nothing of this kind by them, as far back as is known."),
                            false => t("What you, your other devices and other people do with files is told here."),
                        }}
                    </p>
                </div>
            </Show>
            <Days list />
            {move || match list.state.get() {
                Loading::Failed { why, before } => {
                    view! {
                        <p class="form-error" role="alert">
                            {why} " "
                            <button type="button" class="link" on:click=move |_| ask(before)>
                                {t("Try again")}
                            </button>
                        </p>
                    }
                        .into_any()
                }
                state if list.next.get().is_some() => {
                    view! {
                        <button
                            type="button"
                            class="button"
                            disabled=state == Loading::Older
                            on:click=move |_| ask(list.next.get_untracked())
                        >
                            {if state == Loading::Older { t("Loading…") } else { t("Show older") }}
                        </button>
                    }
                        .into_any()
                }
                _ => ().into_any(),
            }}
        </section>
    }
}

/// Calls now, and again whenever the tree, or what is shared, has changed and is still.
fn follow(drive: Drive, load: impl Fn() + Copy + 'static) {
    let awaited = StoredValue::new(None::<TimeoutHandle>);
    Effect::new(move |before: Option<()>| {
        drive.tree.track();
        drive.shares.known.track();
        if before.is_none() {
            return load();
        }
        if let Some(earlier) = awaited.get_value() {
            earlier.clear();
        }
        awaited.set_value(set_timeout_with_handle(load, STILL).ok());
    });
    on_cleanup(move || {
        if let Some(Some(last)) = awaited.try_get_value() {
            last.clear();
        }
    });
}

impl List {
    /// Takes a page: the newest, or one that follows the last.
    fn take(self, page: Vec<Done>, next: Option<Seq>, is_newest: bool) {
        let kept = self
            .entries
            .try_with_untracked(|known| !is_newest || reaches(next, known));
        let Some(is_kept) = kept else { return };
        self.entries.update(|known| {
            if !is_kept {
                known.clear();
            }
            known.retain(|old| page.iter().all(|new| new.seq != old.seq));
            match is_newest {
                true => known.splice(0..0, page).for_each(drop),
                false => known.extend(page),
            }
        });
        if !is_newest || !is_kept {
            self.next.set(next);
        }
        self.state.set(Loading::Idle);
    }
}

/// The groups of each day, under its date.
#[component]
fn Days(list: List) -> impl IntoView {
    move || {
        let groups = grouped(list.entries.get());
        let mut days: Vec<(String, Vec<Vec<Done>>)> = Vec::new();
        for group in groups {
            let day = group.first().map(|done| date(done.event.timestamp));
            let day = day.unwrap_or_default();
            match days.last_mut() {
                Some((last, groups)) if *last == day => groups.push(group),
                _ => days.push((day, vec![group])),
            }
        }
        let day = |(day, groups): (String, Vec<Vec<Done>>)| {
            let lines = groups.into_iter().map(|group| view! { <Line group /> });
            view! {
                <h2 class="lines-head">{day}</h2>
                <ul class="lines lines-boxed">{lines.collect_view()}</ul>
            }
        };
        days.into_iter().map(day).collect_view()
    }
}

#[component]
fn Line(group: Vec<Done>) -> impl IntoView {
    let drive: Drive = expect_context();
    let first = group.first().cloned();
    first.map(|first| {
        let text = say!(
            "{who} {what}",
            who = who(&first, me(drive)),
            what = what(&group, |folder| name_of(drive, folder))
        );
        let who = untrack(|| Who::reads(drive));
        let by = first.event.by.as_ref();
        let device = by.map(|by| who.device(by.device_id, &by.device_name));
        let at = first.event.timestamp;
        let names: Vec<String> = match group.len() {
            1 => Vec::new(),
            _ => group
                .iter()
                .filter_map(|done| done.event.name.clone())
                .collect(),
        };
        view! {
            <li class="line line-device line-grows" data-testid="done" data-kind=kind(&first)>
                <span class="row-icon">
                    <Glyph icon=icon_of(first.event.event_type) />
                </span>
                <span class="line-words line-words-whole">
                    <strong>
                        <Sentence text />
                    </strong>
                    <span title=moment(at)>
                        {device.map(|device| view! { <bdi>{device}</bdi> " · " })} {time(at)}
                    </span>
                    {(!names.is_empty()).then(|| view! { <Names names /> })}
                </span>
                {match group.len() {
                    1 => view! { <Act done=first.clone() /> }.into_any(),
                    _ => view! { <ActOnAll group=group.clone() /> }.into_any(),
                }}
            </li>
        }
    })
}

#[component]
fn Names(names: Vec<String>) -> impl IntoView {
    let more = names.len().saturating_sub(MOST_NAMES);
    let told = names.into_iter().take(MOST_NAMES);
    view! {
        <details>
            <summary>{t("Which")}</summary>
            <ul class="names">
                {told.map(|name| view! { <li><bdi>{name}</bdi></li> }).collect_view()}
                {(more > 0).then(|| view! { <li>{say_many!(more, "and 1 item more", "and {n} items more")}</li> })}
            </ul>
        </details>
    }
}

pub fn me(drive: Drive) -> Option<UserId> {
    drive.session.with_untracked(|session| match session {
        SessionState::SignedIn(session) => Some(session.user.id),
        _ => None,
    })
}

/// What the whole list is of.
fn all_of(drive: Drive) -> String {
    match drive.root {
        None => t("What was done in this drive, by whom, and from which device.").into(),
        Some(root) => say!(
            "What was done in {name} since it is shared with you.",
            name = name_of(drive, Some(root))
        ),
    }
}

/// A folder as it is called now.
pub fn name_of(drive: Drive, folder: Option<ItemId>) -> String {
    let Some(id) = folder else {
        return t("Files").into();
    };
    let name = drive
        .tree
        .with_untracked(|tree| tree.get(id).map(|item| item.name.to_string()));
    name.map_or_else(
        || t("a folder that is gone").into(),
        |name| say!("“{name}”", name),
    )
}

fn icon_of(kind: EventType) -> Icon {
    match kind {
        EventType::FileCreate => Icon::Upload,
        EventType::FileMove => Icon::Move,
        EventType::FileDelete => Icon::Trash,
        EventType::FileRestore => Icon::Restore,
        EventType::Conflict => Icon::Conflict,
        EventType::ShareGranted
        | EventType::ShareChanged
        | EventType::ShareRevoked
        | EventType::ShareOffered
        | EventType::HandedOver => Icon::Key,
        EventType::Mount => Icon::People,
        EventType::FileUpdate
        | EventType::Elsewhere
        | EventType::FileOpened
        | EventType::Unknown => Icon::Pencil,
    }
}

/// As the API has it, for whoever tests the page.
fn kind(done: &Done) -> String {
    let kind = serde_json::to_value(done.event.event_type).ok();
    let kind = kind.and_then(|kind| kind.as_str().map(str::to_owned));
    kind.unwrap_or_default()
}
