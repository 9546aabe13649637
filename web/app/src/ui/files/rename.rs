//! A new name, typed in the row of what gets it.

use super::browse::{Browse, use_browse};
use crate::commands::{Commands, use_commands};
use crate::format::sentence;
use crate::refusals::InWords;
use crate::ui::dom;
use crate::ui::sentence::Sentence;
use crate::words::say;
use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;
use protocol::ids::ItemId;
use protocol::items::Item;
use protocol::name::Name;

/// What is being typed. It is not in the row, which is made anew when the item changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Renaming {
    pub item: ItemId,
    typed: String,
    /// Why it was refused.
    error: Option<String>,
}

impl Browse {
    /// Whether the name of an item is a field.
    pub fn names(self, id: ItemId) -> Memo<bool> {
        Memo::new(move |_| {
            let renaming = self.renaming;
            renaming.with(|renaming| renaming.as_ref().is_some_and(|one| one.item == id))
        })
    }

    /// Makes the name of an item a field.
    pub fn start_renaming(self, id: ItemId) {
        // A menu gives the keyboard back first.
        request_animation_frame(move || {
            let Some(item) = self.item(id) else {
                return;
            };
            if let Some(place) = self.place_of(id) {
                self.reveal(place);
            }
            self.active.set(Some(id));
            self.renaming.set(Some(Renaming {
                item: id,
                typed: item.name.to_string(),
                error: None,
            }));
        });
    }

    /// Lets go of what was typed. Returns whether something was.
    pub fn stop_renaming(self) -> bool {
        let was = self.renaming.with_untracked(Option::is_some);
        if was {
            self.renaming.set(None);
        }
        was
    }

    /// Gives the item the name that was typed. If that is refused, it stays with why.
    fn finish_renaming(self, commands: Commands) {
        let Some(renaming) = self.renaming.get_untracked() else {
            return;
        };
        let old = self.item(renaming.item).map(|item| item.name);
        let refused = match Name::parse(renaming.typed.trim()) {
            Err(problem) => problem.in_words(),
            Ok(name) if old.as_ref() == Some(&name) => return self.renaming.set(None),
            Ok(name) => match commands.rename(renaming.item, name) {
                Ok(()) => return self.renaming.set(None),
                Err(failure) => failure.in_words(),
            },
        };
        let error = Some(sentence(&refused));
        self.renaming.set(Some(Renaming { error, ..renaming }));
    }
}

/// The field, and beside it why a name was refused.
#[component]
pub fn NameField(item: Item) -> impl IntoView {
    let (browse, commands) = (use_browse(), use_commands());
    let input = NodeRef::<html::Input>::new();
    let error = Memo::new(move |_| {
        browse
            .renaming
            .with(|renaming| renaming.as_ref()?.error.clone())
    });
    let typed = browse
        .renaming
        .with_untracked(|renaming| renaming.as_ref().map(|renaming| renaming.typed.clone()));
    // Typing replaces the name and keeps the ending; in a row that is made anew, it goes on
    // where the text ends.
    let is_new = typed.as_deref() == Some(item.name.as_str());
    let stem = match item.is_folder() {
        true => item.name.as_str(),
        false => item.name.stem_and_extension().0,
    };
    let stem = stem.encode_utf16().count() as u32;
    dom::when_drawn(input, move |input| {
        let _ = input.focus();
        let _ = match is_new {
            true => input.set_selection_range(0, stem),
            false => input.set_selection_range(u32::MAX, u32::MAX),
        };
    });
    let write = move |event| {
        let typed = event_target_value(&event);
        browse.renaming.update(|renaming| {
            if let Some(renaming) = renaming {
                renaming.typed = typed;
                renaming.error = None;
            }
        });
    };
    let key = move |event: KeyboardEvent| {
        event.stop_propagation();
        if event.is_composing() {
            return;
        }
        match event.key().as_str() {
            "Enter" => browse.finish_renaming(commands),
            "Escape" => {
                browse.stop_renaming();
            }
            _ => return,
        }
        event.prevent_default();
        if browse.renaming.with_untracked(Option::is_none) {
            browse.focus();
        }
    };
    // Whoever looks into another window goes on typing afterwards. A row that is made anew
    // takes the keyboard with it a moment later, and one out of sight keeps what was typed.
    let item_id = item.id;
    let leave = move |_| {
        if !document().has_focus().unwrap_or(true) {
            return;
        }
        request_animation_frame(move || {
            let renaming = browse.renaming;
            let is_open = renaming.try_with_untracked(|renaming| {
                renaming.as_ref().is_some_and(|one| one.item == item_id)
            });
            let field = document()
                .query_selector(".row-naming input")
                .ok()
                .flatten();
            let is_left = field.is_some_and(|field| document().active_element() != Some(field));
            if is_open == Some(true) && is_left {
                browse.finish_renaming(commands);
            }
        });
    };
    let id = dom::fresh_id("name");
    let described = format!("{id}-error");
    let described_by = described.clone();
    view! {
        <span class="row-words row-naming">
            <input
                node_ref=input
                type="text"
                autocomplete="off"
                spellcheck="false"
                aria-label=say!("New name of {name}", name = item.name)
                aria-invalid=move || error.with(Option::is_some).to_string()
                aria-describedby=move || error.with(Option::is_some).then(|| described_by.clone())
                value=typed
                on:input=write
                on:keydown=key
                on:blur=leave
            />
            {move || {
                let text = error.get()?;
                Some(
                    view! {
                        <span class="row-error" id=described.clone() role="alert">
                            <Sentence text />
                        </span>
                    },
                )
            }}
        </span>
    }
}
