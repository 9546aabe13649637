//! A request to the model as it comes over HTTP: the routes that the router finds, the door of
//! `auth`, bodies read by the server's reader, and then the legs. What only the runtime
//! knows is not here: `live_errors.rs` has headers, queries and sizes of bodies.

use super::world::World;
use crate::stage::THEN;
use blocks::frame::split_carrying;
use blocks::hash::BlockHash;
use driftless_api::router::route_of;
use driftless_core::access::reach::{Reach, Use};
use driftless_core::access::shown::{Provenance, Shown};
use driftless_core::access::{SignedIn, admit};
use driftless_core::directory::guesses::Source;
use driftless_core::directory::{accounts, devices, password};
use driftless_core::error::Failure;
use driftless_core::json;
use driftless_core::labels::UserName;
use driftless_core::reads;
use driftless_core::room::Limits;
use driftless_core::writes::creates::create_files;
use driftless_core::writes::deletion::BOUNDS;
use driftless_core::writes::places::change_items;
use driftless_tests::model::legs::Device;
use driftless_tests::model::ready::ready;
use protocol::accounts::{
    Confirm, PasswordFinish, PasswordStart, SignInFinish, SignInStart, SignUpFinish, SignUpStart,
};
use protocol::blocks::{Fetch, FetchSignatures};
use protocol::conflicts::{NewConflict, Reopen, Resolve};
use protocol::content::{Base, Content};
use protocol::devices::NewAccessToken;
use protocol::files::{Commit, FILES, NewFile, Proposal};
use protocol::items::{
    CHANGES, ChangePlace, ChangeTrashed, DeleteForGood, EmptyTrash, ItemChange, NewFolder,
};
use protocol::problem::Problem;
use protocol::routes::Route;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::str::FromStr;

