//! What is shared with the person, each with a root that works on it while it is looked at
//! or has something to send.

use super::door::DoorAct;
use super::ports::Means;
use super::root::Root;
use super::store::Store;
use super::tabs::TabMessage;
use super::upwards::Upwards;
use crate::refusals::InWords;
use crate::state::session::SessionState;
use crate::state::shares::Left;
use crate::state::shares::LeftFile;
use crate::words::{say, say_many, t};
use client::gate::GateState;
use leptos::prelude::{GetUntracked, Owner, RwSignal, Set, Update, WithUntracked, untrack};
use platform::api::Api;
use platform::browser::{clock, js, random, save};
use platform::failure::Failure;
use platform::intake::{DropContents, PickedFile};
use protocol::accounts::Session;
use protocol::grants::{Grant, GrantChange, Grants, NewGrant};
use protocol::handover::Handover;
use protocol::ids::{GrantId, ItemId, OperationId, UserId};
use protocol::items::NewMount;
use protocol::name::Name;
use protocol::problem::Problem;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use sync::message::Input;
use sync::tree::Tree;
use wasm_bindgen_futures::spawn_local;
use web_sys::File;

/// Whether what is busy may rest is looked at each so many milliseconds.
const REST_MILLIS: u64 = 2_000;

pub struct Shares {
    /// The person's own drive.
    home: Rc<Root>,
    /// The roots that were opened since the page was; those that rest have no client.
    roots: RefCell<BTreeMap<ItemId, Rc<Root>>>,
    /// The one that the person looks at.
    shown: Cell<Option<ItemId>>,
    /// What the gates of all roots are set to.
    gate: Cell<GateState>,
    /// What a root tells of the session.
    upwards: Box<dyn Fn() -> Upwards>,
    /// Their signals are made in the name of the page.
    owner: Owner,
}

impl Shares {
    pub fn new(home: Rc<Root>, upwards: Box<dyn Fn() -> Upwards>) -> Rc<Self> {
        Rc::new(Self {
            home,
            roots: RefCell::default(),
            shown: Cell::new(None),
            gate: Cell::new(GateState::Asking),
            upwards,
            owner: Owner::current().unwrap_or_default(),
        })
    }

    /// All that works for the person, their own drive first.
    pub fn roots(&self) -> Vec<Rc<Root>> {
        let mut roots = vec![self.home.clone()];
        roots.extend(self.roots.borrow().values().cloned());
        roots
    }

    fn others(&self) -> Vec<Rc<Root>> {
        self.roots.borrow().values().cloned().collect()
    }

    /// Says whether requests may leave.
    pub fn set_gate(&self, state: GateState) {
        self.gate.set(state);
        for root in self.roots() {
            if !root.drive.withdrawn.get_untracked() {
                root.gate.set(state);
            }
        }
    }

    /// Nobody is signed in any more.
    pub fn end(&self) {
        for root in self.roots() {
            root.end();
            root.drive.withdrawn.set(false);
        }
        self.set_gate(GateState::Asking);
        self.shown.set(None);
        let shown = self.home.drive.shares;
        shown.known.set(None);
        shown.failed.set(None);
        shown.left.set(Vec::new());
    }

    /// Whether anything is shared with the person or by them, as far as is known.
    pub fn are_there(&self) -> bool {
        let known = self.home.drive.shares.known;
        known.with_untracked(|known| {
            known.as_ref().is_none_or(
                |Grants {
                     with_me,
                     by_me,
                     linked,
                 }| {
                    !(with_me.is_empty() && by_me.is_empty() && linked.is_empty())
                },
            )
        })
    }

    fn user(&self) -> Option<UserId> {
        self.home.drive.session.with_untracked(SessionState::user)
    }

    fn store(&self) -> &Store {
        &self.home.means.store
    }

    fn api(&self) -> Api {
        self.home.current.api()
    }

    /// The root of something that is shared with the person. It does not work yet.
    pub fn root(self: &Rc<Self>, id: ItemId) -> Rc<Root> {
        if let Some(root) = self.roots.borrow().get(&id) {
            return root.clone();
        }
        let root = self.owner.with(|| {
            let Means { store, .. } = &self.home.means;
            let means = Means {
                store: Rc::new(store.of_root(id)),
                ..self.home.means.clone()
            };
            let drive = self.home.drive.of_root(id);
            let current = self.home.current.of_root(id);
            let parts = self.home.parts;
            Root::new(drive, current, means, parts, self.upwards_of(id))
        });
        root.tabs.open(|_| {});
        self.roots.borrow_mut().insert(id, root.clone());
        root
    }

