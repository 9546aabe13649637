//! From the page's start to sign-out: whose session it is, and all that works for them.

use super::current::Current;
use super::marks::{Marks, MarksAct};
use super::news::NewsCounter;
use super::offline::{Offline, OfflineAct};
use super::ports::Means;
use super::root::{Root, RootParts};
use super::shares::Shares;
use super::store::Store;
use super::tabs::TabMessage;
use super::upwards::Upwards;
use super::{heirs, remains, zips};
use crate::parts::PartFuture;
use crate::refusals::InWords;
use crate::state::Drive;
use crate::state::connection::Connection;
use crate::state::session::SessionState;
use crate::words::{english, t};
use client::gate::GateState;
use futures_util::future::{join, select};
use leptos::prelude::{GetUntracked, Set, Update, WithUntracked};
use platform::api::Api;
use platform::browser::{agent, clock, random};
use platform::failure::{Failure, refused};
use protocol::accounts::Session;
use protocol::ids::UserId;
use protocol::problem::{Problem, Retry};
use std::cell::Cell;
use std::pin::pin;
use std::rc::{Rc, Weak};
use sync::backoff;
use sync::message::Input;
use wasm_bindgen_futures::spawn_local;
use workers::cache::Cache;

/// The sessions of this page, one after the other.
pub struct Sessions {
    /// The person's own drive.
    pub home: Rc<Root>,
    /// What others share with them.
    pub shares: Rc<Shares>,
    /// What others did.
    pub news: Rc<NewsCounter>,
    /// What the person has marked for themselves.
    pub marks: Rc<Marks>,
    /// What this device keeps for them offline.
    pub offline: Rc<Offline>,
    /// Whether the person is signing out at this moment.
    signs_out: Cell<bool>,
    /// Whether the server is asked whose the cookie is.
    asks_who: Cell<bool>,
    sign_up_open: Cell<Option<bool>>,
}

/// Who ends a session.
enum Leave {
    ByPerson,
    /// The person, in another tab.
    Elsewhere,
    /// Why, if somebody is to be told.
    ByServer(Option<String>),
}

impl Sessions {
    /// Nobody's yet; [`Self::open`] finds out whose.
    pub fn new(
        drive: Drive,
        means: Means,
        marks: fn(Rc<Marks>, MarksAct) -> PartFuture<()>,
        offline: fn(Rc<Offline>, OfflineAct) -> PartFuture<()>,
        parts: RootParts,
    ) -> Rc<Self> {
        Rc::new_cyclic(|me: &Weak<Self>| {
            let home = Root::new(drive, Current::default(), means, parts, upwards(me));
            let me = me.clone();
            Self {
                shares: Shares::new(home.clone(), Box::new(move || upwards(&me))),
                news: NewsCounter::new(home.clone()),
                marks: Marks::new(home.clone(), marks),
                offline: Offline::new(home.clone(), offline),
                home,
                signs_out: Cell::new(false),
                asks_who: Cell::new(false),
                sign_up_open: Cell::new(None),
            }
        })
    }

    /// All that works for the person.
    pub fn roots(&self) -> Vec<Rc<Root>> {
        self.shares.roots()
    }

    fn drive(&self) -> Drive {
        self.home.drive
    }

    fn store(&self) -> &Store {
        &self.home.means.store
    }

    fn cache(&self) -> &Cache {
        &self.home.means.cache
    }

    /// The API in the name of whoever is signed in.
    pub fn api(&self) -> Api {
        self.home.current.api()
    }

    fn inputs(&self, inputs: &[Input]) {
        for root in self.roots() {
            root.current.inputs(inputs.to_vec());
        }
    }

    fn unsent_here(&self) -> usize {
        self.roots().iter().map(|root| root.unsent()).sum()
    }

    /// Who is signed in.
    pub fn user(&self) -> Option<UserId> {
        self.drive().session.with_untracked(SessionState::user)
    }

    /// Their name.
    pub fn user_name(&self) -> String {
        self.drive().session.with_untracked(SessionState::user_name)
    }

    /// How many changes of this browser's tabs the server does not have.
    pub async fn unsent(&self) -> usize {
        self.unsent_here() + self.store().unsent_of_others().await
    }

    /// Shows what this browser keeps while it asks the server who is signed in.
    pub async fn open(self: &Rc<Self>) {
        let sessions = self.clone();
        let doubt = move |of, problem: &Problem| sessions.doubt(of, problem);
        self.api().on_session_end(doubt);
        let sessions = self.clone();
        self.home
            .tabs
            .open(move |user| sessions.changed_elsewhere(user));
        spawn_local(zips::sweep());
        let ((), who) = join(self.show_kept(), self.api().me()).await;
        self.settle(who).await;
    }

