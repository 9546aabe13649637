//! What a person sets: what can open their drive, their account, and how this browser shows it.

mod browser;
mod devices;
mod end_account;
mod password;
mod recovery;
mod rename;
mod revoke;
mod token;

pub use end_account::EndAccountDialog;
pub use password::PasswordDialog;
pub use recovery::RecoveryCodesDialog;
pub use rename::RenameDeviceDialog;
pub use revoke::RevokeDialog;
pub use token::TokenDialog;

use crate::words::t;
use browser::BrowserPart;
use devices::DevicesPart;
use end_account::EndAccount;
use leptos::prelude::*;
use password::PasswordPart;
use recovery::RecoveryCodesPart;

#[component]
pub fn SettingsView() -> impl IntoView {
    view! {
        <section class="page">
            <header class="page-head">
                <h1>{t("Settings")}</h1>
            </header>
            <BrowserPart />
            <DevicesPart />
            <PasswordPart />
            <RecoveryCodesPart />
            <EndAccount />
        </section>
    }
}