    fn upwards_of(self: &Rc<Self>, id: ItemId) -> Upwards {
        let me = Rc::downgrade(self);
        let mut upwards = (self.upwards)();
        upwards.on_withdrawn = Box::new(move || {
            if let Some(shares) = me.upgrade() {
                shares.withdrawn(id);
            }
        });
        upwards
    }

    /// The person looks at this root from now on; `None`: at their own drive. It works, and
    /// others rest once they have nothing to send.
    pub fn show(self: &Rc<Self>, id: Option<ItemId>) {
        self.shown.set(id);
        let is_quiet = self.rest();
        let shares = self.clone();
        spawn_local(async move {
            if id.is_some() {
                shares.wake().await;
            }
            let mut is_quiet = is_quiet;
            while !is_quiet && shares.shown.get() == id {
                clock::sleep(REST_MILLIS).await;
                is_quiet = shares.rest();
            }
        });
    }

    /// Ends what nobody looks at and has nothing to send. Whether all of it rests.
    fn rest(&self) -> bool {
        let mut is_quiet = true;
        for root in self.others() {
            let is_shown = root.drive.root == self.shown.get();
            let is_left = !is_shown && !root.drive.withdrawn.get_untracked();
            if is_left && root.is_busy() {
                is_quiet = false;
            } else if is_left && root.current.client().is_some() {
                root.end();
            }
        }
        is_quiet
    }

    /// Somebody is signed in. Shows what this browser knows of what is shared.
    pub async fn start(self: &Rc<Self>) {
        if let Some(grants) = self.store().grants().await {
            self.home.drive.shares.known.set(Some(grants));
        }
        self.wake().await;
    }

    /// Lets work what is looked at, and what has something that was not sent when its tab
    /// was closed.
    pub async fn wake(self: &Rc<Self>) {
        // Once somebody is signed in, all is begun that is to.
        let session = self.home.drive.session.get_untracked();
        let SessionState::SignedIn(session) = session else {
            return;
        };
        let unsent = self.store().unsent_roots().await;
        for id in unsent.into_iter().chain(self.shown.get()) {
            let root = self.root(id);
            self.start_root(&root, &session).await;
        }
    }

    async fn start_root(&self, root: &Rc<Root>, session: &Session) {
        let is_at_work = root.current.client().is_some();
        let is_over = root.drive.withdrawn.get_untracked() || self.user() != Some(session.user.id);
        if is_over || is_at_work || root.starts.replace(true) {
            return;
        }
        let client = root.start(session).await;
        root.starts.set(false);
        // Somebody else may be signed in by now.
        if self.user() != Some(session.user.id) {
            return root.end();
        }
        root.gate.set(self.gate.get());
        root.queue_up(client);
        root.openings.ask();
    }

    /// Asks the server what is shared. Returns whether it has said so.
    pub async fn refresh(self: &Rc<Self>) -> bool {
        let user = self.user();
        let shown = self.home.drive.shares;
        let answer = self.api().grants().await;
        if user.is_none() || self.user() != user {
            return false;
        }
        match answer {
            Ok(grants) => {
                self.store().keep_grants(&grants).await;
                self.note(grants);
                return true;
            }
            Err(Failure::Cancelled) => {}
            Err(failure) => shown.failed.set(Some(failure.in_words())),
        }
        false
    }

    /// Shows what is shared, as the server has just said.
    pub fn note(self: &Rc<Self>, grants: Grants) {
        let shown = self.home.drive.shares;
        shown.failed.set(None);
        let gave_any = untrack(|| shown.gives_any());
        shown.known.set(Some(grants));
        if !gave_any {
            self.home.openings.ask();
        }
        // What was withdrawn may be shared again.
        let mut is_back = false;
        for root in self.others() {
            let id = root.drive.root;
            let is_shared = id.is_some_and(|id| self.grant(id).is_some());
            if is_shared && root.drive.withdrawn.get_untracked() {
                root.drive.withdrawn.set(false);
                self.home
                    .drive
                    .shares
                    .left
                    .update(|left| left.retain(|one| Some(one.root) != id));
                root.gate.set(self.gate.get());
                root.current.inputs(vec![Input::Online, Input::PullWanted]);
                is_back = true;
            }
        }
        if is_back {
            let shares = self.clone();
            spawn_local(async move { shares.wake().await });
        }
    }