    async fn show_kept(self: &Rc<Self>) {
        self.store().open(heirs::own_name()).await;
        self.watch_database();
        let Some(session) = self.store().session().await else {
            return;
        };
        // The server may have answered by now that nobody is signed in.
        if self.drive().session.get_untracked() != SessionState::Checking {
            return;
        }
        self.start(session).await;
    }

    /// Opens the database anew when somebody deletes it under the page.
    fn watch_database(self: &Rc<Self>) {
        let sessions = self.clone();
        spawn_local(async move {
            while let Some(closed) = sessions.store().closed() {
                closed.wait().await;
                // Whoever deletes it has to be done first.
                clock::breathe().await;
                match sessions.is_at_work() {
                    // With something to write, it is found to be closed.
                    true => sessions.inputs(&[Input::StorageLost]),
                    false => {
                        let failure = refused("it was closed".to_owned());
                        sessions.store().reopen(&failure).await;
                    }
                }
                while sessions
                    .store()
                    .closed()
                    .is_some_and(|closed| closed.is_set())
                {
                    clock::sleep(100).await;
                }
            }
        });
    }

    /// Acts upon the answer to "who am I?", and asks again until there is one.
    async fn settle(self: &Rc<Self>, mut who: Result<Session, Failure>) {
        let mut failures = 0;
        loop {
            match who {
                Ok(session) => return self.begin(session).await,
                Err(failure) if failure.is_passing() => {
                    self.shares.set_gate(GateState::Unreachable);
                    self.home.tabs.show_unconnected();
                    let wait = backoff::delay_millis(failures, random::jitter());
                    clock::sleep(failure.asked_wait_millis()).await;
                    let retry = pin!(self.home.current.again().next());
                    select(pin!(clock::sleep(wait)), retry).await;
                    failures += 1;
                }
                Err(Failure::Refused(problem)) if problem.retry() == Retry::SignIn => {
                    return self.ended_by_server(&problem).await;
                }
                Err(failure) => return self.show_signed_out(Some(failure.in_words())).await,
            }
            self.shares.set_gate(GateState::Asking);
            who = self.api().me().await;
        }
    }

    /// Starts to sync for whoever is signed in now.
    async fn begin(&self, session: Session) {
        agent::remember_device(session.device.id);
        if self.user() == Some(session.user.id) && self.is_at_work() {
            let mut inputs = vec![Input::SignedIn, Input::Online];
            if !remains::claim(self.store(), self.cache(), &session).await && self.store().works() {
                inputs.push(Input::StorageLost);
            }
            self.drive().session.set(SessionState::SignedIn(session));
            self.shares.set_gate(GateState::Open);
            self.inputs(&inputs);
            return self.ask_around();
        }
        self.end();
        remains::claim(self.store(), self.cache(), &session).await;
        self.drive().connection.set(Connection::Connecting);
        self.start(session).await;
        self.shares.set_gate(GateState::Open);
        self.ask_around();
    }

    /// Asks for what no feed brings: what is shared, and what others did and have open.
    fn ask_around(&self) {
        let shares = self.shares.clone();
        spawn_local(async move {
            shares.refresh().await;
        });
        self.news.soon();
        self.home.openings.ask();
        self.begin_marks(MarksAct::Ask);
    }

    fn begin_marks(&self, act: MarksAct) {
        let has_marks = |session: &SessionState| matches!(session, SessionState::SignedIn(session) if session.has_marks);
        let has_marks = self.drive().session.with_untracked(has_marks);
        self.marks.begin(has_marks, act);
    }

    /// Makes an engine of what is kept, shows it, and queues up to lead.
    async fn start(&self, session: Session) {
        agent::remember_signed_in(true);
        let client = self.home.start(&session).await;
        let signed_in = SessionState::SignedIn(session);
        self.drive().session.set(signed_in);
        self.home.queue_up(client);
        self.begin_marks(MarksAct::Look);
        self.offline.begin();
        self.shares.start().await;
    }

    fn is_at_work(&self) -> bool {
        self.home.current.client().is_some()
    }

    /// Ends the session on the server and forgets everything in this browser.
    pub async fn sign_out(&self) -> Result<(), Failure> {
        self.signs_out.set(true);
        let signed_out = self.api().sign_out().await;
        self.signs_out.set(false);
        match signed_out {
            // Nobody is signed in any more either way.
            Ok(()) | Err(Failure::Refused(Problem::NotSignedIn | Problem::SessionEnded)) => {}
            Err(Failure::Refused(Problem::AnotherUser { user_name })) => {
                self.taken_over(user_name);
                return Ok(());
            }
            Err(failure) => return Err(failure),
        }
        self.home
            .tabs
            .tell(&TabMessage::SessionChanged { user: None });
        self.leave(Leave::ByPerson).await;
        Ok(())
    }

