//! Everything that a person can ask the page to do. The views call these and
//! nothing else; each says what went wrong, as far as that is known here. State
//! changes show up in [`Drive`]'s signals.

pub use crate::driver::acts::{KeepWhich, MatterChoice};
pub use crate::driver::links::ToPassword;
pub use crate::driver::merges::{Compared, Finished, MergeStep, OpenedMerge, TextMerge, Versions};
pub use crate::driver::past::Progress;
pub use crate::driver::purge::{PurgeScope, Purged};
pub use crate::driver::texts::{MAX_EDITED_BYTES, OnItsWay, OpenText, Opened};
pub use crate::driver::viewing::{
    LoadedFont, MAX_SHEETS_BYTES, OpenSheets, Preview, ReadAs, ReadFile, ReadPart,
};
pub use crate::driver::visit::VisitHandle;
pub use crate::driver::zips::ZipContents;
pub use client::past::{
    Act as PastAct, Came, Outcome as PastOutcome, Plan as PastPlan, Stay, Step as PastStep, Why,
    plan as plan_past,
};
pub use platform::api::content::ObjectUrl;
pub use platform::local_db::texts::KeptText;
pub use workers::signing::NewCodes;

use crate::archive::plan::{FileContent, Plan};
use crate::driver::accounts::Accounts;
use crate::driver::acts::{Acts, LaterAct};
use crate::driver::door::{Door, DoorAct, DoorPart};
use crate::driver::events::Events;
use crate::driver::heirs::Inherit;
use crate::driver::links;
use crate::driver::marks::{Marks, MarksAct};
use crate::driver::offline::{Offline, OfflineAct};
use crate::driver::past::FolderThen;
use crate::driver::ports::{Answering, Client, Composing, Means, Page};
use crate::driver::purge::Purge;
use crate::driver::root::{Root, RootParts};
use crate::driver::session::Sessions;
use crate::driver::store::Store;
use crate::driver::texts::Texts;
use crate::driver::thumbnails::{self, Picture};
use crate::driver::transfer::{Transfer, TransferAct, Transfers};
use crate::driver::viewing::{self, Source};
use crate::driver::zips::{Looking, Zips};
use crate::parts::PartFuture;
use crate::state::Drive;
use crate::state::clip::Clip;
use crate::state::connection::Connection;
use crate::state::door::{IntakeId, NamesAnswer};
use crate::state::downloads::DownloadId;
use crate::state::shares::{Access, Left, LeftFile};
use crate::state::undo::{StepId, Steps};
use crate::state::uploads::UploadId;
use crate::words::{say, t};
use blocks::hash::BlockHash;
use client::polls::Polls;
use client::requests::Requests;
use js_sys::Array;
use leptos::prelude::{
    ArcRwSignal, GetUntracked, GetValue, LocalStorage, Memo, Owner, RwSignal, Set, StoredValue,
    With, WithUntracked, expect_context, on_cleanup, untrack,
};
use merge::ranges::{self, Map};
use merge::{MergeDraft, Typed};
use platform::api::changes::ActivityFilter;
use platform::api::content;
use platform::browser::clock;
use platform::failure::{Failure, thrown};
use platform::intake::{self, DropContents, PickedFile};
use protocol::activity::Activity;
use protocol::administration::{
    Audit, Health, Invite, InviteMade, ManagedPerson, NewInvite, People, PersonChange,
    ServerSettings, SettingsChange, SignUpMode,
};
use protocol::conflicts::{Conflict, Conflicts};
use protocol::devices::{AccessToken, Device, NewAccessToken};
use protocol::files::{FileVersion, FileVersions, MarkVersion};
use protocol::grants::{Grant, GrantChange, NewGrant};
use protocol::handover::Handover;
use protocol::ids::{
    ConflictId, DeviceId, GrantId, InviteId, ItemId, LinkId, SearchId, Seq, UnixMillis, UserId,
    Version,
};
use protocol::items::Item;
use protocol::links::{Link, LinkChange, LinkKey, NewLink};
use protocol::marks::SavedSearch;
use protocol::name::Name;
use protocol::news::News;
use protocol::past::{Past, PastItem};
use protocol::problem::Problem;
use protocol::recovery::RecoveryCodes;
use protocol::retention::{Retention, SpaceRetention};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use sync::ids::Nonce;
use sync::intake::junk::is_junk;
use sync::message::{Input, Request};
use sync::place::Place;
use sync::tree::Tree;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Blob, DataTransfer, File};
use workers::cache::Cache;
use workers::hashing::pool::Pool;
use workers::merging::drafts;

/// How often, and in which intervals in milliseconds, it is looked whether the server has a new
/// text: 15 seconds in all.
const NEW_TEXT_LOOKS: u32 = 150;
const NEW_TEXT_LOOK_MILLIS: u64 = 100;

/// What the driver does in [parts](crate::parts) of the page.
#[derive(Clone, Copy)]
pub struct DriverParts {
    /// Only fetches what the next is in.
    pub load_changes: fn() -> PartFuture<()>,
    /// Everything that changes something at the server.
    pub changes: fn(Requests<Page>, Request) -> PartFuture<Answering>,
    /// The same for the door, which is in that part as well.
    pub load_door: fn() -> PartFuture<()>,
    /// [`Door::carry_out`](crate::driver::door::Door::carry_out).
    pub door: fn(Rc<Door>, DoorAct) -> PartFuture<()>,
    /// [`Heirs::take_over`](crate::driver::heirs::Heirs::take_over), in the same part.
    pub inherit: Inherit,
    /// What of a person's acts is not needed at first: [`LaterAct`].
    pub later_acts: fn(Rc<Acts>, LaterAct) -> PartFuture<()>,
    /// [`Marks::carry_out`].
    pub marks: fn(Rc<Marks>, MarksAct) -> PartFuture<()>,
    /// [`run`](crate::driver::offline::work::run).
    pub offline: fn(Rc<Offline>, OfflineAct) -> PartFuture<()>,
    /// [`composed`](crate::driver::downloads::composed).
    pub downloads: fn(Client, FileContent, RwSignal<u64>) -> PartFuture<Composing>,
    /// [`Zips::look`].
    pub zip_look: fn(Rc<Zips>, Vec<ItemId>) -> PartFuture<Looking>,
    /// [`Zips::make`].
    pub zip_make: fn(Rc<Zips>, Plan) -> PartFuture<()>,
    /// [`carry_out`](crate::driver::transfer::carry_out).
    pub transfer: Transfer,
    /// [`run`](crate::driver::thumbnails::work::run).
    pub thumbnails: thumbnails::Work,
}

