//! The end of a dialog: the way out, and what the dialog is for.

use crate::words::t;
use leptos::either::Either;
use leptos::prelude::*;

/// Which of the two buttons has the keyboard when the dialog opens.
#[derive(Clone, Copy, PartialEq, Default)]
pub enum First {
    /// What else asks for it.
    #[default]
    Neither,
    WayOut,
    Act,
}

#[component]
pub fn DialogFoot(
    /// The words on the button that does what the dialog is for.
    #[prop(into)]
    verb: Signal<String>,
    /// What that button does; without it, it submits the form around it.
    #[prop(optional)]
    act: Option<Callback<()>>,
    #[prop(optional, into)] disabled: Signal<bool>,
    /// Whether the act takes something away.
    #[prop(optional)]
    bad: bool,
    /// Leaves the dialog as it is.
    cancel: Callback<()>,
    #[prop(default = t("Cancel").into(), into)] way_out: Signal<String>,
    #[prop(optional)] first: First,
) -> impl IntoView {
    let class = match bad {
        true => "button button-bad",
        false => "button button-main",
    };
    let is_first = first == First::Act;
    view! {
        <div class="dialog-foot">
            <button
                type="button"
                class="button"
                autofocus=first == First::WayOut
                on:click=move |_| cancel.run(())
            >
                {way_out}
            </button>
            {match act {
                Some(act) => {
                    Either::Left(
                        view! {
                            <button
                                type="button"
                                class=class
                                autofocus=is_first
                                disabled=disabled
                                on:click=move |_| act.run(())
                            >
                                {verb}
                            </button>
                        },
                    )
                }
                None => {
                    Either::Right(
                        view! {
                            <button type="submit" class=class autofocus=is_first disabled=disabled>
                                {verb}
                            </button>
                        },
                    )
                }
            }}
        </div>
    }
}