    /// Asks the server for the space's use of storage and refreshes the session.
    pub async fn refresh(self: &Rc<Self>) -> Result<(), Failure> {
        let of = self.user();
        let who = self.api().me().await;
        let problem = match &who {
            Ok(session) if of == Some(session.user.id) => None,
            Ok(session) => Some(Problem::AnotherUser {
                user_name: session.user.name.clone(),
            }),
            Err(Failure::Refused(problem)) if problem.retry() == Retry::SignIn => {
                Some(problem.clone())
            }
            Err(_) => None,
        };
        if let Some(problem) = problem {
            self.doubt(of, &problem);
            return Ok(());
        }
        let session = who?;
        if of == self.user() {
            self.drive().session.set(SessionState::SignedIn(session));
        }
        Ok(())
    }

    /// Something is shared, or not any more. The tab that leads tells the others what the server
    /// says, so that they need not ask.
    async fn ask_for_access(self: &Rc<Self>) {
        self.news.soon();
        // All access may end because the account is to.
        let (is_known, asked) = join(self.shares.refresh(), self.refresh()).await;
        let client = self.home.current.client();
        if !client.is_some_and(|client| client.platform().leads()) {
            return;
        }
        let shown = self.drive();
        let grants = shown.shares.known.get_untracked();
        let session = shown.session.get_untracked();
        if let (true, Ok(())) = (is_known, asked)
            && let (Some(grants), SessionState::SignedIn(session)) = (grants, session)
        {
            self.home.tabs.tell(&TabMessage::Access {
                grants,
                account_ends_at_ms: session.ends_at_ms,
            });
        }
        self.home.tabs.tell(&TabMessage::SharesChanged);
    }

    fn is_signed_in(&self) -> bool {
        self.user().is_some()
    }

    /// Another tab signed somebody in or out: the cookie is this tab's too. What goes from
    /// this browser then is the other tab's business.
    fn changed_elsewhere(self: &Rc<Self>, new: Option<UserId>) {
        // A tab that has slept hears several at once: each finds what the one before left.
        let sessions = self.clone();
        spawn_local(async move {
            let was = sessions.user();
            if was == new {
                return;
            }
            if new.is_none() {
                return sessions.leave(Leave::Elsewhere).await;
            }
            if was.is_some() {
                return sessions.find_out_who();
            }
            sessions.drive().session.set(SessionState::Checking);
            sessions.end();
            let who = sessions.api().me().await;
            sessions.settle(who).await;
        });
    }

    /// Somebody has signed in here.
    pub async fn signed_in(&self, session: Session) {
        let user = Some(session.user.id);
        self.begin(session).await;
        self.home.tabs.tell(&TabMessage::SessionChanged { user });
    }

    /// The client's hook: an answer said that the user whose page asked is not signed in.
    fn doubt(self: &Rc<Self>, of: Option<UserId>, problem: &Problem) {
        // The person asked for it, and the poll hears of it before the request does; or it
        // was asked for somebody who is not at this tab any more.
        if of.is_none() || of != self.user() || self.signs_out.get() {
            return;
        }
        if self.asks_who.replace(true) {
            return;
        }
        let problem = problem.clone();
        let sessions = self.clone();
        spawn_local(async move {
            // A tab may have slept on that answer, and somebody signed in since.
            let who = sessions.api().me().await;
            sessions.asks_who.set(false);
            if of != sessions.user() {
                return;
            }
            match (who, problem) {
                (Ok(session), _) if of == Some(session.user.id) => sessions.begin(session).await,
                (Ok(session), _) => sessions.taken_over(session.user.name),
                (Err(_), Problem::AnotherUser { user_name }) => sessions.taken_over(user_name),
                (Err(_), problem) => sessions.ended_by_server(&problem).await,
            }
        });
    }

    /// What this browser keeps is not this tab's any more.
    fn find_out_who(self: &Rc<Self>) {
        self.doubt(self.user(), &Problem::SessionEnded);
    }

    /// The server says that nobody is signed in.
    async fn ended_by_server(&self, problem: &Problem) {
        let reason = match self.drive().session.get_untracked() {
            SessionState::SignedOut { .. }
            | SessionState::TakenOver { .. }
            | SessionState::Visiting => return,
            // The first visit: nothing has ended.
            SessionState::Checking if *problem == Problem::NotSignedIn => None,
            SessionState::SignedIn(session) if has_ended(&session) => {
                Some(t(ACCOUNT_ENDED).to_owned())
            }
            SessionState::Checking | SessionState::SignedIn(_) => {
                Some(Problem::SessionEnded.in_words())
            }
        };
        self.leave(Leave::ByServer(reason)).await;
    }