/// A request, as far as the model looks at it.
#[derive(Clone, Debug, Default)]
pub struct Request {
    pub method: String,
    pub path: String,
    pub query: Vec<(&'static str, String)>,
    pub authorization: Option<String>,
    pub cookie: Option<String>,
    /// Whose page it says it is of.
    pub user: Option<String>,
    pub has_client_header: bool,
    pub sec_fetch_site: Option<&'static str>,
    pub origin: Option<&'static str>,
    pub body: Vec<u8>,
    /// Whether the body is JSON with frames behind it.
    pub carries: bool,
}

/// What is answered with success.
#[derive(Debug)]
pub enum Given {
    Text(String),
    /// To each entry of a list by itself.
    Each(Vec<Result<(), Problem>>),
}

const ORIGIN: &str = "https://drive.example";

/// Answers a request.
pub fn ask(world: &World, request: &Request) -> Result<Given, Problem> {
    let answered = answer(world, request);
    answered.map_err(Failure::into_problem)
}

fn answer(world: &World, request: &Request) -> Result<Given, Failure> {
    let routed = route_of(&request.method, &request.path);
    let (route, id) = routed.map_err(|unrouted| unrouted.into_problem())?;
    let front = Front { world, request };
    let (server, door) = (&world.server, world.door());
    let (db, stranger) = (&server.db, Source::default());
    let source = &stranger;
    let refused = |problem: Problem| Failure::from(problem);
    macro_rules! leg {
        ($call:expr) => {
            given(&$call.map_err(refused)?)
        };
    }
    match route {
        Route::Server => Ok(Given::Text(String::new())),
        Route::SignUpStart => {
            let body: SignUpStart = front.json()?;
            let name = UserName::parse(&body.user_name)?;
            let started = accounts::start_sign_up(&door, &name, source, &body.message);
            given(&ready(started)?)
        }
        Route::SignUpFinish => {
            let body: SignUpFinish = front.json()?;
            front.check_device(&body.device.kind)?;
            let name = UserName::parse(&body.user_name)?;
            let sent = (body.registration.as_deref(), &body.message);
            let make_space = async |_| Ok(());
            let made = accounts::finish_sign_up(&door, &name, source, sent, make_space);
            ready(made).map(|_| Given::Text(String::new()))
        }
        Route::SignInStart => {
            let body: SignInStart = front.json()?;
            let name = UserName::parse(&body.user_name)?;
            let started = accounts::start_sign_in(&door, &name, source, &body.message);
            given(&ready(started)?)
        }
        Route::SignInFinish => {
            let body: SignInFinish = front.json()?;
            front.check_device(&body.device.kind)?;
            let proven = accounts::finish_sign_in(&door, &body.attempt, &body.message);
            ready(proven).map(|_| Given::Text(String::new()))
        }
        Route::Confirm => {
            let who = front.signed_in(Use::Oneself)?;
            let body: Confirm = front.json()?;
            let asks = (who.user, &who.device);
            let (attempt, message) = (&body.attempt, &body.message);
            given(&ready(accounts::confirm(
                &door, asks, source, attempt, message,
            ))?)
        }
        Route::PasswordStart => {
            let who = front.signed_in(Use::Oneself)?;
            let body: PasswordStart = front.json()?;
            given(&ready(password::start(
                &door,
                &who.asking(),
                &body.message,
            ))?)
        }
        Route::PasswordFinish => {
            let who = front.signed_in(Use::Oneself)?;
            let body: PasswordFinish = front.json()?;
            given(&ready(password::finish(&door, &who.asking(), &body))?)
        }
        Route::SignOut => {
            let who = front.signed_in(Use::Oneself)?;
            given(&ready(devices::sign_out(
                db,
                who.user,
                who.device.id,
                THEN,
            ))?)
        }
        Route::Me => {
            let who = front.signed_in(Use::Drive)?;
            let space = server.space(&device(&who)).map_err(refused)?;
            given(&(who.user, who.user_name, who.device, space))
        }
        Route::Devices => {
            let who = front.signed_in(Use::Oneself)?;
            let mut listed = ready(devices::list(db, who.user, THEN))?;
            listed.retain(|device| who.sees(device));
            given(&listed)
        }
        Route::CreateToken => {
            let who = front.signed_in(Use::Oneself)?;
            let new: NewAccessToken = front.json()?;
            let hash = BlockHash::of(b"another");
            let asking = who.asking();
            let made = devices::make_token(db, &asking, &new, hash, THEN);
            given(&ready(made)?)
        }
        Route::RevokeDevice => {
            let id = parsed(id, Problem::NoSuchDevice)?;
            let who = front.signed_in(Use::Oneself)?;
            if id != who.device.id {
                who.asking().check_confirmed(THEN)?;
            }
            match ready(devices::revoke(db, who.user, id, THEN))? {
                true => Ok(Given::Text(String::new())),
                false => Err(Problem::NoSuchDevice.into()),
            }
        }
        Route::CreateFolder => {
            let who = front.device(Use::Named)?;
            let new: NewFolder = front.json()?;
            leg!(server.create_folder(&who, THEN, new))
        }
        Route::Item => {
            let id = parsed(id, Problem::NoSuchItem)?;
            let who = front.device(Use::Item(id))?;
            let item = server.item(&who, id).map_err(refused)?;
            given(&Reach::of(who.folder).told(item))
        }
        Route::ChangePlace => {
            let id = parsed(id, Problem::NoSuchItem)?;
            let who = front.device(Use::Item(id))?;
            let to: ChangePlace = front.json()?;
            leg!(server.change_place(&who, THEN, id, to))
        }
        Route::DeleteItem => {
            let id = parsed(id, Problem::NoSuchItem)?;
            let who = front.device(Use::Item(id))?;
            let wanted: DeleteForGood = front.json()?;
            leg!(server.delete(&who, THEN, id, wanted, &BOUNDS))
        }
        Route::Trash => {
            let id = parsed(id, Problem::NoSuchItem)?;
            let who = front.device(Use::Item(id))?;
            let change: ChangeTrashed = front.json()?;
            leg!(server.trash(&who, THEN, id, change))
        }
        Route::Restore => {
            let id = parsed(id, Problem::NoSuchItem)?;
            let who = front.device(Use::Item(id))?;
            let change: ChangeTrashed = front.json()?;
            leg!(server.restore(&who, THEN, id, change))
        }
        Route::ChangeItems => {
            let who = front.device(Use::Named)?;
            let changes = json::read_entries::<ItemChange>(&request.body, CHANGES)?;
            let ends = ready(change_items(db, &who.at(THEN), changes))?;
            Ok(each(ends))
        }
        Route::EmptyTrash => {
            let who = front.device(Use::Drive)?;
            let wanted: EmptyTrash = front.json()?;
            leg!(server.empty_trash(&who, THEN, wanted, &BOUNDS))
        }
        Route::CreateFile => {
            let who = front.device(Use::Named)?;
            let (new, frames): (NewFile<Content>, _) = front.carrying()?;
            match frames {
                None => leg!(server.create_file(&who, THEN, new)),
                Some(frames) => leg!(server.create_file_carrying(&who, THEN, new, frames)),
            }
        }
        Route::CreateFiles => {
            let who = front.device(Use::Named)?;
            let files = json::read_entries::<NewFile<Content>>(&request.body, FILES)?;
            let ends = ready(create_files(db, &who.at(THEN), files))?;
            Ok(each(ends))
        }
        Route::Propose => {
            let id = parsed(id, Problem::NoSuchItem)?;
            let who = front.device(Use::Drive)?;
            let proposal: Proposal = front.json()?;
            leg!(server.propose(&who, id, proposal))
        }
        Route::Commit => {
            let id = parsed(id, Problem::NoSuchItem)?;
            let who = front.device(Use::Item(id))?;
            let (commit, frames): (Commit<Content>, _) = front.carrying()?;
            match frames {
                None => leg!(server.commit(&who, THEN, id, commit)),
                Some(frames) => leg!(server.commit_carrying(&who, THEN, id, commit, frames)),
            }
        }
        Route::FileManifest => {
            let id = parsed(id, Problem::NoSuchItem)?;
            let of = front.query("of").unwrap_or(id);
            let who = front.device(Use::Since(id, of))?;
            let version = front.query("version");
            match front.query("since") {
                None => leg!(server.manifest(&who, id, version)),
                Some(since) => {
                    let since = Base {
                        item: of,
                        version: since,
                    };
                    leg!(server.manifest_since(&who, id, version.unwrap_or(2), since))
                }
            }
        }
        Route::FileContent => {
            let id = parsed(id, Problem::NoSuchItem)?;
            leg!(server.content(&front.device(Use::Item(id))?, id, front.query("version")))
        }
        Route::KeepConflict => {
            let id = parsed(id, Problem::NoSuchItem)?;
            let who = front.device(Use::Item(id))?;
            let new: NewConflict<Content> = front.json()?;
            leg!(server.keep_conflict(&who, THEN, id, new))
        }
        Route::StoreBlocks => {
            let who = front.device(Use::Drive)?;
            leg!(server.store_blocks(&who, THEN, request.body.clone()))
        }
        Route::FetchBlocks => {
            let who = front.device(Use::Drive)?;
            let want: Fetch = front.json()?;
            leg!(server.fetch(&who, &want))
        }
        Route::FetchSignatures => {
            let who = front.device(Use::Drive)?;
            let want: FetchSignatures = front.json()?;
            leg!(server.signatures(&who, &want))
        }
        Route::Block => {
            let hash = parsed(id, Problem::NoSuchBlock)?;
            leg!(server.block(&front.device(Use::Drive)?, hash))
        }
        Route::Conflicts => {
            let who = front.device(Use::Drive)?;
            let after: Option<String> = front.query("after");
            match front.query::<String>("state").as_deref() {
                Some("resolved") => leg!(server.resolved_conflicts(&who, after.as_deref(), None)),
                _ => leg!(server.conflicts(&who)),
            }
        }
        Route::Conflict => {
            let id = parsed(id, Problem::NoSuchConflict)?;
            leg!(server.conflict(&front.device(Use::Conflict(id))?, id))
        }
        Route::ConflictContent => {
            let id = parsed(id, Problem::NoSuchConflict)?;
            leg!(server.conflict_content(&front.device(Use::Conflict(id))?, id))
        }
        Route::ConflictManifest => {
            let id = parsed(id, Problem::NoSuchConflict)?;
            leg!(server.conflict_manifest(&front.device(Use::Conflict(id))?, id))
        }
        Route::Reopen => {
            let id = parsed(id, Problem::NoSuchConflict)?;
            let who = front.device(Use::Conflict(id))?;
            let request: Reopen = front.json()?;
            leg!(server.reopen(&who, THEN, id, request))
        }
        Route::Resolve => {
            let id = parsed(id, Problem::NoSuchConflict)?;
            let who = front.device(Use::Conflict(id))?;
            let choice: Resolve = front.json()?;
            leg!(server.resolve(&who, THEN, id, choice))
        }
        Route::Changes => {
            let who = front.device(Use::Named)?;
            let since: Option<String> = front.query("since_token");
            leg!(server.changes(&who, since.as_deref(), front.query("limit")))
        }
        Route::Poll => {
            let who = front.device(Use::Drive)?;
            let since: Option<String> = front.query("since_token");
            let cursor = reads::changes::cursor(since.as_deref())?;
            let polled = ready(reads::space::poll(db, who.space, cursor))?;
            Ok(Given::Text(format!("{polled:?}")))
        }
    }
}

struct Front<'a> {
    world: &'a World,
    request: &'a Request,
}

