//! Where somebody with a link puts files, and what became of each.

use crate::commands::VisitHandle;
use crate::format::{bytes, sentence};
use crate::refusals::{called, said};
use crate::state::Drive;
use crate::state::visit::{HandedInFile, VisitStage};
use crate::ui::each::Each;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::sentence::Sentence;
use crate::words::{NAME, around_name, say, say_many, t};
use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use platform::intake::{self, DropContents};
use protocol::ids::ItemId;
use sync::intake::junk::is_junk;
use web_sys::{DataTransfer, DragEvent, File};

#[component]
pub fn DropBox(
    visit: VisitHandle,
    owner: String,
    /// Of what the link is of.
    name: String,
    folder: Signal<ItemId>,
    /// Whether the page has nothing else.
    alone: bool,
) -> impl IntoView {
    let drive: Drive = expect_context();
    let picker = NodeRef::<html::Input>::new();
    let is_over = RwSignal::new(false);
    let hand_in = move |intake: DropContents| {
        tell_of_unsent(drive, &intake);
        let files = intake.files.into_iter().map(|picked| picked.file);
        let files: Vec<File> = files.filter(|file| !is_junk(&file.name())).collect();
        if !files.is_empty() {
            visit.hand_in(Some(folder.get_untracked()), files);
        }
    };
    let take = move |transfer: &DataTransfer| {
        let walk = intake::from_drop(transfer, ());
        spawn_local(async move { hand_in(walk.await) });
    };
    let over = move |event: DragEvent| {
        if let Some(transfer) = event.data_transfer().filter(has_files) {
            event.prevent_default();
            // The page lets nothing be dropped where nobody says so.
            transfer.set_drop_effect("copy");
            is_over.set(true);
        }
    };
    let listeners = [
        window_event_listener(ev::dragenter, over),
        window_event_listener(ev::dragover, over),
        window_event_listener(ev::dragleave, move |event| {
            if event.related_target().is_none() {
                is_over.set(false);
            }
        }),
        window_event_listener(ev::drop, move |event| {
            is_over.set(false);
            if let Some(transfer) = event.data_transfer().filter(has_files) {
                event.prevent_default();
                take(&transfer);
            }
        }),
        window_event_listener(ev::paste, move |event| {
            if let Some(transfer) = event.clipboard_data().filter(has_files) {
                event.prevent_default();
                take(&transfer);
            }
        }),
    ];
    on_cleanup(move || listeners.into_iter().for_each(|listener| listener.remove()));
    let pick = move |_| {
        if let Some(picker) = picker.get_untracked() {
            picker.click();
        }
    };
    let picked = move |_| {
        let Some(input) = picker.get_untracked() else {
            return;
        };
        if let Some(files) = input.files() {
            hand_in(intake::from_picker(&files));
        }
        // The same file can be picked again.
        input.set_value("");
    };
    let head = alone.then(|| {
        let (before, behind) = around_name(&say!("Send files to {owner}", owner = NAME));
        let (told_before, told_behind) = around_name(&say!(
            "They go into the folder “{folder}”. You can't see what is in it, and nobody but {owner} and people with access to it sees what you send.",
            folder = name,
            owner = NAME
        ));
        view! {
            <h1>{before} <bdi>{owner.clone()}</bdi> {behind}</h1>
            <p class="hint">
                <Sentence text=told_before /> <bdi>{owner.clone()}</bdi>
                <Sentence text=told_behind />
            </p>
        }
    });
    view! {
        <section class="drop-box" class:drop-box-alone=alone data-testid="drop-box">
            {head}
            <div class="drop-place" class:drop-place-over=is_over>
                <Glyph icon=Icon::Upload />
                <p>{move || if is_over.get() { t("Drop to send") } else { t("Drop files here") }}</p>
                <button type="button" class="button button-main" on:click=pick>
                    {t("Choose files")}
                </button>
                <input
                    node_ref=picker
                    type="file"
                    hidden
                    multiple
                    data-testid="pick-files"
                    on:change=picked
                />
            </div>
            <Sent visit />
        </section>
    }
}

fn has_files(transfer: &DataTransfer) -> bool {
    transfer.types().includes(&"Files".into(), 0)
}

/// Says what is not sent as it was handed in.
fn tell_of_unsent(drive: Drive, intake: &DropContents) {
    for unreadable in &intake.unreadable {
        let words = say!(
            "“{name}” was not sent: {why}",
            name = called(unreadable.what.clone()),
            why = said(&unreadable.why)
        );
        drive.notices.bad(words);
    }
    let in_folders = intake.files.iter().filter(|file| !file.folders.is_empty());
    let (in_folders, empty) = (in_folders.count(), intake.empty_folders.len());
    if in_folders > 0 {
        drive.notices.bad(say_many!(
            in_folders,
            "Folders can't be sent: 1 file in them are sent without",
            "Folders can't be sent: {n} files in them are sent without"
        ));
    } else if empty > 0 {
        drive
            .notices
            .bad(t("Folders can't be sent, only the files in them"));
    }
}

/// What was handed in in this visit.
#[component]
fn Sent(visit: VisitHandle) -> impl IntoView {
    let all = visit.state().handed_in;
    view! {
        <Show when=move || all.with(|all| !all.is_empty())>
            <ul class="lines lines-boxed" aria-label=t("Sent in this visit")>
                <Each
                    each=move || all.get()
                    key=|one| one.id
                    children=move |one| view! { <Line visit one /> }
                />
            </ul>
        </Show>
    }
}

#[component]
fn Line(visit: VisitHandle, one: HandedInFile) -> impl IntoView {
    let (name, size) = one
        .file
        .with_value(|file| (file.name(), file.size() as u64));
    let percent = move |done: u64| (done * 100 / size.max(1)).min(100);
    let words = move || match one.stage.get() {
        VisitStage::Waiting => t("Waiting").to_owned(),
        VisitStage::Reading(done) => say!("Reading · {percent}%", percent = percent(done)),
        VisitStage::Sending(done) => say!("Sending · {percent}%", percent = percent(done)),
        VisitStage::Done => t("Sent").to_owned(),
        VisitStage::Failed(why) => say!("Not sent. {why}", why = sentence(&why)),
    };
    let stage = move || match one.stage.get() {
        VisitStage::Waiting | VisitStage::Reading(_) | VisitStage::Sending(_) => "sending",
        VisitStage::Done => "done",
        VisitStage::Failed(_) => "failed",
    };
    let has_failed = Memo::new(move |_| matches!(one.stage.get(), VisitStage::Failed(_)));
    let again = say!("Send {name} again", name);
    view! {
        <li
            class="line line-grows"
            data-testid="handed-in"
            data-name=name.clone()
            data-stage=stage
        >
            <span class="row-icon">
                <Glyph icon=Icon::for_name(&name) />
            </span>
            <span class="line-words line-words-whole">
                <strong>{name.clone()}</strong>
                <span>
                    {bytes(size)} " · " {move || view! { <Sentence text=words() /> }}
                </span>
            </span>
            <Show when=move || has_failed.get()>
                <button
                    type="button"
                    class="button"
                    aria-label=again.clone()
                    on:click=move |_| visit.hand_in_again(one.id)
                >
                    {t("Try again")}
                </button>
            </Show>
        </li>
    }
}
