//! How much others did that the person has not seen. The tab that leads asks for it after
//! news of any root has come, and tells the others.

use super::root::Root;
use super::tabs::TabMessage;
use crate::state::session::SessionState;
use leptos::prelude::{Set, WithUntracked};
use platform::browser::clock;
use platform::failure::Failure;
use protocol::ids::UnixMillis;
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;

/// News comes in flocks: it is asked for once in so many milliseconds, after the first.
const FLOCK_MILLIS: u64 = 1_500;
/// For so many milliseconds other tabs may say that the person looks at them.
const ANSWER_MILLIS: u64 = 300;

pub struct NewsCounter {
    /// The person's own drive.
    home: Rc<Root>,
    is_due: Cell<bool>,
}

impl NewsCounter {
    pub fn new(home: Rc<Root>) -> Rc<Self> {
        Rc::new(Self {
            home,
            is_due: Cell::new(false),
        })
    }

    /// Something has happened: asks how much there is, unless that is about to be done.
    pub fn soon(self: &Rc<Self>) {
        if self.is_due.replace(true) {
            return;
        }
        let news = self.clone();
        spawn_local(async move {
            clock::sleep(FLOCK_MILLIS).await;
            news.is_due.set(false);
            news.ask().await;
        });
    }

    async fn ask(&self) {
        let user = || self.home.drive.session.with_untracked(SessionState::user);
        let of = user();
        if of.is_none() {
            return;
        }
        // An old figure is no reason to disturb anybody.
        let Ok(count) = self.home.current.api().unseen().await else {
            return;
        };
        if user() == of {
            self.show(count);
        }
    }

    fn show(&self, count: u64) {
        self.home.drive.unseen.set(count);
        self.home.tabs.tell(&TabMessage::Unseen { count });
    }

    /// The person has seen what is not newer.
    pub async fn see(&self, up_to_ms: UnixMillis) -> Result<(), Failure> {
        self.home.current.api().see_news(up_to_ms).await?;
        // There may be more by now.
        self.ask().await;
        Ok(())
    }

    /// Whether this tab leads, and no other one of this browser is looked at.
    pub async fn is_to_alert(&self) -> bool {
        let client = self.home.current.client();
        if !client.is_some_and(|client| client.platform().leads()) {
            return false;
        }
        self.home.tabs.ask_who_looks();
        clock::sleep(ANSWER_MILLIS).await;
        !self.home.tabs.is_looked_at_elsewhere()
    }
}
