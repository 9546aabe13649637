//! A request to the two people's server, and what is told of its answer.

use super::world::World;
use crate::accounts::people::SECRET;
use crate::stage::THEN;
use blocks::frame::CARRYING_CONTENT_TYPE;
use driftless_tests::model::http::{self, Host, Reply};
use protocol::batches::FilesMade;
use protocol::headers::{CLIENT, LINK_PASS, USER};
use protocol::ids::UnixMillis;
use protocol::items::ItemChanged;
use protocol::problem::{ErrorBody, Problem};
use protocol::routes::{Found, Route};

/// A request, as far as a stranger can choose it.
#[derive(Clone, Debug, Default)]
pub struct Request {
    pub method: String,
    pub path: String,
    pub query: Vec<(&'static str, String)>,
    pub authorization: Option<String>,
    pub cookie: Option<String>,
    /// The pass for a link.
    pub pass: Option<String>,
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

pub const ORIGIN: &str = "https://drive.example";

/// Answers a request, to its last byte.
pub fn reply(world: &World, request: &Request, now: UnixMillis) -> Reply {
    send(world, &request.as_sent(), now)
}

/// The same of a request with any headers.
pub fn send(world: &World, request: &http::Request, now: UnixMillis) -> Reply {
    let host = Host {
        db: &world.server.db,
        packs: &world.server.packs,
        now,
        origin: ORIGIN,
        settings: &[("SIGN_IN_SECRET", SECRET)],
        ended_polls: None,
    };
    host.answer(request)
}

/// Answers a request.
pub fn ask(world: &World, request: &Request) -> Result<Given, Problem> {
    let reply = reply(world, request, THEN);
    if reply.status >= 400 {
        let told: ErrorBody = serde_json::from_slice(&reply.body).expect("an error is JSON");
        assert_eq!(told.problem.status(), reply.status, "{told:?}");
        return Err(told.problem);
    }
    match Route::find(&request.method, &request.path) {
        Found::Route(Route::ChangeItems | Route::CreateFiles | Route::RevertFiles, _) => {
            let made: FilesMade = serde_json::from_slice(&reply.body).expect("a list");
            let results = made.results.into_iter();
            let ends = results.map(|end| Result::<ItemChanged, _>::from(end).map(drop));
            Ok(Given::Each(ends.collect()))
        }
        _ => Ok(Given::Text(
            String::from_utf8_lossy(&reply.body).into_owned(),
        )),
    }
}

impl Request {
    pub fn as_sent(&self) -> http::Request {
        let carrying = self.carries.then(|| CARRYING_CONTENT_TYPE.to_owned());
        let headers = [
            ("authorization", self.authorization.clone()),
            ("cookie", self.cookie.clone()),
            (USER, self.user.clone()),
            (LINK_PASS, self.pass.clone()),
            (CLIENT, self.has_client_header.then(|| "page".to_owned())),
            ("sec-fetch-site", self.sec_fetch_site.map(str::to_owned)),
            ("origin", self.origin.map(str::to_owned)),
            ("content-type", carrying),
        ];
        let sent = headers.into_iter();
        http::Request {
            method: self.method.clone(),
            path: self.path.clone(),
            query: self.query.clone(),
            headers: sent
                .filter_map(|(name, value)| Some((name, value?)))
                .collect(),
            body: self.body.clone(),
        }
    }
}
