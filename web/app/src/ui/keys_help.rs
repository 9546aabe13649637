//! Which keys there are. A test holds the list against the code that takes them.

use super::dialog::Dialog;
use super::dialogs::use_dialogs;
use crate::words::{english, t};
use leptos::prelude::*;
use platform::browser::js;

struct Group {
    title: &'static str,
    keys: &'static [Key],
}

struct Key {
    /// As people call them: `Mod` is Ctrl, and ⌘ on a Mac.
    shown: &'static [&'static str],
    /// As the code calls them.
    #[cfg_attr(not(test), allow(dead_code, reason = "the test compares them"))]
    codes: &'static [&'static str],
    does: &'static str,
}

const fn key(
    shown: &'static [&'static str],
    codes: &'static [&'static str],
    does: &'static str,
) -> Key {
    Key { shown, codes, does }
}

const GROUPS: &[Group] = &[
    Group {
        title: english!("Anywhere"),
        keys: &[
            key(
                &["Mod Z"],
                &["z"],
                english!("Undo a new name, a move, the trash or a copy"),
            ),
            key(
                &["Mod Shift Z", "Mod Y"],
                &["z", "y"],
                english!("Do it again"),
            ),
            key(&["Mod V"], &[], english!("Add files from the clipboard")),
            key(&["Mod K", "/"], &["k", "/"], english!("Search")),
            key(&["?"], &["?"], english!("Show these keys")),
        ],
    },
    Group {
        title: english!("In the list of files"),
        keys: &[
            key(
                &["↑", "↓"],
                &["ArrowUp", "ArrowDown"],
                english!("Go to the row above or below"),
            ),
            key(
                &["←", "→"],
                &["ArrowLeft", "ArrowRight"],
                english!("Among tiles: go to the one before or after it"),
            ),
            key(
                &["Page ↑", "Page ↓"],
                &["PageUp", "PageDown"],
                english!("Go a page up or down"),
            ),
            key(
                &["Home", "End"],
                &["Home", "End"],
                english!("Go to the first or the last row"),
            ),
            key(
                &["Shift ↑", "Shift ↓"],
                &[],
                english!("Choose the rows on the way"),
            ),
            key(
                &["Mod Space"],
                &[" "],
                english!("Choose the row, or no longer; a folder by Space alone"),
            ),
            key(&["Mod A"], &["a"], english!("Choose all")),
            key(
                &["A – Z"],
                &[],
                english!("Go to the next name that starts so"),
            ),
            key(
                &["Enter"],
                &["Enter"],
                english!("Open; a file by Space, too"),
            ),
            key(
                &["F2"],
                &["F2"],
                english!("Rename: Enter takes the name, Escape does not"),
            ),
            key(&["Delete"], &["Delete"], english!("Move to the trash")),
            key(&["*"], &["*"], english!("Star, or take the star away")),
            key(&["Mod X"], &["x"], english!("Cut")),
            key(&["Mod C"], &["c"], english!("Copy")),
            key(&["Mod V"], &[], english!("Paste what was cut or copied")),
            key(
                &["Escape"],
                &["Escape"],
                english!("Let go of what was cut, or choose nothing"),
            ),
            key(
                &["Shift F10", "Menu"],
                &["F10", "ContextMenu"],
                english!("Open the row's menu"),
            ),
        ],
    },
    Group {
        title: english!("In the search"),
        keys: &[
            key(
                &["Enter"],
                &["Enter"],
                english!("Open; with Ctrl, show in its folder"),
            ),
            key(
                &["→", "Shift F10"],
                &["ArrowRight", "F10", "ContextMenu"],
                english!("Say what can be done with it; ← leads back"),
            ),
        ],
    },
    Group {
        title: english!("In an open file"),
        keys: &[
            key(
                &["←", "→"],
                &["ArrowLeft", "ArrowRight"],
                english!("Go to the file before or after it"),
            ),
            key(
                &["+", "-", "0"],
                &["+", "=", "-", "0"],
                english!("Of a picture: larger, smaller, whole"),
            ),
            key(&["R"], &["r"], english!("Of a picture: turn it")),
            key(&["E"], &["e"], english!("Of a text: edit it")),
            key(
                &["←", "→", "Home", "End"],
                &["ArrowLeft", "ArrowRight", "Home", "End"],
                english!("On a spreadsheet’s tabs: go to another sheet"),
            ),
            key(&["Escape"], &["Escape"], english!("Close it")),
        ],
    },
    Group {
        title: english!("While you edit a text"),
        keys: &[
            key(&["Mod S"], &["s"], english!("Save it as the next version")),
            key(
                &["Tab"],
                &["tab"],
                english!("Leave the text, unless it types a tab; Shift Tab always leaves"),
            ),
            key(
                &["Escape"],
                &["escape"],
                english!("Go back; what is not saved is kept"),
            ),
        ],
    },
    Group {
        title: english!("In a menu"),
        keys: &[
            key(
                &["↑", "↓"],
                &["ArrowUp", "ArrowDown"],
                english!("Go to the one above or below"),
            ),
            key(&["Escape", "Tab"], &["Escape", "Tab"], english!("Close it")),
        ],
    },
    Group {
        title: english!("In a merge of two texts"),
        keys: &[
            key(
                &["N", "P"],
                &["n", "p"],
                english!("Go to the next or the previous difference"),
            ),
            key(&["F7", "Shift F7"], &["f7"], english!("The same")),
            key(
                &["1", "2"],
                &["1", "2"],
                english!("Take the first or the second version"),
            ),
            key(
                &["3", "4"],
                &["3", "4"],
                english!("Take both, the first or the second first"),
            ),
            key(&["E"], &["e"], english!("Type something else")),
            key(&["U", "Mod Z"], &["u", "z"], english!("Undo")),
            key(
                &["R", "Mod Shift Z", "Mod Y"],
                &["r", "z", "y"],
                english!("Do it again"),
            ),
        ],
    },
];