    fn grant(&self, root: ItemId) -> Option<Grant> {
        let known = self.home.drive.shares.known;
        known.with_untracked(|known| {
            let all = known.as_ref()?;
            all.with_me.iter().find(|one| one.item == root).cloned()
        })
    }

    /// A root is not the person's to see any more. What they had not sent of it is kept in
    /// this browser until they have it elsewhere or let go of it.
    fn withdrawn(&self, id: ItemId) {
        let root = self.roots.borrow().get(&id).cloned();
        let Some(root) = root.filter(|root| !root.drive.withdrawn.get_untracked()) else {
            return;
        };
        let name = root
            .drive
            .tree
            .with_untracked(|tree| tree.get(id).map(|item| item.name.to_string()));
        let name = name
            .or_else(|| self.grant(id).map(|grant| grant.name))
            .unwrap_or_default();
        let it = match name.as_str() {
            "" => t("What you opened").to_owned(),
            name => say!("“{name}”", name),
        };
        let ended_owner = self.grant(id).and_then(|grant| {
            let end = grant.account_ends_at_ms?;
            (end <= clock::now_ms()).then_some(grant.owner.user_name)
        });
        // On another of their devices the person has become the owner.
        let own = self.home.drive.tree;
        let is_theirs = own.with_untracked(|tree| tree.get(id).is_some());
        let what = match (is_theirs, ended_owner) {
            (true, _) => say!("{what} is yours now, and among your files", what = it),
            (false, None) => say!("{what} is not shared with you any more", what = it),
            (false, Some(owner)) => say!(
                "{what} is not shared with you any more: {owner}’s account has ended",
                what = it,
                owner
            ),
        };
        let words = match self.forget_share(&root, id, name) {
            0 => what,
            many => say_many!(
                many,
                "{what}. 1 file that you had not sent can be saved under Shared",
                "{what}. {n} files that you had not sent can be saved under Shared",
                what
            ),
        };
        match is_theirs {
            true => root.drive.notices.good(words),
            false => root.drive.notices.bad(words),
        }
        let known = self.home.drive.shares.known;
        known.update(|known| {
            if let Some(known) = known {
                known.with_me.retain(|one| one.item != id);
            }
        });
    }

    /// Nothing stays of what the server said of a root. If there is something that was never
    /// sent, that stays, and so does who can read it. Returns how many files that is.
    fn forget_share(&self, root: &Rc<Root>, id: ItemId, name: String) -> usize {
        root.drive.withdrawn.set(true);
        let left = Left {
            root: id,
            name: match name.is_empty() {
                true => t("Shared").to_owned(),
                false => name,
            },
            files: root.unsent_files(),
        };
        let count = left.files.len();
        root.tabs.tell(&TabMessage::Withdrawn);
        if count == 0 {
            root.give_up();
        } else {
            // As if there were no network: nothing is asked in vain, and bytes that would
            // end with the page are copied.
            root.gate.set(GateState::Unreachable);
            root.current.input(Input::Online);
            root.drive.tree.set(Tree::default());
            let all = self.home.drive.shares.left;
            all.update(|all| {
                all.retain(|one| one.root != left.root);
                all.push(left);
            });
        }
        let store = root.means.store.clone();
        spawn_local(async move { store.forget_root().await });
        count
    }

    async fn left_file(&self, root: ItemId, file: &LeftFile) -> Option<File> {
        let root = self.roots.borrow().get(&root).cloned()?;
        let client = root.current.client()?;
        let bytes = client.drafts().file(file.draft).await?;
        js::renamed(&bytes, &file.name)
    }

    /// Saves what was not sent before its root was withdrawn where the browser saves
    /// downloads.
    pub async fn save_left(&self, root: ItemId, file: LeftFile) {
        let saved = match self.left_file(root, &file).await {
            Some(bytes) => save::blob(&bytes, &file.name).is_ok(),
            None => false,
        };
        if !saved {
            self.bytes_gone(&file);
        }
    }

    fn bytes_gone(&self, file: &LeftFile) {
        let text = say!(
            "This browser does not have the bytes of “{name}” any more",
            name = file.name
        );
        self.home.drive.notices.bad(text);
    }

