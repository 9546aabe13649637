//! Asks what becomes of names that are taken: once for an intake.

use crate::commands::use_commands;
use crate::format::count;
use crate::state::Drive;
use crate::state::door::{IntakeId, NamesAnswer, Question, TakenName};
use crate::ui::dialog::Dialog;
use crate::ui::dialogs::use_dialogs;
use crate::ui::each::Each;
use crate::words::{english, say, say_many, t};
use leptos::html;
use leptos::prelude::*;
use protocol::name::Name;
use std::collections::BTreeMap;
use sync::intake::OnTakenName;

/// Names that can be decided on one by one. All others do as is said for all.
const MOST_LISTED: usize = 200;

/// The answers, with the words for each.
const ANSWERS: [(OnTakenName, &str); 3] = [
    (OnTakenName::NextVersion, english!("New version")),
    (OnTakenName::KeepBoth, english!("Keep both")),
    (OnTakenName::Skip, english!("Skip")),
];

#[component]
pub fn TakenDialog(intake: IntakeId) -> impl IntoView {
    let (drive, dialogs): (Drive, _) = (expect_context(), use_dialogs());
    let commands = use_commands();
    let questions = drive.door.questions;
    let question = Memo::new(move |_| {
        let find = |all: &Vec<Question>| all.iter().find(|one| one.id == intake).cloned();
        questions.with(find)
    });
    Effect::new(move |_| {
        match question.get() {
            // Cancelled elsewhere.
            None => dialogs.close(),
            // Whatever had the names is gone: nothing is left to be asked.
            Some(question) if question.names.is_empty() => {
                dialogs.close();
                commands.answer_taken_names(intake, same(OnTakenName::KeepBoth));
            }
            Some(_) => {}
        }
    });
    let on_close = Callback::new(move |()| {
        dialogs.close();
        commands.refuse_intake(intake);
    });
    let place = move || {
        let folder = question.with(|question| question.as_ref().and_then(|one| one.folder));
        let name =
            folder.and_then(|id| drive.tree.with(|tree| Some(tree.get(id)?.name.to_string())));
        name.unwrap_or_else(|| t("Files").to_owned())
    };
    let title = Memo::new(move |_| {
        question.with(|question| question.as_ref().map_or_else(String::new, title))
    });
    let names = move || {
        question.with(|one| {
            one.as_ref()
                .map(|one| one.names.clone())
                .unwrap_or_default()
        })
    };
    let but = RwSignal::new(BTreeMap::<usize, OnTakenName>::new());
    let remember = NodeRef::<html::Input>::new();
    let agree = Callback::new(move |all: OnTakenName| {
        let answer = NamesAnswer {
            all,
            but: but.get_untracked(),
            remember: remember
                .get_untracked()
                .is_some_and(|input| input.checked()),
        };
        dialogs.close();
        commands.answer_taken_names(intake, answer);
    });
    view! {
        <Dialog title on_close>
            <p class="lead">{move || question.with(|one| one.as_ref().map(lead))}</p>
            <Names names but />
            <Choices question agree />
            <label class="for-good">
                <input node_ref=remember type="checkbox" />
                <span>{move || say!("Always do this in “{folder}”, without asking", folder = place())}</span>
            </label>
        </Dialog>
    }
}

fn same(all: OnTakenName) -> NamesAnswer {
    NamesAnswer {
        all,
        but: BTreeMap::new(),
        remember: false,
    }
}

fn title(question: &Question) -> String {
    match question.names.as_slice() {
        [] => String::new(),
        [one] => say!("“{path}” is already here", path = one.path),
        many => say_many!(
            many.len(),
            "1 of these names is already here",
            "{n} of these names are already here"
        ),
    }
}

fn lead(question: &Question) -> String {
    let new = question.files.saturating_sub(question.names.len());
    let files = count(question.files, "file", "files");
    let waits = match (question.files, new) {
        (1, _) => t("It is uploaded once you have chosen.").to_owned(),
        (_, 0) => say!("The {files} are uploaded once you have chosen.", files),
        _ => say_many!(
            new,
            "All {files} are uploaded once you have chosen, also the one that is new.",
            "All {files} are uploaded once you have chosen, also the {n} that are new.",
            files
        ),
    };
    format!("{waits} {}", t("If you close this, nothing is."))
}

