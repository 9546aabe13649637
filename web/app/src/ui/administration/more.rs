//! What follows a list of which a page is here.

use crate::ui::work::{Work, WorkError};
use leptos::prelude::*;
use platform::failure::Failure;

/// Asks for the next page, as long as there is one.
#[component]
pub fn More<P, F>(
    /// Where the next page begins.
    next: Option<P>,
    words: &'static str,
    /// Adds the page that begins there, and tells where the one after it does.
    load: impl Fn(P) -> F + Clone + Send + Sync + 'static,
) -> impl IntoView
where
    P: Clone + Send + Sync + 'static,
    F: Future<Output = Result<Option<P>, Failure>> + 'static,
{
    let work = Work::new();
    let next = RwSignal::new(next);
    let more = move |_| {
        if let Some(page) = next.get_untracked() {
            work.run(load(page), move |after| {
                next.try_set(after);
            });
        }
    };
    view! {
        <WorkError work />
        <Show when=move || next.with(Option::is_some)>
            <p class="page-foot">
                <button type="button" class="button" disabled=work.busy on:click=more.clone()>
                    {words}
                </button>
            </p>
        </Show>
    }
}