/// A handle of what carries commands out. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Commands(StoredValue<Rc<Held>, LocalStorage>);

struct Held {
    sessions: Rc<Sessions>,
    parts: DriverParts,
    /// Of the roots that were opened, in the name of the page.
    of_roots: Rc<RefCell<BTreeMap<ItemId, Commands>>>,
    owner: Owner,
    accounts: Accounts,
    /// What the commands about files are about.
    root: Rc<Root>,
    acts: Rc<Acts>,
    zips: Rc<Zips>,
}

impl Held {
    fn new(sessions: &Rc<Sessions>, root: Rc<Root>, parts: DriverParts) -> Self {
        let drive = root.drive;
        Self {
            accounts: Accounts {
                sessions: sessions.clone(),
            },
            acts: Rc::new(Acts {
                drive,
                current: root.current.clone(),
                promises: root.promises.clone(),
                later: parts.later_acts,
            }),
            zips: Rc::new(Zips {
                current: root.current.clone(),
                cache: root.means.cache.clone(),
                downloads: root.downloads.clone(),
                tree: drive.tree,
                connection: drive.connection,
                notices: drive.notices,
                look: parts.zip_look,
                make: parts.zip_make,
            }),
            sessions: sessions.clone(),
            parts,
            of_roots: Rc::default(),
            owner: Owner::current().unwrap_or_default(),
            root,
        }
    }
}

/// The commands, in a view.
pub fn use_commands() -> Commands {
    expect_context()
}

impl Commands {
    /// Opens the local database, shows what is in it, finds out who is signed in
    /// and keeps the page up to date from then on. For a visitor it does none of this: see
    /// [`Self::visit`]. Called once, with a reactive owner that lives as long as the page.
    pub fn start(drive: Drive, parts: DriverParts) -> Self {
        let means = Means {
            store: Rc::new(Store::new(drive.notices)),
            cache: Rc::new(Cache::default()),
            pool: Pool::default(),
            notices: drive.notices,
            polls: Polls::default(),
            changes: parts.changes,
            downloads: parts.downloads,
        };
        let of_roots = RootParts {
            door: DoorPart {
                load: parts.load_door,
                act: parts.door,
            },
            inherit: parts.inherit,
            thumbnails: parts.thumbnails,
        };
        let sessions = Sessions::new(drive, means, parts.marks, parts.offline, of_roots);
        let held = Held::new(&sessions, sessions.home.clone(), parts);
        if !untrack(|| drive.is_visited()) {
            let events = Events {
                sessions: sessions.clone(),
            };
            events.listen();
            spawn_local(async move { sessions.open().await });
        }
        Self(StoredValue::new_local(Rc::new(held)))
    }

    fn held(self) -> Rc<Held> {
        self.0.get_value()
    }

    /// Turns to what is shared with the person, or with `None` to their own drive: its
    /// state, and the commands about it. It works from now on, and what nobody looks at and
    /// has nothing to send rests.
    pub fn turn_to(self, root: Option<ItemId>) -> (Drive, Commands) {
        let held = self.held();
        held.sessions.shares.show(root);
        let Some(id) = root else {
            return (held.sessions.home.drive, self);
        };
        let root = held.sessions.shares.root(id);
        let drive = root.drive;
        let mut of_roots = held.of_roots.borrow_mut();
        let commands = of_roots.entry(id).or_insert_with(|| {
            let held = Held::new(&held.sessions, root, held.parts);
            let make = || Self(StoredValue::new_local(Rc::new(held)));
            self.held().owner.with(make)
        });
        (drive, *commands)
    }

    /// What these commands are about.
    pub fn drive(self) -> Drive {
        self.held().root.drive
    }

    /// Where the API has what is at this path, for a link.
    pub fn address(self, path: &str) -> String {
        self.held().root.current.api().at(path)
    }

    /// What this browser knows of the first rows of a folder of the person's own drive, before
    /// it has read all names.
    pub async fn first_rows(self, folder: Option<ItemId>) -> Vec<Item> {
        let store = self.held().root.means.store.clone();
        store.first_rows(folder).await
    }

    /// Keeps them, for a page that is opened anew.
    pub fn keep_first_rows(self, folder: Option<ItemId>, rows: Vec<ItemId>) {
        let store = self.held().root.means.store.clone();
        spawn_local(async move { store.keep_first_rows(folder, rows).await });
    }

    /// Whether the person may change something here, or put something into a folder; says
    /// so if not.
    pub fn may_change(self, folder: Option<ItemId>) -> bool {
        let drive = self.held().root.drive;
        let words = match untrack(|| drive.access()) {
            Access::View => t("You can only view this."),
            Access::Withdrawn => t("This is not shared with you any more."),
            Access::Change => {
                let refused = |tree: &Tree| match tree.get(folder?) {
                    Some(item) if !item.is_folder() => Some(t(
                        "Only this file is shared with you: nothing can be put beside it.",
                    )),
                    _ if tree.complete && !tree.is_live(folder?) => Some(t(
                        "This folder is not here any more: nothing was put into it.",
                    )),
                    _ => None,
                };
                match drive.tree.with_untracked(refused) {
                    Some(words) => words,
                    None => return true,
                }
            }
        };
        drive.notices.bad(words);
        false
    }

    /// The same, for what can say it where it was asked for.
    fn check_change(self) -> Result<(), Failure> {
        let drive = self.held().root.drive;
        match untrack(|| drive.access()) {
            Access::Change => Ok(()),
            Access::View | Access::Withdrawn => Err(Problem::ReadOnly.into()),
        }
    }

    /// Asks the server what is shared, with the person and by them.
    pub async fn refresh_shares(self) {
        self.held().sessions.shares.refresh().await;
    }

    /// Who has access to an item, also by a folder that it is in.
    pub async fn access_to(self, item: ItemId) -> Result<Vec<Grant>, Failure> {
        self.held().sessions.shares.item_grants(item).await
    }

    /// Gives somebody access, or changes what they have.
    pub async fn give_access(self, item: ItemId, new: &NewGrant) -> Result<Grant, Failure> {
        self.held().sessions.shares.give(item, new).await
    }

