//! A command under way: busy, done, or failed with a sentence.

use super::sentence::Sentence;
use crate::format::sentence;
use crate::refusals::InWords;
use leptos::prelude::*;
use leptos::task::spawn_local;
use platform::failure::Failure;

/// What a form shows of the command that it started.
#[derive(Clone, Copy)]
pub struct Work {
    pub busy: RwSignal<bool>,
    pub error: RwSignal<Option<String>>,
}

impl Work {
    pub fn new() -> Self {
        Self {
            busy: RwSignal::new(false),
            error: RwSignal::new(None),
        }
    }

    /// Runs a command unless one is running. The form may be gone when it ends.
    pub fn run<T: 'static>(
        self,
        command: impl Future<Output = Result<T, Failure>> + 'static,
        then: impl FnOnce(T) + 'static,
    ) {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        self.error.set(None);
        spawn_local(async move {
            let outcome = command.await;
            self.busy.try_set(false);
            match outcome {
                Ok(value) => then(value),
                Err(Failure::Cancelled) => {}
                Err(failure) => {
                    self.error.try_set(Some(sentence(&failure.in_words())));
                }
            }
        });
    }

    pub fn refuse(self, reason: &str) {
        self.error.set(Some(sentence(reason)));
    }
}

/// Where a form's failure is read out.
#[component]
pub fn WorkError(
    work: Work,
    /// By which a field says that this is about it.
    #[prop(optional)]
    id: Option<&'static str>,
) -> impl IntoView {
    view! {
        <Show when=move || work.error.with(Option::is_some)>
            <p class="form-error" role="alert" id=id>
                {move || work.error.get().map(|text| view! { <Sentence text /> })}
            </p>
        </Show>
    }
}
