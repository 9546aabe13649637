//! The person's links: of one item, or all that they have made.

use super::super::dialog_foot::DialogFoot;
use super::super::dialogs::use_dialogs;
use super::super::each::Each;
use super::super::icon::{Glyph, Icon};
use super::super::refusal::{Refusal, invalid};
use super::super::segmented::Segmented;
use super::super::sentence::Sentence;
use super::super::sign_in::PasswordField;
use super::super::work::{Work, WorkError};
use super::days::{EndField, day_of, end_of};
use crate::commands::{ToPassword, use_commands};
use crate::format::{count, date, sentence};
use crate::refusals::InWords;
use crate::state::Drive;
use crate::words::{say, say_many, t};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::ids::{ItemId, UnixMillis};
use protocol::links::{Link, LinkChange, May, NewLink};
use protocol::units::grouped;
use wasm_bindgen_futures::JsFuture;

/// Those of an item, and making one.
#[component]
pub fn LinksOf(item: ItemId, is_folder: bool) -> impl IntoView {
    let makes = RwSignal::new(false);
    let done = Callback::new(move |()| makes.set(false));
    view! {
        <h3 class="page-part">{t("Links")}</h3>
        <p class="hint">{t("A link lets in whoever has its address, and its password if it has one. Nobody needs an account.")}</p>
        <List of=Some(item) />
        <Show
            when=move || makes.get()
            fallback=move || {
                view! {
                    <div class="line-acts">
                        <button type="button" class="button" on:click=move |_| makes.set(true)>
                            <Glyph icon=Icon::Link />
                            {t("Make a link")}
                        </button>
                    </div>
                }
            }
        >
            <Form item is_folder of=None done />
        </Show>
    }
}

/// All of the person's.
#[component]
pub fn AllLinks() -> impl IntoView {
    view! {
        <h2 class="page-part">{t("Links")}</h2>
        <List of=None />
    }
}

/// Read anew whenever that may be another list.
#[component]
fn List(of: Option<ItemId>) -> impl IntoView {
    let drive: Drive = expect_context();
    let (commands, dialogs) = (use_commands(), use_dialogs());
    let links = RwSignal::new(None::<Vec<Link>>);
    let failed = RwSignal::new(None::<String>);
    Effect::new(move |_| {
        drive.shares.known.track();
        dialogs.changes.track();
        spawn_local(async move {
            match commands.links(of).await {
                Ok(all) => {
                    failed.try_set(None);
                    links.try_set(Some(all));
                }
                Err(failure) => {
                    failed.try_set(Some(sentence(&failure.in_words())));
                }
            }
        });
    });
    let none = move || links.with(|links| links.as_ref().is_some_and(Vec::is_empty));
    let some = move || links.with(|links| links.as_ref().is_some_and(|links| !links.is_empty()));
    view! {
        {move || failed.get().map(|reason| view! { <p class="form-error" role="alert">{reason}</p> })}
        <Show when=move || of.is_none() && none()>
            <p class="hint">{t("You have made none.")}</p>
        </Show>
        <Show when=some>
            <ul class="lines lines-boxed" aria-label=t("Links")>
                <Each
                    each=move || links.get().unwrap_or_default()
                    key=|link| link.id
                    children=move |link| view! { <Line links first=link names_item=of.is_none() /> }
                />
            </ul>
        </Show>
    }
}

fn may(may: May) -> &'static str {
    match may {
        May::View => t("Can view"),
        May::Upload => t("Can add files"),
        May::ViewAndUpload => t("Can view and add files"),
        May::Unknown => t("Can do what this page does not know"),
    }
}

fn address(link: &Link) -> String {
    let origin = window().location().origin().unwrap_or_default();
    format!("{origin}/l/{}", link.key)
}

/// What is to be known of it, but for its name.
fn facts(link: &Link, names_item: bool) -> String {
    let mut facts = Vec::new();
    if names_item {
        facts.push(say!("To “{name}”", name = link.name));
    }
    facts.push(may(link.may).to_owned());
    if link.has_password {
        facts.push(t("with a password").to_owned());
    }
    let until = |end: UnixMillis| say!("until {date}", date = date(end));
    facts.extend(link.ends_at_ms.map(until));
    facts.push(say_many!(link.opened, "opened 1 time", "opened {n} times"));
    if link.may.views() {
        facts.push(match link.most_downloads {
            Some(most) => say_many!(
                most,
                "{done} of 1 downloads",
                "{done} of {n} downloads",
                done = grouped(link.downloaded)
            ),
            None => count(link.downloaded as usize, "download", "downloads"),
        });
    }
    facts.join(" · ")
}

fn title(link: &Link) -> String {
    match link.label.as_str() {
        "" => say!("Link of {date}", date = date(link.created_at_ms)),
        label => label.to_owned(),
    }
}