    pub async fn change_access(self, id: GrantId, change: &GrantChange) -> Result<Grant, Failure> {
        self.held().sessions.shares.change_grant(id, change).await
    }

    /// The owner takes it back, or whoever has it lets go of it.
    pub async fn end_access(self, grant: &Grant) -> Result<(), Failure> {
        self.held().sessions.shares.end_grant(grant).await
    }

    /// How much would be handed over with a grant, or is offered to the person.
    pub async fn show_offer(self, id: GrantId) -> Result<Handover, Failure> {
        self.held().sessions.shares.show_offer(id).await
    }

    /// Asks somebody who has access to be the owner.
    pub async fn offer(self, id: GrantId) -> Result<Grant, Failure> {
        self.held().sessions.shares.offer(id).await
    }

    /// Takes that back, or declines.
    pub async fn end_offer(self, id: GrantId) -> Result<(), Failure> {
        self.held().sessions.shares.end_offer(id).await
    }

    /// Becomes the owner of what is offered; `left` is told what is still to be copied.
    pub async fn accept_offer(
        self,
        grant: &Grant,
        left: RwSignal<Option<u64>>,
    ) -> Result<(), Failure> {
        let accepted = self.held().sessions.shares.accept_offer(grant, left).await;
        // An old figure is no reason to disturb anybody.
        let _ = self.held().sessions.refresh().await;
        accepted
    }

    /// Gives what is shared with the person a place in a folder of theirs. Returns how it is
    /// called there.
    pub async fn mount(self, grant: &Grant, parent: Option<ItemId>) -> Result<String, Failure> {
        self.held().sessions.shares.mount(grant, parent).await
    }

    /// Takes such a place away. What it leads to stays, and stays shared.
    pub fn unmount(self, mount: &Item) {
        let (held, mount) = (self.held(), mount.clone());
        spawn_local(async move {
            let notices = held.root.drive.notices;
            let name = &mount.name;
            match held.sessions.shares.unmount(mount.id).await {
                Ok(()) => notices.good(say!(
                    "“{name}” is not among your files any more. It is under Shared as long as somebody shares it with you",
                    name
                )),
                Err(failure) => {
                    notices.failure(&say!("“{name}” stays where it is", name), &failure);
                }
            }
        });
    }

    /// The person's links, of one item or all.
    pub async fn links(self, of: Option<ItemId>) -> Result<Vec<Link>, Failure> {
        self.held().sessions.api().links(of).await
    }

    /// Makes a link, which asks for the password if there is one.
    pub async fn make_link(
        self,
        item: ItemId,
        new: NewLink,
        password: Option<String>,
    ) -> Result<Link, Failure> {
        let sessions = &self.held().sessions;
        let link = links::make(sessions, item, new, password).await?;
        sessions.shares.refresh().await;
        Ok(link)
    }

    pub async fn change_link(
        self,
        id: LinkId,
        change: LinkChange,
        password: ToPassword,
    ) -> Result<Link, Failure> {
        let sessions = &self.held().sessions;
        let link = links::change(sessions, id, change, password).await?;
        sessions.shares.refresh().await;
        Ok(link)
    }

    pub async fn end_link(self, id: LinkId) -> Result<(), Failure> {
        let sessions = &self.held().sessions;
        sessions.api().end_link(id).await?;
        sessions.shares.refresh().await;
        Ok(())
    }

    /// Begins the visit of somebody who has a link.
    pub fn visit(self, key: LinkKey) -> VisitHandle {
        let Held { root, .. } = &*self.held();
        let pool = root.means.pool.clone();
        VisitHandle::begin(key, root.drive, root.current.clone(), pool)
    }

    /// Saves what was not sent before its root was withdrawn where the browser saves
    /// downloads.
    pub fn save_left(self, root: ItemId, file: LeftFile) {
        let held = self.held();
        spawn_local(async move { held.sessions.shares.save_left(root, file).await });
    }

    /// Hands it in to the person's own drive.
    pub fn take_left(self, left: Left) {
        let held = self.held();
        spawn_local(async move { held.sessions.shares.take_left(left).await });
    }

    /// Lets go of it.
    pub fn drop_left(self, root: ItemId) {
        self.held().sessions.shares.drop_left(root);
    }

    /// With the secret of an invitation, if the person has come by one.
    pub async fn sign_up(
        self,
        name: String,
        password: String,
        invite: Option<String>,
    ) -> Result<(), Failure> {
        self.held().accounts.sign_up(name, password, invite).await
    }

    /// A page of everybody who has an account, after a name.
    pub async fn people(self, after: Option<String>) -> Result<People, Failure> {
        self.held().sessions.api().people(after.as_deref()).await
    }

    /// Changes what a person may do here.
    pub async fn change_person(
        self,
        id: UserId,
        change: PersonChange,
    ) -> Result<ManagedPerson, Failure> {
        let changed = self
            .held()
            .sessions
            .api()
            .change_person(id, &change)
            .await?;
        // Of oneself, the page shows another use and another menu.
        if self.held().sessions.user() == Some(id) {
            let _ = self.held().sessions.refresh().await;
        }
        Ok(changed)
    }

    pub async fn server_settings(self) -> Result<ServerSettings, Failure> {
        self.held().sessions.api().server_settings().await
    }

    /// Sets who may make an account.
    pub async fn set_sign_up(self, mode: SignUpMode) -> Result<ServerSettings, Failure> {
        let change = SettingsChange {
            sign_up: Some(mode),
        };
        self.held().sessions.api().change_settings(&change).await
    }

    pub async fn invites(self) -> Result<Vec<Invite>, Failure> {
        Ok(self.held().sessions.api().invites().await?.invites)
    }

    /// Its secret is told this once.
    pub async fn make_invite(self, note: String) -> Result<InviteMade, Failure> {
        let new = NewInvite { note };
        self.held().sessions.api().make_invite(&new).await
    }

    pub async fn remove_invite(self, id: InviteId) -> Result<(), Failure> {
        self.held().sessions.api().remove_invite(id).await
    }

    /// Who did what to whom: the newest, or what was before an entry.
    pub async fn audit(self, before: Option<u64>) -> Result<Audit, Failure> {
        self.held().sessions.api().audit(before).await
    }

    /// How the server is.
    pub async fn health(self) -> Result<Health, Failure> {
        self.held().sessions.api().health().await
    }

