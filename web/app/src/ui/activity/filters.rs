//! What of all that was done is shown: some kinds, and by some people.

use crate::state::Drive;
use crate::state::session::SessionState;
use crate::words::{english, say, t};
use leptos::prelude::*;
use platform::api::changes::{ActivityFilter, DoneBy};
use protocol::activity::Done;
use protocol::ids::UserId;
use protocol::notifications::EventType;
use std::collections::BTreeMap;

/// What a person would call a kind, and what the API does.
const KINDS: [(&str, &[EventType]); 7] = [
    (english!("Edits"), &[EventType::FileUpdate]),
    (english!("New"), &[EventType::FileCreate]),
    (english!("Moved"), &[EventType::FileMove]),
    (english!("Deleted"), &[EventType::FileDelete]),
    (english!("Restored"), &[EventType::FileRestore]),
    (
        english!("Shares"),
        &[
            EventType::ShareGranted,
            EventType::ShareChanged,
            EventType::ShareRevoked,
            EventType::ShareOffered,
            EventType::HandedOver,
            EventType::Mount,
        ],
    ),
    (english!("Conflicts"), &[EventType::Conflict]),
];

#[derive(Clone, Copy)]
pub struct Filters {
    /// The numbers of kinds; none stands for all.
    kinds: RwSignal<Vec<usize>>,
    by: RwSignal<DoneBy>,
}

impl Filters {
    pub fn new() -> Self {
        Self {
            kinds: RwSignal::new(Vec::new()),
            by: RwSignal::new(DoneBy::Anybody),
        }
    }

    pub fn wanted(self) -> ActivityFilter {
        let chosen = self.kinds.get_untracked();
        let kinds = chosen.iter().filter_map(|number| KINDS.get(*number));
        ActivityFilter {
            kinds: kinds.flat_map(|(_, kinds)| kinds.iter().copied()).collect(),
            by: self.by.get_untracked(),
            most: None,
        }
    }

    pub fn track(self) {
        self.kinds.track();
        self.by.track();
    }

    pub fn are_set(self) -> bool {
        self.kinds.with(|kinds| !kinds.is_empty()) || self.by.get() != DoneBy::Anybody
    }

    fn has(self, kind: usize) -> bool {
        self.kinds.with(|kinds| kinds.contains(&kind))
    }

    fn toggle(self, kind: usize) {
        self.kinds.update(|kinds| match kinds.contains(&kind) {
            true => kinds.retain(|other| *other != kind),
            false => kinds.push(kind),
        });
    }
}

#[component]
pub fn FiltersBar(
    filters: Filters,
    /// Whoever has done something of it can be chosen.
    entries: RwSignal<Vec<Done>>,
) -> impl IntoView {
    let drive: Drive = expect_context();
    // Who has access to what is shared is its owner's to know.
    let is_offered = move |kind: &usize| {
        let kinds = KINDS
            .get(*kind)
            .map(|(_, kinds)| *kinds)
            .unwrap_or_default();
        drive.root.is_none() || !kinds.contains(&EventType::ShareGranted)
    };
    let chip = move |kind: usize| {
        let words = KINDS.get(kind).map(|&(words, _)| t(words));
        view! {
            <button
                type="button"
                class="chip"
                aria-pressed=move || filters.has(kind).to_string()
                on:click=move |_| filters.toggle(kind)
            >
                {words}
            </button>
        }
    };
    let people = seen(drive, entries);
    let choose = move |event| {
        let value = event_target_value(&event);
        filters.by.set(match value.as_str() {
            "" => DoneBy::Anybody,
            "me" => DoneBy::Me,
            "others" => DoneBy::Others,
            id => id.parse().map_or(DoneBy::Anybody, DoneBy::Person),
        });
    };
    view! {
        <div class="filters">
            <div class="filters-kinds" role="group" aria-label=t("Only these kinds")>
                {(0..KINDS.len()).filter(is_offered).map(chip).collect_view()}
            </div>
            <select aria-label=t("By whom") on:change=choose>
                <option value="">{t("By anybody")}</option>
                <option value="me">{t("By me")}</option>
                <option value="others">{t("By others")}</option>
                <For each=move || people.get() key=|(id, _)| *id let((id, name))>
                    <option value=id.to_string()>{say!("By {name}", name)}</option>
                </For>
            </select>
        </div>
    }
}

/// Other people of whom something was shown so far.
fn seen(drive: Drive, entries: RwSignal<Vec<Done>>) -> Memo<BTreeMap<UserId, String>> {
    let me = drive.session.with_untracked(SessionState::user);
    Memo::new(move |before: Option<&BTreeMap<UserId, String>>| {
        let mut people = before.cloned().unwrap_or_default();
        entries.with(|entries| {
            for by in entries.iter().filter_map(|done| done.event.by.as_ref()) {
                if Some(by.user_id) != me {
                    people
                        .entry(by.user_id)
                        .or_insert_with(|| by.user_name.clone());
                }
            }
        });
        people
    })
}