#[component]
fn Line(links: RwSignal<Option<Vec<Link>>>, first: Link, names_item: bool) -> impl IntoView {
    let (drive, dialogs): (Drive, _) = (expect_context(), use_dialogs());
    let commands = use_commands();
    let (id, item, is_folder) = (first.id, first.item, first.is_folder);
    let link = Memo::new(move |_| {
        links.with(|links| {
            let mut all = links.iter().flatten();
            all.find(|link| link.id == id)
                .cloned()
                .unwrap_or_else(|| first.clone())
        })
    });
    let work = Work::new();
    let copied = RwSignal::new(false);
    let changes = RwSignal::new(false);
    let copy = move |_| {
        let address = link.with_untracked(address);
        let write = window().navigator().clipboard().write_text(&address);
        spawn_local(async move {
            let done = JsFuture::from(write).await.is_ok();
            copied.try_set(done);
        });
    };
    let revoke = move |_| {
        work.run(async move { commands.end_link(id).await }, move |()| {
            let title = link.with_untracked(title);
            drive
                .notices
                .good(say!("“{title}” leads nowhere now", title));
            dialogs.changes.update(|changes| *changes += 1);
        });
    };
    let done = Callback::new(move |()| {
        changes.try_set(false);
    });
    view! {
        <li
            class="line line-grows line-access"
            data-testid="link"
            data-name=move || link.with(title)
        >
            <span class="line-words line-words-whole">
                <strong>{move || link.with(title)}</strong>
                <span data-testid="link-facts">
                    {move || view! { <Sentence text=link.with(|link| facts(link, names_item)) /> }}
                </span>
                <WorkError work />
            </span>
            <input
                type="text"
                class="token line-address"
                readonly
                data-testid="link-address"
                aria-label=move || say!("Address of {name}", name = link.with(title))
                prop:value=move || link.with(address)
            />
            <button type="button" class="button" aria-label=move || say!("Copy the address of {name}", name = link.with(title)) on:click=copy>
                {move || if copied.get() { t("Copied") } else { t("Copy") }}
            </button>
            <button
                type="button"
                class="button"
                aria-label=move || say!("Change {name}", name = link.with(title))
                aria-expanded=move || changes.get().to_string()
                on:click=move |_| changes.update(|changes| *changes = !*changes)
            >
                {t("Change…")}
            </button>
            <button
                type="button"
                class="button"
                aria-label=move || say!("Revoke {name}", name = link.with(title))
                disabled=work.busy
                on:click=revoke
            >
                {t("Revoke")}
            </button>
            <Show when=move || changes.get()>
                <Form item is_folder of=Some(link.get_untracked()) done />
            </Show>
        </li>
    }
}

/// What becomes of the password.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Choice {
    Keep,
    Set,
    None,
}

/// What says why a link was not made, and the fields that it may be about.
const REFUSAL: &str = "link-error";
const LABEL: &str = "[name=link-label]";
const PASSWORD: &str = "[name=password]";
const UNTIL: &str = "[name=link-until]";
const DOWNLOADS: &str = "[name=link-downloads]";