    /// `replaces` ends, if there are as many devices as there may be.
    pub async fn sign_in(
        self,
        name: String,
        password: String,
        replaces: Option<DeviceId>,
    ) -> Result<(), Failure> {
        self.held().accounts.sign_in(name, password, replaces).await
    }

    /// The password again: for some minutes, the server lets this device do what a
    /// stolen session must not.
    pub async fn confirm(self, password: String) -> Result<(), Failure> {
        self.held().accounts.confirm(password).await
    }

    /// Whether a password can be the new one.
    pub async fn check_new_password(self, new: String) -> Result<(), Failure> {
        self.held().accounts.check_new_password(new).await
    }

    /// Another password. Every other device and token ends, but for those that are
    /// kept; how many did.
    pub async fn change_password(
        self,
        old_and_new: (String, String),
        keep: Vec<DeviceId>,
    ) -> Result<u64, Failure> {
        self.held()
            .accounts
            .change_password(old_and_new, keep)
            .await
    }

    /// How many recovery codes are left, and of which set.
    pub async fn recovery_codes(self) -> Result<RecoveryCodes, Failure> {
        self.held().accounts.recovery_codes().await
    }

    /// A set of codes, which are good once [`Self::put_codes`] has their hashes.
    pub async fn new_codes(self) -> Result<NewCodes, Failure> {
        self.held().accounts.new_codes().await
    }

    /// They take the place of the set of this version.
    pub async fn put_codes(self, base_version: u64, hashes: Vec<BlockHash>) -> Result<(), Failure> {
        self.held().accounts.put_codes(base_version, hashes).await
    }

    /// Another password for whoever has a recovery code, who is signed in with it. `is_again`
    /// where an earlier try may have done it.
    pub async fn recover(
        self,
        name: String,
        code: String,
        password: String,
        is_again: bool,
    ) -> Result<(), Failure> {
        let held = self.held();
        held.accounts.recover(name, code, password, is_again).await
    }

    /// How long an account goes on after its person has ended it, in milliseconds; `None`
    /// if the server does not say.
    pub async fn account_goes_on(self) -> Result<Option<u64>, Failure> {
        self.held().accounts.goes_on().await
    }

    /// Ends the account, some time from now, with everything in it. Returns when that is.
    pub async fn end_account(self) -> Result<UnixMillis, Failure> {
        self.held().accounts.end().await
    }

    /// Keeps it after all.
    pub async fn keep_account(self) -> Result<(), Failure> {
        self.held().accounts.keep().await
    }

    /// Ends the session on the server and forgets everything in this browser.
    pub async fn sign_out(self) -> Result<(), Failure> {
        self.held().sessions.sign_out().await
    }

    /// Files are coming: fetches what will send them, unless it is here, while they are
    /// held over the page or hashed. If it is not to be had, sending them says so.
    pub fn expect_files(self) {
        let parts = self.held().parts;
        spawn_local(async move {
            let _ = (parts.load_door)().await;
            let _ = (parts.load_changes)().await;
        });
    }

    /// Queues picked files for upload into a folder. Where a file has a name
    /// already, it asks first: see [`Drive::door`]. Folders are made as needed and
    /// merged with those that exist. What can't be taken in is listed there.
    pub fn add(self, folder: Option<ItemId>, intake: DropContents) {
        if self.may_change(folder) {
            let onto = None;
            self.held().root.door.act(DoorAct::Add {
                folder,
                onto,
                intake,
            });
        }
    }

    /// The same for what was dropped or pasted. `onto` is the file that it was
    /// dropped onto: a file of its name is the next version of that, unasked. Must
    /// be called within the event.
    pub fn add_from(self, folder: Option<ItemId>, onto: Option<ItemId>, transfer: &DataTransfer) {
        if !self.may_change(folder) {
            return;
        }
        self.expect_files();
        self.held().root.door.walk(folder, onto, |watch| {
            Box::pin(intake::from_drop(transfer, watch))
        });
    }

    /// Queues a file as the next version of an item, whatever its name is.
    pub fn new_version(self, item: ItemId, file: File) {
        if self.may_change(None) {
            self.held()
                .root
                .door
                .act(DoorAct::AddVersion { item, file });
        }
    }

    /// Answers what [`Drive::door`] asks about an intake. It is carried out against
    /// what the tree shows at this moment.
    pub fn answer_taken_names(self, intake: IntakeId, answer: NamesAnswer) {
        let act = DoorAct::Answer(intake, answer);
        self.held().root.door.act(act);
    }

    /// Nothing of an intake that asks is taken in.
    pub fn refuse_intake(self, intake: IntakeId) {
        self.held().root.door.refuse(intake);
    }

    /// Files whose names are taken in this folder are asked about again.
    pub fn forget_taken_names(self, folder: Option<ItemId>) {
        self.held().root.door.act(DoorAct::AskAgain(folder));
    }

    /// The person has seen what was not taken in.
    pub fn clear_left_out(self) {
        self.held().root.door.clear_left_out();
    }

    pub fn cancel_upload(self, id: UploadId) {
        self.held().root.panel.cancel(id);
    }

    /// Ends whatever is on its way: nothing more is taken in,
    /// sent or made. What the server has stays.
    pub fn cancel_all_uploads(self) {
        self.held().root.door.cancel_all();
    }

    /// Begins to send nothing more, or goes on, in this tab.
    pub fn pause_uploads(self, paused: bool) {
        self.held().root.panel.pause(paused);
    }

    pub fn retry_upload(self, id: UploadId) {
        self.held().root.door.act(DoorAct::Retry(id));
    }

    /// Gives an upload its file once more: one that the browser lost with the page.
    pub fn pick_again(self, id: UploadId, file: &File) {
        self.held().root.panel.pick_again(id, file);
    }

    /// Takes what is finished off the panel. What has failed stays.
    pub fn clear_finished_uploads(self) {
        self.held().root.panel.clear_finished();
    }

    /// Gives up an upload that has failed, or all that have.
    pub fn give_up_uploads(self, id: Option<UploadId>) {
        self.held().root.panel.give_up(id);
    }

    /// Like all that follows about items: it is shown at once, kept, and sent when
    /// there is a connection.
    pub fn create_folder(self, parent: Option<ItemId>, name: Name) -> Result<ItemId, Failure> {
        self.check_change()?;
        self.held().acts.create_folder(parent, name)
    }

