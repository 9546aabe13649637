//! Ties what a form says of a refusal to the field that it is about: the field names the
//! words as its description, and has the keyboard again.

use super::dom;
use super::work::Work;
use leptos::html;
use leptos::prelude::*;

/// What a form was refused for.
#[derive(Clone, Copy)]
pub struct Refusal {
    pub form: NodeRef<html::Form>,
    work: Work,
    /// Of the words, [`WorkError`](super::work::WorkError).
    id: &'static str,
    /// The selector of the field that the words are about.
    about: RwSignal<&'static str>,
}

impl Refusal {
    /// `about` is what a form is refused for where nothing else is said.
    pub fn new(work: Work, id: &'static str, about: &'static str) -> Self {
        let form = NodeRef::<html::Form>::new();
        let about = RwSignal::new(about);
        // The button that was pressed could not keep the keyboard while it was busy. A field
        // may come with the refusal.
        Effect::new(move |_| {
            let is_refused = work.error.with(Option::is_some);
            let Some(form) = form.get().filter(|_| is_refused) else {
                return;
            };
            request_animation_frame(move || {
                if let Some(field) = about.try_get_untracked() {
                    dom::focus_within(&form, field);
                }
            });
        });
        Self {
            form,
            work,
            id,
            about,
        }
    }

    pub fn refuse(self, field: &'static str, reason: &str) {
        self.about(field);
        self.work.refuse(reason);
    }

    /// A refusal that comes is about this field.
    pub fn about(self, field: &'static str) {
        self.about.try_set(field);
    }

    /// What describes this field: the words, if they are about it.
    pub fn of(self, field: &'static str) -> Signal<Option<&'static str>> {
        Signal::derive(move || {
            let is_refused = self.work.error.with(Option::is_some) && self.about.get() == field;
            is_refused.then_some(self.id)
        })
    }
}

/// The value of `aria-invalid` beside such a description.
pub fn invalid(described: Signal<Option<&'static str>>) -> impl Fn() -> Option<&'static str> {
    move || described.get().map(|_| "true")
}
