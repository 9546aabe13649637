//! Where the person takes everything out of their drive, and an export in.

use super::dom::keep_keyboard;
use super::icon::{Glyph, Icon};
use super::segmented::Segmented;
use super::sentence::Sentence;
use super::work::{Work, WorkError};
use crate::archive::export::ExportOptions;
use crate::archive::import::NotImported;
use crate::commands::use_commands;
use crate::driver::transfer::{ExportStands, ExportSum, ImportStands, TransferAct, Transfers};
use crate::format::{bytes, count, minute};
use crate::state::Drive;
use crate::words::{say, say_many, t};
use leptos::ev::{Event, SubmitEvent};
use leptos::prelude::*;
use leptos::task::spawn_local;
use platform::browser::clock;
use web_sys::{File, HtmlInputElement};
use workers::archive::manifest::NotExported;

const GB: u64 = 1_000_000_000;
/// How large a zip may be.
const SIZES: [(u64, &str); 3] = [(GB, "1 GB"), (4 * GB, "4 GB"), (16 * GB, "16 GB")];
/// Paths that are named.
const NAMED: usize = 100;

type Shown = RwSignal<Option<ArcRwSignal<Transfers>>>;

/// Only the owner of a drive takes it out.
#[component]
pub fn TransferPart() -> impl IntoView {
    let (drive, commands): (Drive, _) = (expect_context(), use_commands());
    let shown: Shown = RwSignal::new(None);
    spawn_local(async move {
        if let Ok(now) = commands.transfer(TransferAct::Look).await {
            shown.try_set(Some(now));
        }
    });
    let is_known = Memo::new(move |_| shown.with(Option::is_some));
    let parts = move || {
        view! {
            <h2 class="page-part">{t("Take everything out")}</h2>
            <Export shown />
            <h2 class="page-part">{t("Bring an export in")}</h2>
            <Import shown />
        }
    };
    view! { <Show when=move || drive.root.is_none() && is_known.get()>{parts()}</Show> }
}

#[component]
fn Press(
    words: &'static str,
    shown: Shown,
    act: fn() -> TransferAct,
    #[prop(optional)] is_main: bool,
    #[prop(optional)] is_first: bool,
) -> impl IntoView {
    let (work, commands) = (Work::new(), use_commands());
    let press = move |_| {
        work.run(async move { commands.transfer(act()).await }, move |now| {
            shown.try_set(Some(now));
        });
    };
    let class = match is_main {
        true => "button button-main",
        false => "button",
    };
    view! {
        <button
            type="button"
            class=class
            data-first=is_main || is_first
            disabled=work.busy
            on:click=press
        >
            {words}
        </button>
        <WorkError work />
    }
}

/// What can be done about an export.
#[derive(Clone, Copy, PartialEq)]
enum Presses {
    Begin,
    End,
    Count { is_last: bool },
    GoOn,
}

impl Presses {
    fn of(stands: &ExportStands) -> Self {
        match stands {
            ExportStands::Nothing | ExportStands::Done(_) => Self::Begin,
            ExportStands::Makes { .. } => Self::End,
            ExportStands::Saved { is_last, .. } => Self::Count { is_last: *is_last },
            ExportStands::Unfinished { .. } | ExportStands::Failed { .. } => Self::GoOn,
        }
    }
}

#[component]
fn Export(shown: Shown) -> impl IntoView {
    let stands = Memo::new(move |_| {
        let shown = shown.get();
        shown.map(|now| now.get().export).unwrap_or_default()
    });
    let next = || TransferAct::NextPart;
    let (again, end) = (|| TransferAct::SaveAgain, || TransferAct::EndExport);
    let can = Memo::new(move |_| stands.with(Presses::of));
    let presses = move || match can.get() {
        Presses::Begin => view! { <BeginExport shown /> }.into_any(),
        Presses::End => view! {
            <p>
                <Press words=t("End the export") shown act=end is_first=true />
            </p>
        }
        .into_any(),
        Presses::Count { is_last } => {
            let words = match is_last {
                true => t("It is saved"),
                false => t("It is saved: go on"),
            };
            view! {
                <p class="bulk-buttons">
                    <Press words shown act=next is_main=true />
                    <Press words=t("Save it again") shown act=again />
                    <Press words=t("End the export") shown act=end />
                </p>
            }
            .into_any()
        }
        Presses::GoOn => view! {
            <p class="bulk-buttons">
                <Press words=t("Go on") shown act=next is_main=true />
                <Press words=t("End the export") shown act=end />
            </p>
        }
        .into_any(),
    };
    let omitted = move || match stands.get() {
        ExportStands::Done(ExportSum { omitted, .. }) => {
            let lines = omitted.into_iter();
            lines.map(|NotExported { path, why }| (path, why)).collect()
        }
        _ => Vec::new(),
    };
    let node = NodeRef::new();
    keep_keyboard(node, can);
    view! {
        <div node_ref=node data-testid="export">
            <p role="status" data-testid="export-words">
                {move || view! { <Sentence text=export_words(&stands.get()) /> }}
            </p>
            {move || view! { <Named title=t("Not in the export") lines=omitted() /> }}
            {presses}
        </div>
    }
}

