//! What others did, in groups: in a dialog, and by the browser while nobody looks.

mod alerts;
mod words;

use super::dialog::Dialog;
use super::dialogs::use_dialogs;
use super::dom;
use super::icon::Glyph;
use super::route::{InShared, Link, Route, use_router};
use super::sentence::Sentence;
use super::shell::Home;
use crate::commands::{Commands, use_commands};
use crate::format::{date, moment, sentence, time};
use crate::refusals::InWords;
use crate::state::Drive;
use crate::state::session::SessionState;
use crate::words::{say, say_many, t};
pub use alerts::AlertsChoice;
use leptos::context::Provider;
use leptos::prelude::*;
use leptos::task::spawn_local;
use platform::browser::{alerts as browser, clock};
use protocol::ids::ItemId;
use protocol::news::News;
use web_sys::MouseEvent;
use words::{Group, NewsPlace, grouped};

/// What of a group an alert of the browser tells at most.
const MOST_ALERTED: usize = 3;

#[component]
pub fn NewsDialog() -> impl IntoView {
    let (dialogs, commands) = (use_dialogs(), use_commands());
    let Home(home) = expect_context();
    let news = RwSignal::new(None::<News>);
    let failed = RwSignal::new(None::<String>);
    let load = move || {
        spawn_local(async move {
            match commands.news().await {
                Ok(told) => {
                    failed.try_set(None);
                    let newest = told.entries.first().map(|one| one.done.event.timestamp);
                    let is_new = told.unseen > 0;
                    news.try_set(Some(told));
                    if let Some(newest) = newest.filter(|_| is_new) {
                        // What could not be said is said when they look again.
                        let _ = commands.see_news(newest).await;
                    }
                }
                Err(failure) => {
                    failed.try_set(Some(sentence(&failure.in_words())));
                }
            }
        });
    };
    // Now, and again when there is more.
    Effect::new(move |before: Option<u64>| {
        let unseen = home.unseen.get();
        if before.is_none_or(|before| before < unseen) {
            load();
        }
        unseen
    });
    let is_known = move || news.with(Option::is_some);
    view! {
        <Dialog title=t("News").to_owned() on_close=dialogs.on_close()>
            <div class="stack">
                {move || {
                    failed
                        .get()
                        .map(|why| {
                            view! {
                                <p class="form-error" role="alert">
                                    {why} " "
                                    <button type="button" class="link" on:click=move |_| load()>
                                        {t("Try again")}
                                    </button>
                                </p>
                            }
                        })
                }}
                <Show when=move || !is_known() && failed.with(Option::is_none)>
                    <div class="skeleton" role="status" aria-label=t("Loading what others did")></div>
                </Show>
                <Provider value=use_router().within(None)>
                    {move || news.get().map(|news| view! { <Groups news home /> })}
                </Provider>
                <AlertsChoice />
            </div>
        </Dialog>
    }
}

#[component]
fn Groups(news: News, home: Drive) -> impl IntoView {
    let groups = grouped(news.entries, me(home));
    if groups.is_empty() {
        return view! {
            <p class="hint">
                {t("What other people do with your files, and with what they share with you, is told here.")}
            </p>
        }
        .into_any();
    }
    let seen_up_to = news.seen_up_to_ms;
    let lines = groups.into_iter().map(move |group| {
        let is_new = group.newest > seen_up_to;
        view! { <Line group is_new home /> }
    });
    view! {
        <ul class="lines news-lines" aria-label=t("What others did")>
            {lines.collect_view()}
        </ul>
    }
    .into_any()
}

#[component]
fn Line(group: Group, is_new: bool, home: Drive) -> impl IntoView {
    let dialogs = use_dialogs();
    let text = group.words(|place| called(home, place));
    let by = group.by.clone().filter(|_| !group.is_access());
    let at = group.newest;
    let to = target(home, &group);
    let follow = move |event: MouseEvent| {
        if dom::closest_to(&event, "a").is_some() {
            dialogs.close();
        }
    };
    view! {
        <li class="line" class:news-new=is_new data-testid="news" on:click=follow>
            <span class="row-icon">
                <Glyph icon=group.icon() />
            </span>
            <span class="line-words line-words-whole">
                <Link to class="news-link">
                    <strong>
                        <Sentence text />
                    </strong>
                </Link>
                <span title=moment(at)>
                    {is_new.then(|| format!("{} · ", t("New")))} {by.map(|by| view! { <bdi>{by}</bdi> " · " })}
                    {time(at)} {(!is_today(at)).then(|| format!(", {}", date(at)))}
                </span>
            </span>
        </li>
    }
}

fn is_today(at: u64) -> bool {
    let now = clock::now_ms();
    date(at) == date(now)
}

/// Where a group is looked at: the folder that it happened in, or what is shared.
fn target(home: Drive, group: &Group) -> Route {
    match group.place {
        NewsPlace::Own(_) if group.is_access() => Route::Shares,
        NewsPlace::Own(folder) => {
            let is_there = |folder: &ItemId| home.tree.with_untracked(|tree| tree.is_live(*folder));
            match folder {
                Some(folder) if !is_there(&folder) => Route::Activity(None),
                folder => Route::Folder(folder),
            }
        }
        NewsPlace::Shared(root) => Route::Shared(root, InShared::Folder(None)),
    }
}

/// A place as it is called now.
fn called(home: Drive, place: NewsPlace) -> String {
    match place {
        NewsPlace::Own(None) => t("Files").into(),
        NewsPlace::Own(Some(id)) => {
            let name = home
                .tree
                .with_untracked(|tree| tree.get(id).map(|item| say!("“{name}”", name = item.name)));
            name.unwrap_or_else(|| t("a folder that is gone").into())
        }
        NewsPlace::Shared(root) => {
            let grant = untrack(|| home.shares.grant(root));
            grant.map_or_else(
                || t("what is shared with you").into(),
                |grant| say!("“{name}”", name = grant.name),
            )
        }
    }
}

fn me(home: Drive) -> Option<String> {
    home.session.with_untracked(|session| match session {
        SessionState::SignedIn(session) => Some(session.user.name.clone()),
        _ => None,
    })
}

/// Has the browser tell what is not seen, as the dialog groups it.
pub fn alert(home: Drive, commands: Commands, on_press: Callback<()>) {
    spawn_local(async move {
        let Ok(news) = commands.news().await else {
            return;
        };
        let is_told =
            |group: &Group| group.newest > news.seen_up_to_ms && browser::tell_of(group.about());
        let groups: Vec<Group> = grouped(news.entries, me(home))
            .into_iter()
            .filter(is_told)
            .collect();
        let line = |group: &Group| {
            let words = group.words(|place| called(home, place));
            match group.by.as_ref().filter(|_| !group.is_access()) {
                Some(by) => format!("{words} · {by}"),
                None => words,
            }
        };
        let press = move || on_press.run(());
        match groups.as_slice() {
            [] => {}
            [one] => browser::show(&line(one), "", press),
            many => {
                let told: Vec<String> = many.iter().take(MOST_ALERTED).map(line).collect();
                let title = say_many!(many.len(), "1 thing is new", "{n} things are new");
                browser::show(&title, &told.join("\n"), press);
            }
        }
    });
}
