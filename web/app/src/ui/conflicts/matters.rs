//! What this device changed of an item while somebody else changed it, too: a
//! deletion, a name, a place. What was done about it is told until the person
//! has seen it, with what can be done instead.

use super::sides::{file_name, name};
use crate::commands::{MatterChoice, use_commands};
use crate::format::{ago, moment};
use crate::refusals::InWords;
use crate::state::Drive;
use crate::ui::clock::use_clock;
use crate::ui::dialogs::{Ask, use_dialogs};
use crate::ui::each::Each;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::sentence::Sentence;
use crate::ui::work::{Work, WorkError};
use crate::words::{say, t};
use leptos::prelude::*;
use protocol::ids::ItemId;
use protocol::problem::Problem;
use sync::edit::{Matter, Met};

#[component]
pub fn Matters() -> impl IntoView {
    let drive: Drive = expect_context();
    let matters = Memo::new(move |_| {
        let mut matters: Vec<Matter> = drive.matters.with(|all| all.values().cloned().collect());
        matters.sort_by_cached_key(|matter| std::cmp::Reverse(matter.at_ms));
        matters
    });
    view! {
        <Show when=move || matters.with(|matters| !matters.is_empty())>
            <h2 class="list-title">{t("Names, places and deletions that met")}</h2>
            <ul class="lines lines-boxed">
                <Each
                    each=move || matters.get()
                    key=|matter| matter.id
                    children=move |matter| view! { <Line matter /> }
                />
            </ul>
        </Show>
    }
}

/// What a person can do about a matter.
#[derive(Clone, PartialEq, Eq)]
enum Way {
    Choose(MatterChoice),
    /// By the dialog that asks for a name; the matter stays meanwhile.
    Rename(ItemId),
    RestoreAs(ItemId),
}

struct Words {
    /// Which item it is shown for.
    item: ItemId,
    told: String,
    ways: Vec<(Way, &'static str)>,
}

fn words(drive: Drive, matter: &Matter) -> Words {
    use MatterChoice::{Fine, LetGo, MineAfterAll};
    let item = matter.item;
    let by = matter.by.as_ref();
    let by = by.map_or_else(|| t("Somebody else").to_owned(), |by| name(drive, by));
    let choose = |choice, words| (Way::Choose(choice), words);
    match &matter.what {
        Met::Deleted { new } => Words {
            item: *new,
            told: match drive.root {
                None => t("The file was deleted while you changed it. Your version is saved as a new file."),
                Some(_) => t("The file was deleted, or moved out of what is shared, while you changed it. Your version is saved as a new file."),
            }
            .to_owned(),
            ways: vec![
                choose(MineAfterAll, t("Bring the file back with my version")),
                choose(LetGo, t("Let my version go")),
                choose(Fine, t("Keep the new file")),
            ],
        },
        Met::Placed { wanted } => Words {
            item,
            told: say!(
                "{by} renamed or moved it first, so your change to “{name}” was not made.",
                by,
                name = wanted.name
            ),
            ways: vec![
                choose(MineAfterAll, t("Make my change after all")),
                choose(Fine, t("Leave it as it is")),
            ],
        },
        Met::Impossible { wanted, problem } => Words {
            item,
            told: say!(
                "Your change to “{name}” was not made: {problem}.",
                name = wanted.name,
                problem = problem.in_words()
            ),
            ways: vec![
                choose(MineAfterAll, t("Try again")),
                choose(Fine, t("Leave it as it is")),
            ],
        },
        Met::FolderDeleted { folder, .. } => Words {
            item,
            told: say!(
                "You moved it into “{folder}”, which was deleted meanwhile. It is where it was.",
                folder = file_name(drive, *folder)
            ),
            ways: vec![
                choose(MineAfterAll, t("Restore the folder and move it there")),
                choose(Fine, t("Leave it where it is")),
            ],
        },
        Met::NameTaken { wanted } => Words {
            item,
            told: say!(
                "You named it “{name}”, but something else has that name by now. It keeps its own.",
                name = wanted.name
            ),
            ways: vec![
                (Way::Rename(item), t("Choose another name…")),
                choose(Fine, t("Leave it as it is")),
            ],
        },
        Met::Renamed { from, to } => Words {
            item,
            told: say!(
                "A file and a folder were both named “{from}”. The other one was first, so yours is “{to}”.",
                from,
                to
            ),
            ways: vec![
                (Way::Rename(item), t("Choose another name…")),
                choose(Fine, t("That is fine")),
            ],
        },
        Met::Trashed {
            wanted: false,
            problem: Problem::NameTaken { .. },
        } => Words {
            item,
            told: t("It was not restored: something else has its name by now.").to_owned(),
            ways: vec![
                (Way::RestoreAs(item), t("Restore under another name…")),
                choose(Fine, t("Leave it in the trash")),
            ],
        },
        Met::Trashed { wanted, problem } => Words {
            item,
            told: match wanted {
                true => say!("It was not moved to the trash: {problem}.", problem = problem.in_words()),
                false => say!("It was not restored: {problem}.", problem = problem.in_words()),
            },
            ways: vec![
                choose(MineAfterAll, t("Try again")),
                choose(Fine, t("Leave it as it is")),
            ],
        },
    }
}

#[component]
fn Line(matter: Matter) -> impl IntoView {
    let (drive, clock): (Drive, _) = (expect_context(), use_clock());
    let (id, at) = (matter.id, matter.at_ms);
    let Words { item, told, ways } = words(drive, &matter);
    let file = Memo::new(move |_| file_name(drive, item));
    let work = Work::new();
    view! {
        <li class="line line-grows matter" data-testid="matter">
            <span class="row-icon row-icon-conflict">
                <Glyph icon=Icon::Conflict />
            </span>
            <div class="matter-words">
                <p>
                    <strong><bdi>{file}</bdi></strong>
                    " "
                    <span class="hint" title=moment(at)>
                        {move || ago(at, clock.now_ms())}
                    </span>
                </p>
                <p><Sentence text=told /></p>
                <div class="bulk-buttons">
                    {ways
                        .into_iter()
                        .map(|(way, words)| view! { <WayButton id way words file work /> })
                        .collect_view()}
                </div>
                <WorkError work />
            </div>
        </li>
    }
}

#[component]
fn WayButton(
    id: sync::ids::Nonce,
    way: Way,
    words: &'static str,
    file: Memo<String>,
    work: Work,
) -> impl IntoView {
    let dialogs = use_dialogs();
    let commands = use_commands();
    let go = move |_| match &way {
        Way::Choose(choice) => {
            let settled = commands.settle(id, *choice);
            work.run(std::future::ready(settled), |()| {});
        }
        Way::Rename(item) => dialogs.open(Ask::Rename(*item)),
        Way::RestoreAs(item) => dialogs.open(Ask::RestoreAs(*item)),
    };
    view! {
        <button
            type="button"
            class="button button-small"
            aria-label=move || format!("{words}: {}", file.get())
            disabled=work.busy
            on:click=go
        >
            {words}
        </button>
    }
}