/// The names, each with a choice of its own; of one alone, the buttons are that.
#[component]
fn Names(
    names: impl Fn() -> Vec<TakenName> + Copy + Send + Sync + 'static,
    but: RwSignal<BTreeMap<usize, OnTakenName>>,
) -> impl IntoView {
    let shown = move || {
        let mut names = names();
        names.truncate(MOST_LISTED);
        names
    };
    let more = move || {
        let number = names().len().saturating_sub(MOST_LISTED);
        (number > 0).then(|| {
            view! { <li>{say_many!(number, "and 1 more, for which your choice counts as well", "and {n} more, for which your choice counts as well")}</li> }
        })
    };
    view! {
        <Show when=move || { names().len() > 1 }>
            <ul class="listed" tabindex="0" aria-label=t("Names that are taken")>
                <Each
                    each=shown
                    key=TakenName::clone
                    children=move |name| view! { <Choice name but /> }
                />
                {more}
            </ul>
        </Show>
    }
}

#[component]
fn Choice(name: TakenName, but: RwSignal<BTreeMap<usize, OnTakenName>>) -> impl IntoView {
    let TakenName { source, path } = name;
    let choose = move |event: leptos::ev::Event| {
        let chosen = event_target_value(&event);
        let found = ANSWERS.iter().find(|(_, words)| *words == chosen);
        but.update(|but| match found {
            Some((wanted, _)) => {
                but.insert(source, *wanted);
            }
            None => {
                but.remove(&source);
            }
        });
    };
    view! {
        <li class="listed-choice">
            <strong title=path.clone()>{path.clone()}</strong>
            <select aria-label=say!("What becomes of {path}", path) on:change=choose>
                <option value="">{t("As chosen below")}</option>
                {ANSWERS
                    .map(|(_, words)| view! { <option value=words>{t(words)}</option> })
                    .into_iter()
                    .collect_view()}
            </select>
        </li>
    }
}

#[component]
fn Choices(question: Memo<Option<Question>>, agree: Callback<OnTakenName>) -> impl IntoView {
    let words =
        move |wanted| question.with(|question| question.as_ref().map(|one| explained(wanted, one)));
    let rows = ANSWERS.map(|(wanted, label)| {
        let is_first = wanted == OnTakenName::NextVersion;
        view! {
            <div class="choice">
                <button
                    type="button"
                    class="button"
                    class:button-main=is_first
                    autofocus=is_first
                    on:click=move |_| agree.run(wanted)
                >
                    {t(label)}
                </button>
                <p>{move || words(wanted)}</p>
            </div>
        }
    });
    view! { <div class="choices">{rows.into_iter().collect_view()}</div> }
}

fn explained(wanted: OnTakenName, question: &Question) -> String {
    let one = match question.names.as_slice() {
        [one] => Some(one.path.rsplit('/').next().unwrap_or_default()),
        _ => None,
    };
    match (wanted, one) {
        (OnTakenName::NextVersion, Some(_)) => {
            t("It becomes the next version of the file that is here.").into()
        }
        (OnTakenName::NextVersion, None) => {
            t("Each becomes the next version of the file of its name.").into()
        }
        (OnTakenName::KeepBoth, Some(name)) => {
            let named = Name::parse(name)
                .map_or_else(|_| name.to_owned(), |name| name.numbered(2).to_string());
            say!("It is added under a name like “{name}”.", name = named)
        }
        (OnTakenName::KeepBoth, None) => t("Each is added under its name with a number.").into(),
        (OnTakenName::Skip, Some(_)) => t("It is not uploaded.").into(),
        (OnTakenName::Skip, None) if question.files > question.names.len() => {
            t("None of them is uploaded, only what is new.").into()
        }
        (OnTakenName::Skip, None) => t("None of them is uploaded.").into(),
    }
}