fn export_words(stands: &ExportStands) -> String {
    match stands {
        ExportStands::Nothing => t("All folders and files of your drive, as one or more zips that any program opens. What is in the trash and what others share with you is not in it.").to_owned(),
        ExportStands::Unfinished { part, began_at_ms } => say!(
            "The export that you began on {when} goes on with part {part}.",
            when = minute(*began_at_ms),
            part
        ),
        ExportStands::Makes { part } => say!("Part {part} is being made. Keep this page open.", part),
        ExportStands::Saved { part, is_last: false } => say!(
            "Part {part} was handed to your browser. Once it has saved it, go on with the next.",
            part
        ),
        ExportStands::Saved { part: 1, is_last: true } => {
            t("The export was handed to your browser.").to_owned()
        }
        ExportStands::Saved { part, is_last: true } => {
            say!("Part {part}, the last, was handed to your browser.", part)
        }
        ExportStands::Done(sum) => say!(
            "The export is complete: {files} with {size}, in {zips}.",
            files = count(sum.files, "file or version", "files and versions"),
            size = bytes(sum.bytes),
            zips = count(sum.parts as usize, "zip", "zips"),
        ),
        ExportStands::Failed { part, why } => say!("Part {part} was not made: {why}", part, why),
    }
}

#[component]
fn BeginExport(shown: Shown) -> impl IntoView {
    let commands = use_commands();
    let with_versions = RwSignal::new(false);
    let part_bytes = RwSignal::new(4 * GB);
    let work = Work::new();
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let options = ExportOptions {
            with_versions: with_versions.get_untracked(),
            part_bytes: part_bytes.get_untracked(),
        };
        work.run(
            async move { commands.transfer(TransferAct::Export(options)).await },
            move |now| {
                shown.try_set(Some(now));
            },
        );
    };
    let contents = vec![
        (false, t("As it is now")),
        (true, t("With earlier versions")),
    ];
    view! {
        <form class="stack" on:submit=submit data-testid="begin-export">
            <Segmented label=t("What is in it") options=contents chosen=with_versions />
            <Segmented label=t("How large a zip may be") options=SIZES.to_vec() chosen=part_bytes />
            <p class="hint">
                {move || match with_versions.get() {
                    true => {
                        t("Each version is a whole file there, so this may be many times as large as your drive.")
                    }
                    false => t("A larger drive becomes several zips of about this size."),
                }}
            </p>
            <p>
                <button type="submit" class="button button-main" data-first=true disabled=work.busy>
                    {t("Export everything")}
                </button>
            </p>
            <WorkError work />
        </form>
    }
}

#[component]
fn Import(shown: Shown) -> impl IntoView {
    let stands = Memo::new(move |_| {
        let shown = shown.get();
        shown.map(|now| now.get().import).unwrap_or_default()
    });
    let is_at_work = Memo::new(move |_| {
        let at_work = |now: &_| matches!(now, ImportStands::Reads | ImportStands::Sends { .. });
        stands.with(at_work)
    });
    let left = Memo::new(move |_| match stands.get() {
        ImportStands::Done { left, .. } => left,
        _ => Vec::new(),
    });
    let left = move || {
        let lines = left.get().into_iter();
        lines.map(|NotImported { path, why }| (path, why)).collect()
    };
    let node = NodeRef::new();
    keep_keyboard(node, is_at_work);
    view! {
        <div node_ref=node data-testid="import">
            <p role="status" data-testid="import-words">
                {move || view! { <Sentence text=import_words(&stands.get()) /> }}
            </p>
            {move || view! { <Named title=t("Not imported") lines=left() /> }}
            <Show when=move || !is_at_work.get()>
                <PickExport shown />
            </Show>
        </div>
    }
}