#[component]
pub fn KeysDialog() -> impl IntoView {
    let dialogs = use_dialogs();
    let platform = js::get_text(&window().navigator(), "platform");
    let is_mac = platform.is_some_and(|platform| platform.contains("Mac"));
    let groups = GROUPS.iter().map(move |group| {
        let keys = group.keys.iter().map(move |key| {
            let shown = key.shown.iter().map(move |&combination| {
                view! { <span class="key-combination">{caps(combination, is_mac)}</span> }
            });
            view! {
                <dt>{shown.collect_view()}</dt>
                <dd>{t(key.does)}</dd>
            }
        });
        view! {
            <section>
                <h3>{t(group.title)}</h3>
                <dl class="keys">{keys.collect_view()}</dl>
            </section>
        }
    });
    view! {
        <Dialog title=t("Keys") on_close=dialogs.on_close() wide=true>
            <div class="key-groups">{groups.collect_view()}</div>
        </Dialog>
    }
}

fn caps(combination: &'static str, is_mac: bool) -> impl IntoView {
    let caps = combination.split(' ').map(move |cap| {
        let cap = match cap {
            "Mod" if is_mac => "⌘",
            "Mod" => t("Ctrl"),
            "Shift" => t("Shift"),
            "Page" => t("Page"),
            "Home" => t("Home"),
            "End" => t("End"),
            "Space" => t("Space"),
            "Enter" => t("Enter"),
            "Escape" => t("Escape"),
            "Menu" => t("Menu"),
            // "Delete" stays as it is: the catalogue has it as what a button does.
            cap => cap,
        };
        view! { <kbd>{cap}</kbd> }
    });
    caps.collect_view()
}

#[cfg(test)]
mod tests {
    use super::GROUPS;
    use std::collections::BTreeSet;

    /// Wherever keys are taken.
    const SOURCES: [&str; 11] = [
        include_str!("find.rs"),
        include_str!("search/palette.rs"),
        include_str!("viewer.rs"),
        include_str!("viewer/editor.rs"),
        include_str!("viewer/sheets.rs"),
        include_str!("viewer/picture.rs"),
        include_str!("files/keys.rs"),
        include_str!("files/rename.rs"),
        include_str!("menu.rs"),
        include_str!("shell/shortcuts.rs"),
        include_str!("conflicts/text/keys.rs"),
    ];

    /// What stands before `=>`, or after `==`, in quotes.
    fn taken(source: &str) -> BTreeSet<&str> {
        let mut keys = BTreeSet::new();
        for line in source.lines() {
            let arm = line.trim().strip_prefix('"').and(line.split_once("=>"));
            let compared = line.split_once("== \"").map(|(_, key)| key);
            let arm = arm.map(|(arm, _)| arm).unwrap_or_default();
            keys.extend(arm.split('"').skip(1).step_by(2));
            keys.extend(compared.and_then(|key| key.split('"').next()));
        }
        keys
    }

    #[test]
    fn the_help_lists_the_keys_that_there_are_and_no_others() {
        let taken: BTreeSet<&str> = SOURCES.iter().flat_map(|source| taken(source)).collect();
        let keys = GROUPS.iter().flat_map(|group| group.keys);
        let listed: BTreeSet<&str> = keys.flat_map(|key| key.codes.iter().copied()).collect();
        assert_eq!(taken, listed);
        assert!(taken.contains("F2") && taken.contains(" ") && taken.contains("f7"));
    }
}
