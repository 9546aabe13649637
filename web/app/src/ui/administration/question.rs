//! What a part of the page asks for, and how it shows that it is on its way or did not come.

use crate::format::sentence;
use crate::refusals::InWords;
use crate::ui::dialogs::use_dialogs;
use crate::words::t;
use leptos::prelude::*;
use leptos::task::spawn_local;
use platform::failure::Failure;

/// What a part of the page has asked for.
#[derive(Clone, PartialEq)]
enum Asked<T> {
    Loading,
    Failed(String),
    Here(T),
}

/// What a part of the page shows: an answer that is asked for when the part is made, and again
/// whenever a dialog has changed something.
pub struct Question<T: Send + Sync + 'static> {
    asked: RwSignal<Asked<T>>,
    ask: Callback<()>,
}

impl<T: Send + Sync + 'static> Clone for Question<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Question<T> {}

impl<T: Clone + Send + Sync + 'static> Question<T> {
    pub fn new<F>(question: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<T, Failure>> + 'static,
    {
        let dialogs = use_dialogs();
        let asked = RwSignal::new(Asked::Loading);
        let ask = Callback::new(move |()| {
            let answer = question();
            spawn_local(async move {
                let answer = match answer.await {
                    Ok(answer) => Asked::Here(answer),
                    Err(failure) => Asked::Failed(sentence(&failure.in_words())),
                };
                asked.try_set(answer);
            });
        });
        Effect::new(move |_| {
            dialogs.changes.track();
            ask.run(());
        });
        Self { asked, ask }
    }

    /// The answer as `show` shows it, or why there is none.
    pub fn view(
        self,
        loading: &'static str,
        show: impl Fn(T) -> AnyView + Send + 'static,
    ) -> AnyView {
        let view = move || match self.asked.get() {
            Asked::Loading => {
                view! { <div class="skeleton" role="status" aria-label=loading></div> }.into_any()
            }
            Asked::Failed(reason) => view! {
                <p class="form-error" role="alert">
                    {reason} " "
                    <button type="button" class="link" on:click=move |_| self.ask.run(())>
                        {t("Try again")}
                    </button>
                </p>
            }
            .into_any(),
            Asked::Here(answer) => show(answer),
        };
        view.into_any()
    }
}