fn import_words(stands: &ImportStands) -> String {
    match stands {
        ImportStands::Nothing => {
            t("The zips of an export, all of them or one after the other. Folders, names and the times of files come back, and earlier versions in their order; what is there already is not sent again.").to_owned()
        }
        ImportStands::Reads => t("The zips are being read. Keep this page open.").to_owned(),
        ImportStands::Sends { done, all } => {
            say!("{done} of {all} files and versions are in. Keep this page open.", done, all)
        }
        ImportStands::Done {
            came,
            had,
            asked,
            left,
        } => {
            let came = match came {
                0 => t("Nothing new came in").to_owned(),
                came => say_many!(
                    *came,
                    "1 file or version came in",
                    "{n} files and versions came in"
                ),
            };
            let mut parts = vec![came];
            if *had > 0 {
                parts.push(say_many!(*had, "1 were there already", "{n} were there already"));
            }
            if !left.is_empty() {
                parts.push(say_many!(left.len(), "1 were not imported", "{n} were not imported"));
            }
            let asked = match asked {
                0 => String::new(),
                asked => {
                    let asked = say_many!(
                        *asked,
                        "You are asked about 1 whose name has another content here.",
                        "You are asked about {n} whose names have other contents here."
                    );
                    format!(" {asked}")
                }
            };
            format!("{}.{asked}", parts.join(", "))
        }
        ImportStands::Failed(why) => say!(
            "The import stopped: {why} Choose the zips again: it goes on with what is missing.",
            why
        ),
    }
}

#[component]
fn PickExport(shown: Shown) -> impl IntoView {
    let commands = use_commands();
    let picker = NodeRef::<leptos::html::Input>::new();
    let is_apart = RwSignal::new(false);
    let work = Work::new();
    let picked = move |event: Event| {
        let input: HtmlInputElement = event_target(&event);
        let files = input.files();
        let zips: Vec<File> = files
            .iter()
            .flat_map(|files| (0..files.length()).filter_map(|n| files.get(n)))
            .collect();
        input.set_value("");
        if zips.is_empty() {
            return;
        }
        let day = minute(clock::now_ms());
        let under = is_apart.get_untracked().then(|| folder_name(&day));
        work.run(
            async move { commands.transfer(TransferAct::Import { zips, under }).await },
            move |now| {
                shown.try_set(Some(now));
            },
        );
    };
    let places = vec![
        (false, t("Into the drive itself")),
        (true, t("Into a new folder")),
    ];
    view! {
        <div class="stack">
            <Segmented label=t("Where it comes in") options=places chosen=is_apart />
            <input
                node_ref=picker
                type="file"
                accept=".zip"
                multiple
                hidden
                data-testid="pick-export"
                on:change=picked
            />
            <p>
                <button
                    type="button"
                    class="button"
                    data-first=true
                    disabled=work.busy
                    on:click=move |_| {
                        if let Some(picker) = picker.get_untracked() {
                            picker.click();
                        }
                    }
                >
                    <Glyph icon=Icon::Upload />
                    {t("Choose the zips")}
                </button>
            </p>
            <WorkError work />
        </div>
    }
}

/// A name that every drive takes.
fn folder_name(day: &str) -> String {
    let day: String = day
        .chars()
        .map(|c| if "/:\\".contains(c) { '-' } else { c })
        .collect();
    say!("Import {day}", day)
}

/// Paths with reasons, if there are some.
#[component]
fn Named(title: &'static str, lines: Vec<(String, String)>) -> impl IntoView {
    let more = lines.len().saturating_sub(NAMED);
    let named = lines.iter().take(NAMED);
    let named =
        named.map(|(path, why)| view! { <li><bdi>{path.clone()}</bdi>": "{why.clone()}</li> });
    let named = named.collect_view();
    (!lines.is_empty()).then(|| {
        view! {
            <h3>{title}</h3>
            <ul class="dialog-names" tabindex="0" aria-label=title>
                {named}
                {(more > 0).then(|| view! { <li>{say_many!(more, "and 1 more", "and {n} more")}</li> })}
            </ul>
        }
    })
}