/// For a new link, or another one than there is.
#[component]
fn Form(item: ItemId, is_folder: bool, of: Option<Link>, done: Callback<()>) -> impl IntoView {
    let (drive, dialogs): (Drive, _) = (expect_context(), use_dialogs());
    let commands = use_commands();
    let work = Work::new();
    let refusal = Refusal::new(work, REFUSAL, LABEL);
    let label = RwSignal::new(of.as_ref().map(|of| of.label.clone()).unwrap_or_default());
    let may = RwSignal::new(of.as_ref().map_or(May::View, |of| of.may));
    let has_password = of.as_ref().is_some_and(|of| of.has_password);
    let choice = RwSignal::new(match has_password {
        true => Choice::Keep,
        false => Choice::None,
    });
    let password = RwSignal::new(String::new());
    let end = of.as_ref().and_then(|of| of.ends_at_ms);
    let ends = RwSignal::new(end.map(day_of).unwrap_or_default());
    let most = of.as_ref().and_then(|of| of.most_downloads);
    let most = RwSignal::new(most.map(|most| most.to_string()).unwrap_or_default());
    let (id, is_new) = (of.as_ref().map(|of| of.id), of.is_none());
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let ends_at_ms = match kept_or_read(end, &ends.get_untracked()) {
            Ok(ends_at_ms) => ends_at_ms,
            Err(reason) => return refusal.refuse(UNTIL, reason),
        };
        let most_downloads = match number(&most.get_untracked()) {
            Ok(most) => most.filter(|_| may.get_untracked().views()),
            Err(reason) => return refusal.refuse(DOWNLOADS, reason),
        };
        let given = password.get_untracked();
        if choice.get_untracked() == Choice::Set && given.is_empty() {
            let reason = t("Enter a password for the link, or choose none");
            return refusal.refuse(PASSWORD, reason);
        }
        // What is wrong with a password is found out where it is stretched.
        refusal.about(match choice.get_untracked() {
            Choice::Set => PASSWORD,
            Choice::Keep | Choice::None => LABEL,
        });
        let label = label.get_untracked().trim().to_owned();
        let may = may.get_untracked();
        let to_password = match choice.get_untracked() {
            Choice::Keep => ToPassword::Keep,
            Choice::Set => ToPassword::Replace(given),
            Choice::None if has_password => ToPassword::TakeAway,
            Choice::None => ToPassword::Keep,
        };
        let make = async move {
            match id {
                Some(id) => {
                    let change = LinkChange {
                        label: Some(label),
                        may: Some(may),
                        ends_at_ms: Some(ends_at_ms),
                        most_downloads: Some(most_downloads),
                        password: None,
                    };
                    commands.change_link(id, change, to_password).await
                }
                None => {
                    let new = NewLink {
                        label,
                        may,
                        ends_at_ms,
                        most_downloads,
                        password: None,
                    };
                    let password = match to_password {
                        ToPassword::Replace(password) => Some(password),
                        ToPassword::Keep | ToPassword::TakeAway => None,
                    };
                    commands.make_link(item, new, password).await
                }
            }
        };
        work.run(make, move |link| {
            let title = title(&link);
            drive.notices.good(match is_new {
                true => say!("“{title}” is made: copy its address", title),
                false => say!("“{title}” is changed", title),
            });
            dialogs.changes.update(|changes| *changes += 1);
            done.run(());
        });
    };
    let allows = match is_folder {
        true => vec![
            (May::View, t("View")),
            (May::Upload, t("Add files")),
            (May::ViewAndUpload, t("Both")),
        ],
        false => Vec::new(),
    };
    let passwords = match has_password {
        true => vec![
            (Choice::Keep, t("As it is")),
            (Choice::Set, t("Another one")),
            (Choice::None, t("None")),
        ],
        false => vec![(Choice::None, t("None")), (Choice::Set, t("Ask for one"))],
    };
    let press = match is_new {
        true => t("Make the link"),
        false => t("Save the change"),
    };
    view! {
        <form
            node_ref=refusal.form
            class="stack link-form"
            novalidate on:submit=submit aria-busy=move || work.busy.get().to_string()>
            <label class="field">
                <span>{t("Name (only you see it)")}</span>
                <input
                    type="text"
                    name="link-label"
                    autocomplete="off"
                    maxlength="64"
                    placeholder=t("For whom, or what for")
                    aria-describedby=refusal.of(LABEL)
                    prop:value=label
                    on:input=move |event| label.set(event_target_value(&event))
                />
            </label>
            {is_folder
                .then(|| {
                    view! {
                        <div class="field">
                            <span>{t("Whoever has it may")}</span>
                            <Segmented label=t("What the link allows") options=allows chosen=may />
                        </div>
                    }
                })}
            <div class="field">
                <span>{t("Password")}</span>
                <Segmented label=t("Password of the link") options=passwords chosen=choice />
            </div>
            <Show when=move || choice.get() == Choice::Set>
                <PasswordField
                    password
                    new=true
                    label=t("Password of the link")
                    refused_by=refusal.of(PASSWORD)
                />
            </Show>
            <EndField name="link-until" day=ends refused_by=refusal.of(UNTIL) />
            <Show when=move || may.get().views()>
                <label class="field">
                    <span>{t("Downloads (if they are to be limited)")}</span>
                    <input
                        type="text"
                        name="link-downloads"
                        inputmode="numeric"
                        aria-invalid=invalid(refusal.of(DOWNLOADS))
                        aria-describedby=refusal.of(DOWNLOADS)
                        autocomplete="off"
                        prop:value=most
                        on:input=move |event| most.set(event_target_value(&event))
                    />
                </label>
            </Show>
            <WorkError work id=REFUSAL />
            <DialogFoot verb=press disabled=work.busy cancel=done />
        </form>
    }
}

/// The end that a date field says. What it showed and shows still is kept to the moment,
/// also if that is over.
fn kept_or_read(end: Option<UnixMillis>, day: &str) -> Result<Option<UnixMillis>, &'static str> {
    match end {
        Some(end) if day_of(end) == day => Ok(Some(end)),
        _ => end_of(day),
    }
}

fn number(text: &str) -> Result<Option<u64>, &'static str> {
    match text.trim() {
        "" => Ok(None),
        text => match text.parse() {
            Ok(number) if number > 0 => Ok(Some(number)),
            _ => Err(t("Say how many downloads as a number, or leave it empty")),
        },
    }
}