    /// Hands all of it in to the person's own drive.
    pub async fn take_left(&self, left: Left) {
        let mut files = Vec::new();
        for file in &left.files {
            match self.left_file(left.root, file).await {
                Some(bytes) => files.push(PickedFile {
                    folders: vec![left.name.clone()],
                    file: bytes,
                }),
                None => self.bytes_gone(file),
            }
        }
        self.home.door.act(DoorAct::Add {
            folder: None,
            onto: None,
            intake: DropContents {
                files,
                ..DropContents::default()
            },
        });
    }

    /// The person lets go of all of it. What they have put into their own drive reads the
    /// same bytes until it is there.
    pub fn drop_left(&self, id: ItemId) {
        if self.home.unsent() > 0 {
            let text = t("Not yet: some of your own drive is still on its way to the server");
            return self.home.drive.notices.bad(text);
        }
        self.home
            .drive
            .shares
            .left
            .update(|all| all.retain(|one| one.root != id));
        let root = self.roots.borrow().get(&id).cloned();
        if let Some(root) = root {
            root.give_up();
        }
    }

    pub async fn item_grants(&self, item: ItemId) -> Result<Vec<Grant>, Failure> {
        self.api().item_grants(item).await
    }

    pub async fn give(self: &Rc<Self>, item: ItemId, new: &NewGrant) -> Result<Grant, Failure> {
        let grant = self.api().grant(item, new).await?;
        self.refresh().await;
        Ok(grant)
    }

    pub async fn change_grant(
        self: &Rc<Self>,
        id: GrantId,
        change: &GrantChange,
    ) -> Result<Grant, Failure> {
        let grant = self.api().change_grant(id, change).await?;
        self.refresh().await;
        Ok(grant)
    }

    pub async fn show_offer(&self, id: GrantId) -> Result<Handover, Failure> {
        self.api().show_offer(id).await
    }

    /// Asks the person of a grant to be the owner.
    pub async fn offer(self: &Rc<Self>, id: GrantId) -> Result<Grant, Failure> {
        let grant = self.api().offer(id).await?;
        self.refresh().await;
        Ok(grant)
    }

    /// The owner takes that back, or the person declines.
    pub async fn end_offer(self: &Rc<Self>, id: GrantId) -> Result<(), Failure> {
        self.api().end_offer(id).await?;
        self.refresh().await;
        Ok(())
    }

    /// Becomes the owner. The server does a part of it for each request; `left` is told how
    /// many bytes it has still to copy.
    pub async fn accept_offer(
        self: &Rc<Self>,
        grant: &Grant,
        left: RwSignal<Option<u64>>,
    ) -> Result<(), Failure> {
        let api = self.api();
        loop {
            let ask = async || api.accept_offer(grant.id).await;
            let part = self.home.current.patiently(ask).await?;
            if part.done {
                break;
            }
            left.try_set(Some(part.left_bytes));
        }
        let root = self.root(grant.item);
        if !root.drive.withdrawn.get_untracked() {
            self.forget_share(&root, grant.item, grant.name.clone());
        }
        self.home.current.input(Input::PullWanted);
        self.refresh().await;
        Ok(())
    }

    /// Gives what is shared a place in a folder of the person's own. Returns how it is called
    /// there.
    pub async fn mount(&self, grant: &Grant, parent: Option<ItemId>) -> Result<String, Failure> {
        let id = ItemId::from_random(random::id_bytes());
        let new = NewMount {
            operation_id: OperationId::from_random(random::id_bytes()),
            id,
            grant: grant.id,
            parent,
            name: Name::parse(&grant.name).unwrap_or_else(|_| Name::stand_in(id)),
        };
        let made = self.api().mount(&new).await?;
        self.home.current.input(Input::PullWanted);
        Ok(made.item.name.to_string())
    }

    /// Takes such a place away.
    pub async fn unmount(&self, mount: ItemId) -> Result<(), Failure> {
        let gone = self.api().unmount(mount).await;
        self.home.current.input(Input::PullWanted);
        match gone {
            Err(Failure::Refused(Problem::NoSuchItem)) => Ok(()),
            end => end,
        }
    }

    /// The owner takes it back, or whoever has it lets go of it.
    pub async fn end_grant(self: &Rc<Self>, grant: &Grant) -> Result<(), Failure> {
        self.api().end_grant(grant.id).await?;
        if self.user() == Some(grant.person.user_id) {
            let root = self.root(grant.item);
            self.forget_share(&root, grant.item, grant.name.clone());
        }
        self.refresh().await;
        Ok(())
    }
}