    /// Shows the way in, and forgets what is not to stay: see [`remains`].
    async fn leave(&self, leave: Leave) {
        let reason = match &leave {
            Leave::ByPerson | Leave::Elsewhere => None,
            Leave::ByServer(reason) => reason.clone(),
        };
        let here = self.unsent_here();
        let user = self.user();
        agent::remember_signed_in(false);
        // At once: what is shown now is not for whoever looks at the page next.
        if self.is_signed_in() {
            let sign_up_open = self.sign_up_open.get().unwrap_or(true);
            self.drive().session.set(SessionState::SignedOut {
                sign_up_open,
                reason: reason.clone(),
            });
        }
        self.end();
        match leave {
            Leave::Elsewhere => {}
            Leave::ByPerson => {
                self.home.door.forget_answers(user);
                remains::forget(self.store(), self.cache()).await;
            }
            Leave::ByServer(_) => {
                let unsent = here + self.store().unsent_of_others().await;
                remains::forget_but_unsent(self.store(), self.cache()).await;
                let ended = t(ACCOUNT_ENDED);
                let may_come_back = reason.as_deref().is_some_and(|why| why != ended);
                if may_come_back && unsent > 0 {
                    let text = t(
                        "What was not sent yet is kept in this browser until you sign in again. If somebody else signs in here first, it is lost",
                    );
                    self.drive().notices.bad(text);
                }
            }
        }
        self.show_signed_out(reason).await;
    }

    /// Somebody else is signed in now. What this browser keeps is theirs: this tab stops,
    /// and touches nothing of it.
    fn taken_over(&self, by: String) {
        let lost = self.unsent_here();
        self.drive()
            .session
            .set(SessionState::TakenOver { by, lost });
        self.end();
    }

    /// Stops everything, and shows nothing any more.
    fn end(&self) {
        self.shares.end();
        self.drive().unseen.set(0);
        self.marks.forget();
        self.offline.forget();
        self.drive().openings.tells.set(None);
        self.cache().forget_what_comes();
    }

    async fn show_signed_out(&self, reason: Option<String>) {
        agent::remember_signed_in(false);
        let sign_up_open = match self.api().server().await {
            Ok(server) => server.sign_up_open,
            // If it is closed, the server says so when it is tried.
            Err(_) => true,
        };
        self.sign_up_open.set(Some(sign_up_open));
        if !self.is_signed_in() {
            self.drive().session.set(SessionState::SignedOut {
                sign_up_open,
                reason,
            });
        }
    }
}

/// Why nobody is signed in any more whose account has come to its end.
const ACCOUNT_ENDED: &str = english!("Your account has ended, and what was in it is being deleted");

/// Whether the account was ended, and its end has come.
fn has_ended(session: &Session) -> bool {
    let end = session.ends_at_ms;
    end.is_some_and(|end| end <= clock::now_ms())
}

/// What roots tell these sessions.
fn upwards(sessions: &Weak<Sessions>) -> Upwards {
    let (used, not_ours) = (sessions.clone(), sessions.clone());
    let (shares, gone) = (sessions.clone(), sessions.clone());
    let access = sessions.clone();
    let (news, elsewhere) = (sessions.clone(), sessions.clone());
    Upwards {
        on_other_use: Box::new(move || {
            if let Some(sessions) = used.upgrade() {
                spawn_local(async move {
                    let _ = sessions.refresh().await;
                });
            }
        }),
        on_not_ours: Box::new(move || {
            if let Some(sessions) = not_ours.upgrade() {
                sessions.find_out_who();
            }
        }),
        on_shares: Box::new(move || {
            if let Some(sessions) = shares.upgrade() {
                spawn_local(async move { sessions.ask_for_access().await });
            }
        }),
        on_access: Box::new(move |grants, account_ends_at_ms| {
            if let Some(sessions) = access.upgrade() {
                sessions.shares.note(grants);
                sessions.drive().session.update(|session| {
                    if let SessionState::SignedIn(session) = session {
                        session.ends_at_ms = account_ends_at_ms;
                    }
                });
            }
        }),
        on_news: Box::new(move || {
            let sessions = news.upgrade();
            // Whoever shares nothing hears of nobody but themselves.
            if let Some(sessions) = sessions.filter(|sessions| sessions.shares.are_there()) {
                sessions.news.soon();
            }
        }),
        on_elsewhere: Box::new(move || {
            if let Some(sessions) = elsewhere.upgrade() {
                // So there are shares or marks, whatever is known: no feed tells of a share that
                // comes back from its owner's trash.
                sessions.news.soon();
                sessions.marks.act(MarksAct::Ask);
                spawn_local(async move {
                    sessions.shares.refresh().await;
                });
            }
        }),
        // One's own drive never is.
        on_withdrawn: Box::new(|| {}),
        on_tab_gone: Box::new(move || {
            if let Some(sessions) = gone.upgrade() {
                spawn_local(async move { sessions.shares.wake().await });
            }
        }),
    }
}
