//! Which dialog of an administrator is open. What it is about is kept here and not in
//! [`Ask`], which the first module has: this is in a part.

use super::invite::InviteDialog;
use super::person::PersonDialog;
use crate::ui::dialogs::{Ask, Dialogs};
use leptos::prelude::*;
use protocol::administration::ManagedPerson;
use std::cell::RefCell;

/// What an administrator is about to do.
#[derive(Clone)]
pub enum Act {
    Change(ManagedPerson),
    Invite,
}

thread_local! {
    static ACT: RefCell<Option<Act>> = const { RefCell::new(None) };
}

/// Opens the dialog for it.
pub fn open(dialogs: Dialogs, act: Act) {
    ACT.with_borrow_mut(|kept| *kept = Some(act));
    dialogs.open(Ask::Administration);
}

#[component]
pub fn AdministrationDialog() -> impl IntoView {
    match ACT.with_borrow(Clone::clone) {
        Some(Act::Change(person)) => view! { <PersonDialog person /> }.into_any(),
        Some(Act::Invite) | None => view! { <InviteDialog /> }.into_any(),
    }
}
