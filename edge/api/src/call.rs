//! A request to this Worker, and what its handler reaches the outside with.

use crate::error::platform;
use crate::store::d1::{D1, SpaceDatabases};
use crate::store::r2::R2;
use crate::store::streams;
use driftless_core::error::Failure;
use driftless_core::http::runtime::Runtime;
use driftless_core::memory::PIECE_BYTES;
use driftless_core::random;
use driftless_core::regroup;
use driftless_core::services::Services;
use protocol::ids::{ItemId, PackId, SpaceId, UnixMillis};
use protocol::notifications::{Drop, JournalGrew, Park, PollEvent};
use protocol::paths;
use protocol::problem::{ErrorBody, Problem};
use std::rc::Rc;
use worker::{Context, Date, Env, Method, Request, RequestInit, Response, Url, console_error};

/// The request, and the bindings of the Worker.
pub struct WorkerCall {
    request: Request,
    url: Url,
    pub env: Env,
    pub context: Rc<Context>,
}

impl WorkerCall {
    /// # Errors
    /// The runtime hands over a URL that is none.
    pub fn new(request: Request, env: Env, context: Rc<Context>) -> Result<Self, Failure> {
        let url = request.url().map_err(platform)?;
        Ok(Self {
            request,
            url,
            env,
            context,
        })
    }

    pub fn is_poll(&self) -> bool {
        self.url.path() == paths::POLL
    }

    pub fn url(&self) -> &Url {
        &self.url
    }

    async fn notify(&self, path: &str, body: String) -> Result<Response, Failure> {
        notify(&self.env, path, body).await.map_err(|why| {
            console_error!("the Notification Service: {why}");
            Problem::Unavailable.into()
        })
    }
}

impl Services for WorkerCall {
    type Db = D1;
    type Packs = R2;

    fn directory(&self) -> Result<D1, Failure> {
        Ok(D1::bound(&self.env, "DIRECTORY_DB")?)
    }

    fn database_of(&self, space: SpaceId) -> Result<D1, Failure> {
        Ok(SpaceDatabases(&self.env).of(space)?)
    }

    fn space_databases(&self) -> Result<Vec<D1>, Failure> {
        Ok(SpaceDatabases(&self.env).all()?)
    }

    fn packs(&self) -> Result<R2, Failure> {
        Ok(R2::bound(&self.env)?)
    }

    fn announce(&self, news: JournalGrew) {
        self.context.wait_until(announcing(&self.env, news));
    }
}

/// Sends a message to the queue.
pub fn announcing(env: &Env, news: JournalGrew) -> impl Future<Output = ()> + use<> {
    let queue = env.queue("EVENTS");
    async move {
        let sent = match queue {
            Ok(queue) => queue.send(news).await,
            Err(missing) => Err(missing),
        };
        if let Err(why) = sent {
            console_error!("a journal entry was not announced: {why}");
        }
    }
}

impl Runtime for WorkerCall {
    /// As it came: the crate calls every method that it does not know GET.
    fn method(&self) -> String {
        self.request.inner().method()
    }

    fn path(&self) -> &str {
        self.url.path()
    }

    fn origin(&self) -> String {
        self.url.origin().ascii_serialization()
    }

    fn header(&self, name: &str) -> Result<Option<String>, Failure> {
        self.request.headers().get(name).map_err(platform)
    }

    fn parameters(&self, name: &str) -> Vec<String> {
        let pairs = self.url.query_pairs();
        let values = pairs.filter(|(key, _)| key == name);
        values.map(|(_, value)| value.into_owned()).collect()
    }

    fn has_body(&self) -> bool {
        self.request.inner().body().is_some()
    }

    async fn body(&mut self, at_most: usize) -> Result<Vec<u8>, Failure> {
        let Some(stream) = self.request.inner().body() else {
            return Ok(Vec::new());
        };
        // Whoever says that there is so little has sent no more.
        if at_most <= PIECE_BYTES {
            return self.request.bytes().await.map_err(platform);
        }
        let read = streams::read_whole(&stream, at_most).await;
        read.map_err(platform)
    }

    fn now(&self) -> UnixMillis {
        Date::now().as_millis()
    }

    fn setting(&self, name: &str) -> Option<String> {
        self.env.var(name).ok().map(|value| value.to_string())
    }

    async fn is_within_rate(&self, network: String) -> Result<bool, Failure> {
        let limiter = self.env.rate_limiter("SIGN_IN_LIMIT").map_err(platform)?;
        let outcome = limiter.limit(network).await.map_err(platform)?;
        Ok(outcome.success)
    }

    fn regroup_later(&self, space: SpaceId, item: ItemId) {
        let env = self.env.clone();
        self.context.wait_until(async move {
            if let Err(why) = regroup(&env, space, item).await {
                console_error!("{item} was not regrouped: {why}");
            }
        });
    }

    async fn park(&self, poll: &Park) -> Result<Option<PollEvent>, Failure> {
        let mut held = self.notify("/park", serde_json::to_string(poll)?).await?;
        match held.status_code() {
            200 => held.json().await.map(Some).map_err(platform),
            204 => Ok(None),
            401 | 409 | 429 => {
                let refused: ErrorBody = held.json().await.map_err(platform)?;
                Err(refused.problem.into())
            }
            _ => Err(Problem::Unavailable.into()),
        }
    }

    fn end_poll(&self, of: &Drop) -> Result<(), Failure> {
        let (env, body) = (self.env.clone(), serde_json::to_string(of)?);
        self.context.wait_until(async move {
            if let Err(why) = notify(&env, "/drop", body).await {
                console_error!("the Notification Service: {why}");
            }
        });
        Ok(())
    }
}

async fn regroup(env: &Env, space: SpaceId, item: ItemId) -> Result<(), Failure> {
    let (db, packs) = (SpaceDatabases(env).of(space)?, R2::bound(env)?);
    let id = PackId::from_random(random::bytes()?);
    let now = Date::now().as_millis();
    let regrouped = regroup::file(&db, &packs, space, item, id, now).await;
    regrouped.map(drop)
}

async fn notify(env: &Env, path: &str, body: String) -> worker::Result<Response> {
    let service = env.service("NOTIFY")?;
    let mut init = RequestInit::new();
    init.with_method(Method::Post).with_body(Some(body.into()));
    service
        .fetch(format!("https://notify{path}"), Some(init))
        .await
}