    /// Hands in an empty text of a name that is free. Returns it once the server has it, and
    /// `None` if that takes until there is a connection.
    pub async fn new_text(
        self,
        parent: Option<ItemId>,
        name: Name,
    ) -> Result<Option<ItemId>, Failure> {
        self.check_change()?;
        let drive = self.drive();
        let made = || {
            let there = |tree: &Tree| {
                let item = tree.child_named(parent, &name)?;
                Some((item.id, item.version()))
            };
            drive.tree.try_with_untracked(there).flatten()
        };
        if let Some((item, _)) = made() {
            return Err(Problem::NameTaken { item }.into());
        }
        if is_junk(name.as_str()) {
            let why = t("Systems and programs leave files of this name behind: none is made");
            return Err(Failure::Device(why.to_owned()));
        }
        let file = File::new_with_str_sequence(&Array::new(), name.as_str());
        let file = file.map_err(|e| thrown(&e))?;
        let empty = DropContents {
            files: vec![PickedFile {
                folders: Vec::new(),
                file,
            }],
            ..DropContents::default()
        };
        self.held().root.door.act(DoorAct::Add {
            folder: parent,
            onto: None,
            intake: empty,
        });
        for _ in 0..NEW_TEXT_LOOKS {
            clock::sleep(NEW_TEXT_LOOK_MILLIS).await;
            match made() {
                Some((item, version)) if version > 0 => return Ok(Some(item)),
                Some(_) if drive.connection.get_untracked() != Connection::Live => break,
                _ => {}
            }
        }
        let why = t("It was not made. The uploads say why");
        made().map_or_else(|| Err(Failure::Device(why.to_owned())), |_| Ok(None))
    }

    pub fn rename(self, item: ItemId, name: Name) -> Result<(), Failure> {
        self.check_change()?;
        self.held().acts.rename(item, name)
    }

    /// Makes a copy of a file beside it. Its bytes are on the server: none travel.
    pub fn copy(self, item: ItemId) -> Result<(), Failure> {
        self.check_change()?;
        self.held().acts.copy(item)
    }

    /// Moves many items together. It is said to be done once the server agrees; what
    /// can't be is told with why.
    pub fn move_all(self, items: Vec<ItemId>, parent: Option<ItemId>) {
        if self.may_change(None) {
            self.held().acts.move_all(items, parent);
        }
    }

    /// Takes the newest step back: see [`Drive::steps`]. What was changed elsewhere since
    /// stays as it is, and is told.
    pub fn undo(self) {
        let steps = self.drive().steps;
        if steps.with_untracked(Steps::has_done) && self.may_change(None) {
            self.held().acts.do_later(LaterAct::Undo(None));
        }
    }

    /// Takes one step back, in whichever root it was made.
    pub fn undo_step(self, root: Option<ItemId>, step: StepId) {
        if let Some(there) = self.of(root)
            && there.may_change(None)
        {
            let act = LaterAct::Undo(Some(step));
            there.held().acts.do_later(act);
        }
    }

    /// Whether that step can still be taken back.
    pub fn can_undo(self, root: Option<ItemId>, step: StepId) -> bool {
        let there = self.of(root).map(Self::drive);
        there.is_some_and(|drive| drive.steps.with(|steps| steps.has(step)))
    }

    /// Does again what was taken back last.
    pub fn redo(self) {
        let steps = self.drive().steps;
        if steps.with_untracked(Steps::has_undone) && self.may_change(None) {
            self.held().acts.do_later(LaterAct::Redo);
        }
    }

    /// The commands about a root that was opened, in the name of the page.
    fn of(self, root: Option<ItemId>) -> Option<Commands> {
        match root {
            None => Some(self),
            Some(id) => self.held().of_roots.borrow().get(&id).copied(),
        }
    }

    /// Gives items a star, or takes it away. It is shown at once, and on the person's other
    /// devices once the server has it.
    pub fn star(self, items: Vec<ItemId>, on: bool) {
        let held = self.held();
        let Drive { root, tree, .. } = held.root.drive;
        let act = MarksAct::Star {
            root,
            tree,
            items,
            on,
        };
        held.sessions.marks.act(act);
    }

    /// Gives those a star again that have lost it, each in its root.
    pub fn star_again(self, stars: StoredValue<(Option<ItemId>, Vec<ItemId>)>) {
        let (root, items) = stars.get_value();
        if let Some(there) = self.of(root) {
            there.star(items, true);
        }
    }

    /// Keeps files and folders of the person's own drive on this device, for when there is no
    /// connection, or lets go of them. How far that is, [`Drive::offline`] says.
    pub fn keep_offline(self, items: Vec<ItemId>, on: bool) {
        let offline = self.held().sessions.offline.clone();
        offline.act(OfflineAct::Keep { items, on });
    }

    /// Saves a search under a name. Returns once the server has it.
    pub async fn save_search(self, name: String, query: String) -> Result<SavedSearch, Failure> {
        let marks = self.held().sessions.marks.clone();
        marks.save_search(name, query).await
    }

    /// Gives a search that is as the person sees it another name.
    pub async fn rename_search(self, search: &SavedSearch, name: String) -> Result<(), Failure> {
        let marks = self.held().sessions.marks.clone();
        marks.rename_search(search, name).await
    }

    pub async fn remove_search(self, id: SearchId) -> Result<(), Failure> {
        let marks = self.held().sessions.marks.clone();
        marks.remove_search(id).await
    }

    /// Takes items up, to be moved (`cut`) or copied to where they are pasted.
    pub fn take_up(self, items: Vec<ItemId>, cut: bool) {
        let drive = self.drive();
        let items = drive.tree.with_untracked(|tree| {
            let known = items.into_iter().filter(|id| tree.is_live(*id));
            known.collect::<BTreeSet<_>>()
        });
        if items.is_empty() || (cut && !self.may_change(None)) {
            return;
        }
        let root = drive.root;
        drive.clip.set(Some(Clip { root, items, cut }));
    }

    /// Lets go of what was cut or copied.
    pub fn put_down(self) {
        self.drive().clip.set(None);
    }

