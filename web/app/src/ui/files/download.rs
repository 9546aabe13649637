//! Downloading what is chosen: one file as it is, anything else as a zip.

use crate::archive::plan::Plan;
use crate::commands::{Commands, ZipContents, use_commands};
use crate::format::{bytes, count};
use crate::state::Drive;
use crate::ui::dialog::Dialog;
use crate::ui::dialog_foot::{DialogFoot, First};
use crate::ui::dialogs::{Ask, Dialogs, use_dialogs};
use crate::ui::each::Each;
use crate::words::{say, say_many, t};
use leptos::prelude::*;
use protocol::ids::ItemId;
use wasm_bindgen_futures::spawn_local;

/// Paths that the dialog names.
const NAMED: usize = 100;

/// Downloads these siblings. What can't be had without a connection is told
/// before anything begins.
pub fn download((drive, commands): (Drive, Commands), dialogs: Dialogs, items: Vec<ItemId>) {
    if let [only] = items.as_slice()
        && drive
            .tree
            .with_untracked(|tree| tree.get(*only).is_some_and(|item| item.file.is_some()))
    {
        return commands.download(*only);
    }
    spawn_local(async move {
        match commands.look_into_zip(items).await {
            Ok(ZipContents::Whole(plan)) => commands.download_zip(plan),
            Ok(ZipContents::Part(plan)) => dialogs.open(Ask::PartOfZip(plan)),
            Ok(ZipContents::Nothing(name)) => {
                let text = say!(
                    "“{name}” can’t be made without a connection: this browser keeps none of its files",
                    name
                );
                drive.notices.bad(text);
            }
            Err(failure) => drive.notices.failure(t("Nothing was downloaded"), &failure),
        }
    });
}

/// Offline: whether the files that are here will do.
#[component]
pub fn PartOfZipDialog(plan: Plan) -> impl IntoView {
    let dialogs = use_dialogs();
    let commands = use_commands();
    let here = plan.files().count();
    let all = here + plan.omitted.len();
    let title = say!(
        "Download {here} of {all}?",
        here,
        all = count(all, "file", "files")
    );
    let words = say!(
        "There is no connection. {files} with {size} can be put into “{name}” now; {missing} can’t, because this browser does not keep them:",
        files = count(here, "file", "files"),
        size = bytes(plan.bytes()),
        name = plan.name,
        missing = count(plan.omitted.len(), "file", "files"),
    );
    let paths: Vec<String> = plan
        .omitted
        .iter()
        .map(|omitted| omitted.path.clone())
        .collect();
    let more = paths.len().saturating_sub(NAMED);
    let named = paths[..paths.len() - more].to_vec();
    let agree = Callback::new(move |()| {
        commands.download_zip(plan.clone());
        dialogs.close();
    });
    view! {
        <Dialog title on_close=dialogs.on_close()>
            <p>{words}</p>
            <ul class="dialog-names" tabindex="0" aria-label=t("Files that are not here")>
                <Each
                    each=move || named.clone()
                    key=|path| path.clone()
                    children=|path| view! { <li>{path}</li> }
                />
                <Show when=move || { more > 0 }>
                    <li>{say_many!(more, "and 1 more", "and {n} more")}</li>
                </Show>
            </ul>
            <DialogFoot
                verb=say!("Download {files}", files = count(here, "file", "files"))
                act=agree
                cancel=dialogs.on_close()
                first=First::Act
            />
        </Dialog>
    }
}