impl Front<'_> {
    fn signed_in(&self, asked: Use) -> Result<SignedIn, Failure> {
        let request = self.request;
        let shown = Shown {
            authorization: request.authorization.as_deref(),
            cookies: request.cookie.as_deref(),
            user: request.user.as_deref(),
            is_own_page: self.is_own_page(),
            changes_state: !matches!(request.method.as_str(), "GET" | "HEAD"),
            path: &request.path,
        };
        let db = &self.world.server.db;
        let who = ready(admit(db, &shown, THEN))?;
        ready(who.reach().check_use(db, who.space, asked))?;
        Ok(who)
    }

    fn is_own_page(&self) -> bool {
        let provenance = Provenance {
            has_client_header: self.request.has_client_header,
            sec_fetch_site: self.request.sec_fetch_site,
            origin: self.request.origin,
            own_origin: ORIGIN,
        };
        provenance.is_own_page()
    }

    fn check_device(&self, kind: &protocol::devices::DeviceKind) -> Result<(), Problem> {
        use protocol::devices::DeviceKind::Browser;
        match *kind == Browser && !self.is_own_page() {
            true => Err(Problem::CrossSite),
            false => Ok(()),
        }
    }

    fn device(&self, asked: Use) -> Result<Device, Failure> {
        Ok(device(&self.signed_in(asked)?))
    }

    fn json<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        json::read(&self.request.body)
    }

    /// A body that carries frames in the order in which splices name them is not made
    /// here: these name their blocks.
    fn carrying<T: DeserializeOwned>(&self) -> Result<(T, Option<Vec<u8>>), Problem> {
        if !self.request.carries {
            return Ok((self.json()?, None));
        }
        let parts = split_carrying(&self.request.body);
        let (json, frames) = parts.ok_or_else(|| Problem::BadFrames {
            detail: String::new(),
        })?;
        Ok((json::read(json)?, Some(frames.to_vec())))
    }

    fn query<T: FromStr>(&self, name: &str) -> Option<T> {
        let mut pairs = self.request.query.iter();
        let (_, text) = pairs.find(|(key, _)| *key == name)?;
        text.parse().ok()
    }
}

fn device(who: &SignedIn) -> Device {
    Device {
        space: who.space,
        user_name: who.user_name.clone(),
        id: who.device.id,
        name: who.device.name.clone(),
        limits: Limits::default(),
        folder: who.reach().folder(),
    }
}

fn parsed<T: FromStr>(text: &str, problem: Problem) -> Result<T, Problem> {
    text.parse().map_err(|_| problem)
}

fn given(answer: &impl Serialize) -> Result<Given, Failure> {
    Ok(Given::Text(serde_json::to_string(answer)?))
}

fn each<T>(ends: Vec<Result<T, Failure>>) -> Given {
    let ends = ends.into_iter();
    Given::Each(
        ends.map(|end| end.map(drop).map_err(Failure::into_problem))
            .collect(),
    )
}