    /// Moves or copies what was taken up into a folder. Nothing if there is none.
    pub fn paste(self, folder: Option<ItemId>) {
        let drive = self.drive();
        let Some(clip) = drive.clip.get_untracked() else {
            return;
        };
        if clip.root != drive.root {
            let words = t(
                "That is in another drive, and can only be pasted there.                 To have it here, download it and add it",
            );
            return drive.notices.bad(words);
        }
        if !self.may_change(folder) {
            return;
        }
        let itself = folder.filter(|folder| clip.items.contains(folder));
        let items = clip.items.into_iter().collect();
        match clip.cut {
            true if itself.is_some() => {
                let name = drive
                    .tree
                    .with_untracked(|tree| tree.get(itself?).map(|item| item.name.clone()));
                let name = name.as_ref().map_or(t("A folder"), Name::as_str);
                drive
                    .notices
                    .bad(say!("“{name}” can't be moved into itself", name));
            }
            true => {
                drive.clip.set(None);
                self.held().acts.move_all(items, folder);
            }
            false => {
                let parent = folder;
                let act = LaterAct::CopyInto { items, parent };
                self.held().acts.do_later(act);
            }
        }
    }

    /// Moves items to the trash together. It is said to be done once the server agrees.
    pub fn trash(self, items: Vec<ItemId>) {
        if self.may_change(None) {
            self.held().acts.trash_all(items);
        }
    }

    /// Takes an item out of the trash, under its own name or another one: to the folder
    /// where it was, or to the top of the space if that is not there. It is said where it
    /// is once the server agrees.
    pub fn restore(self, item: ItemId, name: Option<Name>) -> Result<(), Failure> {
        self.held().acts.restore(item, name)
    }

    /// A name for what comes out of the trash when its own is taken, and what the folder
    /// is called that it comes back to.
    pub fn name_to_restore(self, item: ItemId) -> Option<(Name, String)> {
        self.held().acts.name_to_restore(item)
    }

    /// Says what a person decided about conflicts, once the server knows; `opens`: they
    /// are open then. Without a connection it says that it is still to be sent.
    pub fn tell_when_decided(
        self,
        conflicts: Vec<ConflictId>,
        opens: bool,
        words: impl Into<String>,
    ) {
        let words = words.into();
        self.held().acts.tell_when_decided(conflicts, opens, words);
    }

    /// Deletes what is in the trash for good: see [`Purge`].
    pub async fn delete_for_good(
        self,
        what: PurgeScope,
        with_open_conflicts: bool,
        deleted: RwSignal<u64>,
    ) -> Purged {
        let held = self.held();
        let purge = Purge {
            current: held.root.current.clone(),
            tree: held.root.drive.tree,
            with_open_conflicts,
            deleted,
        };
        let outcome = purge.run(what).await;
        // An old figure is no reason to disturb anybody.
        let _ = held.sessions.refresh().await;
        outcome
    }

    /// Where the thumbnail of a file is, as soon as it is anywhere; the view that asks wants
    /// it for as long as it is there. `None` for what has none.
    pub fn thumbnail(self, item: &Item) -> Option<Memo<Option<String>>> {
        let (held, picture) = (self.held(), Picture::of(item)?);
        held.root.thumbnails.wants(picture);
        on_cleanup(move || {
            if let Some(held) = self.0.try_get_value() {
                held.root.thumbnails.lets_go(picture.key);
            }
        });
        let shown = held.root.drive.thumbnails;
        Some(Memo::new(move |_| {
            shown.with(|all| all.get(&picture.key).cloned())
        }))
    }

    /// Saves a file's head where the browser saves downloads. Nothing if the server
    /// does not have it.
    pub fn download(self, item: ItemId) {
        let held = self.held();
        let item = held
            .root
            .drive
            .tree
            .with_untracked(|tree| tree.get(item).cloned());
        if let Some(item) = item {
            held.root.downloads.start(&item);
        }
    }

    /// What of a zip of several items, or of a folder, can be made now.
    pub async fn look_into_zip(self, items: Vec<ItemId>) -> Result<ZipContents, Failure> {
        let zips = self.held().zips.clone();
        let looking = (zips.look)(zips.clone(), items).await?;
        Ok(looking.await)
    }

    /// Makes the zip and saves it where the browser saves downloads. A notice says
    /// what became of it.
    pub fn download_zip(self, plan: Plan) {
        self.held().zips.start(plan);
    }

    /// Takes the drive out, or an export in. Returns how that stands from now on.
    pub async fn transfer(self, act: TransferAct) -> Result<ArcRwSignal<Transfers>, Failure> {
        let held = self.held();
        let (zips, root) = (held.zips.clone(), held.root.clone());
        Ok((held.parts.transfer)(zips, root, act).await?)
    }

    pub fn cancel_download(self, id: DownloadId) {
        self.held().root.downloads.cancel(id);
    }

    /// How many changes of this browser's tabs the server does not have.
    pub async fn unsent(self) -> usize {
        self.held().sessions.unsent().await
    }

    /// Where a file's bytes are from; of one side of a conflict, only the server has them.
    fn source(self, of: Option<(ItemId, Version)>) -> Source {
        let current = &self.held().root.current;
        let here = current.client().zip(of);
        Source {
            api: current.api(),
            here: here.map(|(client, (item, version))| (client, item, version)),
        }
    }

    /// Loads a PDF; `None` for what is none. `of` is the version that it is of, if it is
    /// one.
    pub async fn pdf(
        self,
        address: &str,
        of: Option<(ItemId, Version)>,
    ) -> Result<Option<ObjectUrl>, Failure> {
        content::pdf(&self.source(of).whole(address).await?).await
    }

    /// Loads a drawing into an address that has all of it.
    pub async fn drawing(self, address: &str, of: (ItemId, Version)) -> Result<String, Failure> {
        content::drawing(&self.source(Some(of)).whole(address).await?).await
    }

    /// A picture that this device has, without asking the server.
    pub async fn kept_picture(self, of: (ItemId, Version)) -> Result<ObjectUrl, Failure> {
        content::picture(&self.source(Some(of)).kept().await?)
    }

    /// Loads a font into the document, for as long as it is held; `None` for what is none.
    pub async fn font(
        self,
        address: &str,
        size: u64,
        of: (ItemId, Version),
    ) -> Result<Option<LoadedFont>, Failure> {
        viewing::font(&self.source(Some(of)), address, size).await
    }

    /// Reads a file for the viewer, or as much of it as is shown; `None` for what is not
    /// what its name says.
    pub async fn read(
        self,
        address: &str,
        size: u64,
        kind: ReadAs,
        of: (ItemId, Version),
    ) -> Result<Option<ReadPart>, Failure> {
        viewing::read(&self.source(Some(of)), address, size, kind).await
    }

