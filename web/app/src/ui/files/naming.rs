//! The dialogs that ask for a name. What was typed stays when it is refused.

use crate::commands::use_commands;
use crate::refusals::InWords;
use crate::state::Drive;
use crate::ui::dialog::{Dialog, use_leave};
use crate::ui::dialog_foot::DialogFoot;
use crate::ui::dialogs::use_dialogs;
use crate::ui::dom;
use crate::ui::refusal::{Refusal, invalid};
use crate::ui::route::use_router;
use crate::ui::sentence::Sentence;
use crate::ui::work::{Work, WorkError};
use crate::words::{say, t};
use leptos::ev::SubmitEvent;
use leptos::html;
use leptos::prelude::*;
use protocol::ids::ItemId;
use protocol::name::Name;

#[component]
pub fn NewFolderDialog(parent: Option<ItemId>) -> impl IntoView {
    let dialogs = use_dialogs();
    let commands = use_commands();
    let work = Work::new();
    let agree = Callback::new(move |name: Name| {
        let made = std::future::ready(commands.create_folder(parent, name));
        work.run(made, move |_| dialogs.close());
    });
    view! {
        <Dialog title=t("New folder") on_close=dialogs.on_close()>
            <NameForm start="" verb=t("Create folder") work agree />
        </Dialog>
    }
}

/// Makes an empty text, which is then typed in.
#[component]
pub fn NewTextDialog(parent: Option<ItemId>) -> impl IntoView {
    let (drive, dialogs): (Drive, _) = (expect_context(), use_dialogs());
    let (commands, router) = (use_commands(), use_router());
    let work = Work::new();
    let agree = Callback::new(move |name: Name| {
        let told = name.to_string();
        work.run(commands.new_text(parent, name), move |made| {
            dialogs.close();
            match made {
                Some(item) => router.edit_file(item),
                None => drive.notices.good(say!(
                    "“{name}” is on its way. It can be edited once the server has it",
                    name = told
                )),
            }
        });
    });
    view! {
        <Dialog title=t("New text file") on_close=dialogs.on_close()>
            <NameForm start="Text.txt" verb=t("Create and edit") work agree />
        </Dialog>
    }
}

#[component]
pub fn RenameDialog(item: ItemId) -> impl IntoView {
    let (drive, dialogs): (Drive, _) = (expect_context(), use_dialogs());
    let commands = use_commands();
    let work = Work::new();
    let old = drive
        .tree
        .with_untracked(|tree| tree.get(item).map(|item| item.name.clone()));
    let start = old.as_ref().map_or_else(String::new, Name::to_string);
    let title = say!("Rename “{name}”", name = start);
    let agree = Callback::new(move |name: Name| {
        if Some(&name) == old.as_ref() {
            return dialogs.close();
        }
        let renamed = std::future::ready(commands.rename(item, name));
        work.run(renamed, move |()| dialogs.close());
    });
    view! {
        <Dialog title on_close=dialogs.on_close()>
            <NameForm start verb=t("Rename") work agree />
        </Dialog>
    }
}

/// Offers another name for what comes out of the trash.
#[component]
pub fn RestoreDialog(item: ItemId) -> impl IntoView {
    let (drive, dialogs): (Drive, _) = (expect_context(), use_dialogs());
    let commands = use_commands();
    let work = Work::new();
    let old = drive
        .tree
        .with_untracked(|tree| tree.get(item).map(|item| item.name.to_string()));
    let old = old.unwrap_or_default();
    let offered = commands.name_to_restore(item);
    let (start, folder) = offered.map_or_else(Default::default, |(name, folder)| {
        (name.to_string(), folder)
    });
    let title = say!("Restore “{name}” under another name", name = old);
    let taken = say!(
        "There is something named “{name}” in “{folder}” already. Both are kept.",
        name = old,
        folder
    );
    let agree = Callback::new(move |name: Name| {
        let restored = std::future::ready(commands.restore(item, Some(name)));
        work.run(restored, move |()| dialogs.close());
    });
    view! {
        <Dialog title on_close=dialogs.on_close()>
            <p><Sentence text=taken /></p>
            <NameForm start verb=t("Restore") work agree />
        </Dialog>
    }
}

/// What says why a name was refused, and the field of names.
const REFUSAL: &str = "name-error";
const NAME: &str = "[name=name]";

#[component]
fn NameForm(
    #[prop(into)] start: String,
    verb: &'static str,
    work: Work,
    agree: Callback<Name>,
) -> impl IntoView {
    let input = NodeRef::<html::Input>::new();
    let refusal = Refusal::new(work, REFUSAL, NAME);
    // Typing replaces the name and keeps the ending.
    let stem =
        Name::parse(&start).map_or(0, |name| name.stem_and_extension().0.encode_utf16().count());
    dom::when_drawn(input, move |input| {
        let _ = input.focus();
        let _ = input.set_selection_range(0, stem as u32);
    });
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let text = input
            .get_untracked()
            .map(|input| input.value())
            .unwrap_or_default();
        match Name::parse(text.trim()) {
            Ok(name) => agree.run(name),
            Err(problem) => work.refuse(&problem.in_words()),
        }
    };
    view! {
        <form node_ref=refusal.form class="stack" novalidate on:submit=submit>
            <label class="field">
                <span>{t("Name")}</span>
                <input
                    node_ref=input
                    type="text"
                    name="name"
                    autocomplete="off"
                    spellcheck="false"
                    autofocus
                    value=start
                    aria-invalid=invalid(refusal.of(NAME))
                    aria-describedby=refusal.of(NAME)
                />
            </label>
            <WorkError work id=REFUSAL />
            <DialogFoot verb disabled=work.busy cancel=use_leave() />
        </form>
    }
}
