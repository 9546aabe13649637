//! What is in a file, by the view of its kind.

use super::archive::ZipView;
use super::code::TextView;
use super::font::FontView;
use super::kind::{FileKind, ending};
use super::loaded::{Again, IS_ANOTHER, Unshown, loaded};
use super::markdown::MarkdownView;
use super::media::{Sound, Video};
use super::pdf::Pdf;
use super::picture::{Drawing, Picture};
use super::sheets::SheetsView;
use super::table::TableView;
use crate::commands::{ReadFile, ReadPart, use_commands};
use crate::format::bytes;
use crate::words::{say, t};
use leptos::prelude::*;
use protocol::items::Item;
use protocol::paths;

/// The head of a file that the server has.
#[component]
pub fn Content(item: Item) -> impl IntoView {
    let kind = FileKind::of(&item);
    let size = item.file.as_ref().map_or(0, |file| file.size);
    let is_large = kind.asked_above_bytes().is_some_and(|most| size > most);
    let agreed = RwSignal::new(!is_large);
    // Each try makes the view anew.
    let tries = RwSignal::new(0_u32);
    provide_context(Again(Callback::new(move |()| {
        tries.update(|tries| *tries += 1)
    })));
    let shown = move || {
        tries.track();
        match agreed.get() {
            true => shown(kind, item.clone()),
            false => view! { <Ask size agreed /> }.into_any(),
        }
    };
    view! {
        <div class="viewer-stage" data-testid="preview">
            {shown}
        </div>
    }
}

/// Before all of something large is loaded.
#[component]
fn Ask(size: u64, agreed: RwSignal<bool>) -> impl IntoView {
    view! {
        <div class="viewer-words" data-testid="viewer-large">
            <p>{say!("This is {size}. Show it all the same?", size = bytes(size))}</p>
            <button type="button" class="button button-main" on:click=move |_| agreed.set(true)>
                {t("Show it")}
            </button>
        </div>
    }
}

fn shown(kind: FileKind, item: Item) -> AnyView {
    let commands = use_commands();
    let size = item.file.as_ref().map_or(0, |file| file.size);
    let address = commands.address(&paths::content_named(item.id, item.version(), &item.name));
    if size == 0 {
        return view! { <p class="viewer-words" role="status">{t("This file is empty.")}</p> }
            .into_any();
    }
    if let Some(read_as) = kind.read_as() {
        let name = item.name.to_string();
        let of = (item.id, item.version());
        let load = async move { commands.read(&address, size, read_as, of).await };
        let why = match kind {
            FileKind::Prose | FileKind::Code | FileKind::Unknown => t("It is not text."),
            _ => t(IS_ANOTHER),
        };
        return loaded(item, why, load, move |part| read_part(part, kind, &name));
    }
    match kind {
        FileKind::Picture => view! { <Picture item address /> }.into_any(),
        FileKind::Drawing => view! { <Drawing item address /> }.into_any(),
        FileKind::Sound => view! { <Sound item address /> }.into_any(),
        FileKind::Video => view! { <Video item address /> }.into_any(),
        FileKind::Pdf => view! { <Pdf item address /> }.into_any(),
        FileKind::Font => view! { <FontView item address /> }.into_any(),
        FileKind::Sheets => view! { <SheetsView item address /> }.into_any(),
        _ => {
            let why = t("A browser does not know files of this kind.");
            view! { <Unshown item why /> }.into_any()
        }
    }
}

fn read_part(part: &ReadPart, kind: FileKind, name: &str) -> AnyView {
    let label = name.to_owned();
    let first_bytes = part.first_bytes;
    let note = match &part.file {
        ReadFile::Text(_) | ReadFile::Markdown(_) => {
            first_bytes.map(|first| say!("These are the first {size} of it.", size = bytes(first)))
        }
        _ => None,
    };
    let note = note.map(|note| view! { <p class="viewer-note" role="status">{note}</p> });
    let body = match &part.file {
        ReadFile::Text(text) => {
            let is_code = kind == FileKind::Code;
            let language = is_code.then(|| ending(name));
            view! { <TextView text=text.clone() language label /> }.into_any()
        }
        ReadFile::Markdown(marks) => {
            view! { <MarkdownView marks=marks.clone() label /> }.into_any()
        }
        ReadFile::Table(table) => {
            view! { <TableView table=table.clone() first_bytes label /> }.into_any()
        }
        ReadFile::Zip(entries) => view! { <ZipView entries=entries.clone() label /> }.into_any(),
    };
    view! {
        {note}
        {body}
    }
    .into_any()
}