    /// Opens a spreadsheet; `None` for what is none.
    pub async fn open_sheets(
        self,
        address: &str,
        size: u64,
        of: (ItemId, Version),
    ) -> Result<Option<OpenSheets>, Failure> {
        viewing::sheets(&self.source(Some(of)), address, size).await
    }

    /// Opens a text to type over it, of which the newest version is `newest`; `None` for
    /// what is none.
    pub async fn open_text(self, item: ItemId, newest: Version) -> Result<Option<Opened>, Failure> {
        self.check_change()?;
        let held = self.held();
        texts(&held.root).open(item, newest).await
    }

    /// What was typed over a text and not saved, if this browser has it.
    pub async fn kept_text(self, item: ItemId) -> Option<KeptText> {
        let held = self.held();
        texts(&held.root).kept(item).await.ok().flatten()
    }

    /// Keeps it in this browser.
    pub async fn keep_text(self, item: ItemId, typed: &KeptText) -> Result<(), Failure> {
        let held = self.held();
        texts(&held.root).keep(item, typed).await
    }

    /// The person lets go of it.
    pub async fn forget_text(self, item: ItemId) -> Result<(), Failure> {
        let held = self.held();
        texts(&held.root).forget(item).await
    }

    /// Makes what was typed over `over`, the bytes of its base, the file's next version.
    /// Where it is by now, [`Self::text_way`] says.
    pub async fn save_text(
        self,
        item: ItemId,
        name: &str,
        over: &Blob,
        typed: KeptText,
    ) -> Result<File, Failure> {
        self.check_change()?;
        self.expect_files();
        let held = self.held();
        texts(&held.root).save(item, name, over, typed).await
    }

    /// Whether a version of the file is on its way from here. It changes with
    /// [`Drive::tree`].
    pub fn text_way(self, item: ItemId) -> OnItsWay {
        let held = self.held();
        texts(&held.root).way(item)
    }

    /// What was done before an entry, or lately, as far as it is wanted; with one item, of
    /// that and of what is in it.
    pub async fn activity(
        self,
        before: Option<Seq>,
        of: Option<ItemId>,
        wanted: &ActivityFilter,
    ) -> Result<Activity, Failure> {
        let api = self.held().root.current.api();
        api.activity(before, of, wanted).await
    }

    /// Since when it is known what was in a folder, or in everything; 0 if it always was.
    pub async fn past_known_since(self, of: Option<ItemId>) -> Result<UnixMillis, Failure> {
        let api = self.held().root.current.api();
        Ok(api.past(of, None, None).await?.known_since_ms)
    }

    /// What was otherwise in a folder at a time, or in everything, and when that was told.
    /// `told` learns how much there is so far.
    pub async fn past(
        self,
        (of, at): (Option<ItemId>, UnixMillis),
        told: RwSignal<usize>,
    ) -> Result<(Past, Vec<PastItem>), Failure> {
        let then = self.folder_then(of, at);
        let goes_on = |count| {
            told.try_set(count);
        };
        client::past::ask(&then, goes_on).await
    }

    /// Carries out a plan of that.
    pub async fn bring_past_back(
        self,
        (of, at): (Option<ItemId>, UnixMillis),
        plan: PastPlan,
        progress: Progress,
    ) -> PastOutcome {
        let then = self.folder_then(of, at);
        let outcome = client::past::run(&then, plan, &progress).await;
        then.current.input(Input::PullWanted);
        outcome
    }

    fn folder_then(self, of: Option<ItemId>, at: UnixMillis) -> FolderThen {
        let current = self.held().root.current.clone();
        FolderThen { current, of, at }
    }

    /// What others did, in the person's own drive and in what is shared with them.
    pub async fn news(self) -> Result<News, Failure> {
        self.held().sessions.api().news().await
    }

    /// The person has seen what others did up to this time, on all their devices.
    pub async fn see_news(self, up_to_ms: UnixMillis) -> Result<(), Failure> {
        self.held().sessions.news.see(up_to_ms).await
    }

    /// The person has a file open, until [`Self::closes`]: others who have it are told.
    pub fn opens(self, item: ItemId) {
        self.held().root.openings.opens(item);
    }

    /// They have closed it.
    pub fn closes(self, item: ItemId) {
        self.held().root.openings.closes(item);
    }

    /// Asks what others have open, and whether the person tells them.
    pub fn refresh_openings(self) {
        self.held().root.openings.ask_anyhow();
    }

    /// Whether others are told what the person has open, and the other way round.
    pub async fn tell_openings(self, tells: bool) -> Result<(), Failure> {
        let sessions = &self.held().sessions;
        sessions.api().tell_openings(tells).await?;
        sessions.home.drive.openings.tells.set(Some(tells));
        for root in sessions.roots() {
            root.openings.say_due();
            root.openings.ask_anyhow();
        }
        Ok(())
    }

    /// Whether this tab hears of news, and the person looks at no other one of this
    /// browser.
    pub async fn is_to_alert(self) -> bool {
        self.held().sessions.news.is_to_alert().await
    }

    /// Makes an earlier version of a file the next one. The person has seen that the
    /// newest is `seen`.
    pub async fn bring_back(
        self,
        item: ItemId,
        version: Version,
        seen: Version,
    ) -> Result<(), Failure> {
        self.check_change()?;
        let held = self.held();
        held.acts.bring_back_version(item, version, seen).await
    }

    /// The versions of a file before one, or the newest.
    pub async fn versions(
        self,
        item: ItemId,
        before: Option<Version>,
    ) -> Result<FileVersions, Failure> {
        let api = self.held().root.current.api();
        api.versions(item, before).await
    }

    /// Names or pins a version of a file, or lets go of it.
    pub async fn mark_version(
        self,
        item: ItemId,
        wanted: &MarkVersion,
    ) -> Result<FileVersion, Failure> {
        self.check_change()?;
        let api = self.held().root.current.api();
        api.mark_version(item, wanted).await
    }

    /// What the person's own drive keeps.
    pub async fn retention(self) -> Result<SpaceRetention, Failure> {
        self.held().sessions.api().retention().await
    }

    /// What the drive keeps of the past from now on; `None`: what the operator has set.
    pub async fn change_retention(
        self,
        retention: Option<Retention>,
    ) -> Result<SpaceRetention, Failure> {
        let api = self.held().sessions.api();
        api.change_retention(retention).await
    }

