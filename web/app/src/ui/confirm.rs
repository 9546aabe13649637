//! The password again, in the dialog of an act for which the server wants it.

use super::sign_in::PasswordField;
use crate::commands::Commands;
use crate::words::t;
use leptos::prelude::*;
use platform::failure::Failure;
use protocol::problem::Problem;

/// Whether the server has asked for the password, and what was typed.
#[derive(Clone, Copy)]
pub struct Confirm {
    asked: RwSignal<bool>,
    password: RwSignal<String>,
}

impl Confirm {
    pub fn new() -> Self {
        Self {
            asked: RwSignal::new(false),
            password: RwSignal::new(String::new()),
        }
    }

    /// Whether the server wants the password.
    pub fn is_asked(self) -> bool {
        self.asked.try_get_untracked() == Some(true)
    }

    /// Does an act, after the password where that was asked for. Whoever has not
    /// been asked yet sees the field, and tries once more.
    pub async fn guard<T>(
        self,
        commands: Commands,
        act: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        if self.asked.get_untracked() {
            commands.confirm(self.password.get_untracked()).await?;
        }
        let done = act.await;
        let wants = matches!(done, Err(Failure::Refused(Problem::ConfirmPassword)));
        self.asked.try_set(wants);
        done
    }
}

#[component]
pub fn ConfirmField(
    confirm: Confirm,
    /// The id of what says why somebody was refused, while something does.
    #[prop(optional, into)]
    refused_by: Signal<Option<&'static str>>,
) -> impl IntoView {
    view! {
        <Show when=move || confirm.asked.get()>
            <PasswordField password=confirm.password new=false label=t("Your password") refused_by />
        </Show>
    }
}
