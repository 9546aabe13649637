//! Running the server for others: its people, who may make an account, what was done, and how
//! the server is. Only administrators come here; to others the server says that there is
//! nothing.
//!
//! | file | does |
//! | --- | --- |
//! | here | the page |
//! | [`question`] | what each part of it asks for |
//! | [`more`] | what follows a list of which a page is here |
//! | [`people`] | everybody who has an account |
//! | [`dialog`] | which of the dialogs is open |
//! | [`person`] | the dialog in which one is changed |
//! | [`sign_up`] | who may make an account, and invitations |
//! | [`invite`] | the dialog that makes one |
//! | [`audit`] | who did what to whom |
//! | [`health`] | how the jobs went, and what is damaged |

mod audit;
mod dialog;
mod health;
mod invite;
mod more;
mod people;
mod person;
mod question;
mod sign_up;

pub use dialog::AdministrationDialog;

use crate::words::t;
use audit::AuditPart;
use health::HealthPart;
use leptos::prelude::*;
use people::PeoplePart;
use sign_up::SignUpPart;

#[component]
pub fn AdministrationView() -> impl IntoView {
    view! {
        <section class="page administration" data-testid="administration">
            <header class="page-head">
                <h1>{t("Administration")}</h1>
                <p>
                    {t("Who may use this server, and how it is. You see how much each person has stored, and nothing of what it is.")}
                </p>
            </header>
            <PeoplePart />
            <SignUpPart />
            <HealthPart />
            <AuditPart />
        </section>
    }
}