    /// Makes a file beside this one, with what it held.
    pub fn copy_version(self, item: ItemId, version: &FileVersion) -> Result<(), Failure> {
        self.check_change()?;
        self.held().acts.copy_version(item, version)
    }

    /// Puts an item where it was, under the name that it had there.
    pub fn put_back(self, item: ItemId, parent: Option<ItemId>, name: Name) -> Result<(), Failure> {
        self.check_change()?;
        self.held().acts.place(item, Place { parent, name })
    }

    pub async fn devices(self) -> Result<Vec<Device>, Failure> {
        self.held().sessions.api().devices().await
    }

    /// It keeps the name when it signs in again.
    pub async fn rename_device(self, id: DeviceId, name: String) -> Result<Device, Failure> {
        self.held().accounts.rename_device(id, name).await
    }

    pub async fn revoke_device(self, id: DeviceId) -> Result<(), Failure> {
        self.held().sessions.api().revoke_device(id).await
    }

    /// The token is shown once; the server keeps only its hash.
    pub async fn create_access_token(self, new: &NewAccessToken) -> Result<AccessToken, Failure> {
        self.held().sessions.api().create_access_token(new).await
    }

    /// What [`KeepWhich::Both`] would call the copy.
    pub fn copy_name(self, item: &Item, conflict: &Conflict) -> Name {
        self.held().acts.copy_name(item, conflict)
    }

    /// Carries out the choice against the head that the tree shows at this moment.
    /// If the server has a newer one, a notice says so and the conflict is open
    /// again.
    pub fn resolve(self, conflict: ConflictId, keep: KeepWhich) -> Result<(), Failure> {
        self.check_change()?;
        self.held().acts.resolve(conflict, keep)
    }

    /// Makes a merged file the next version of the conflict's file, which the
    /// person merged at `seen_version`. It is kept until the server has it. If the
    /// head has moved on, it is not sent: a notice says so, and the merge is in
    /// [`Drive::merges`] until the person merges again or lets go of it.
    pub fn resolve_merged(
        self,
        conflict: ConflictId,
        file: &File,
        seen_version: Version,
    ) -> Result<(), Failure> {
        self.check_change()?;
        self.held()
            .acts
            .resolve_merged(conflict, file, seen_version)
    }

    /// The bytes of a merge that was not carried out, for another try.
    pub async fn merged_file(self, conflict: ConflictId) -> Option<File> {
        self.held().acts.merged_file(conflict).await
    }

    /// Lets go of a merge that was not carried out, or of a choice not sent yet.
    pub fn unresolve(self, conflict: ConflictId) {
        self.held().acts.unresolve(conflict);
    }

    /// A page of the resolved conflicts, the newest resolution first; `after` is
    /// the `next` of the page before.
    pub async fn resolved_conflicts(self, after: Option<&str>) -> Result<Conflicts, Failure> {
        self.held()
            .root
            .current
            .api()
            .resolved_conflicts(after)
            .await
    }

    /// Takes a resolution back: see [`protocol::conflicts::Reopen`].
    pub fn reopen(self, conflict: &Conflict) -> Result<(), Failure> {
        self.check_change()?;
        self.held().acts.reopen(conflict)
    }

    /// What each side of a conflict changed of the file that both started from, told
    /// from their block lists. `first` is the version that is compared.
    pub async fn changed_ranges(self, conflict: &Conflict, first: Version) -> Result<Map, Failure> {
        let api = self.held().root.current.api();
        let base = match conflict.base_version {
            0 => Vec::new(),
            // Old versions may be gone: then both sides are all new.
            base => match api.manifest(conflict.item, base).await {
                Err(Failure::Refused(Problem::NoSuchVersion)) => Vec::new(),
                manifest => manifest?.blocks,
            },
        };
        let first = api.manifest(conflict.item, first).await?.blocks;
        let second = api.conflict_manifest(conflict.id).await?.blocks;
        Ok(ranges::map(&base, &first, &second))
    }

    /// The same for what one version of a file changed of an older one: the map's second side.
    pub async fn changed_between(
        self,
        item: ItemId,
        (old, new): (Version, Version),
    ) -> Result<Map, Failure> {
        let api = self.held().root.current.api();
        let old = api.manifest(item, old).await?.blocks;
        let new = api.manifest(item, new).await?.blocks;
        Ok(ranges::map(&old, &old, &new))
    }

    /// Does it, and takes the matter off [`Drive::matters`]. What can't be done
    /// stays there.
    pub fn settle(self, matter: Nonce, choice: MatterChoice) -> Result<(), Failure> {
        self.held().acts.settle(matter, choice)
    }

    /// Asks the server for the space's use of storage and refreshes the session.
    pub async fn refresh_account(self) -> Result<(), Failure> {
        self.held().sessions.refresh().await
    }

    /// A merge of a conflict's two texts, which ends when it is dropped.
    pub fn merge_texts(self) -> TextMerge {
        TextMerge::new(self.held().root.current.clone())
    }

    /// What was picked and typed for a conflict, and kept in this browser.
    pub fn merge_draft(self, conflict: ConflictId) -> MergeDraft {
        drafts::read(conflict)
    }

    /// Keeps what was picked. Returns whether there was room for it.
    pub fn keep_merge_draft(self, conflict: ConflictId, draft: &MergeDraft) -> bool {
        drafts::write(conflict, draft)
    }

    /// Keeps what was typed and stands nowhere in the result. Returns whether there was
    /// room for it.
    pub fn keep_typed(self, conflict: ConflictId, typed: &Vec<Typed>) -> bool {
        drafts::write_typed(conflict, typed)
    }

    /// The person lets go of what they picked and typed.
    pub fn forget_merge_draft(self, conflict: ConflictId) {
        drafts::forget(conflict);
    }

    /// A conflict was settled: by the merge that the draft is of, or otherwise. What was
    /// typed and stands nowhere is kept until the person lets go of it.
    pub fn settle_merge_draft(self, conflict: ConflictId, is_merged_here: bool) {
        match is_merged_here {
            true => drafts::forget_used(conflict),
            false => drafts::forget_unless_typed(conflict),
        }
    }
}

fn texts(root: &Root) -> Texts<'_> {
    Texts {
        current: &root.current,
        store: &root.means.store,
        door: &root.door,
    }
}
