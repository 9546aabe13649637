//! Makes the engine's requests at the server.

use crate::bell::{Bell, Latch};
use crate::downloads::{NotComposed, compose};
use crate::drafts::Drafts;
use crate::engine::EngineCell;
use crate::failure::Failure;
use crate::gate::Gate;
use crate::gather::Gather;
use crate::lists::Lists;
use crate::ports::{Platform, PollEnd};
use crate::writes::Writes;
use futures_util::future::{Either, select};
use protocol::ids::{ItemId, Version};
use protocol::items::ItemChange;
use protocol::problem::Problem;
use std::cell::RefCell;
use std::collections::HashMap;
use std::pin::pin;
use std::rc::Rc;
use sync::message::{Answer, BytesLost, Lost, Request, RequestId};

/// The client's own code. Most of it is needed only once something changes, and a page
/// fetches it then.
#[allow(async_fn_in_trait, reason = "there is one thread")]
pub trait Code: Platform {
    /// Carries out a request that asks for more than news. A platform that fetches code
    /// does that first, and then calls [`Requests::carry_out`].
    ///
    /// # Errors
    /// Those of the request; `Unreachable` where the code is not to be had.
    async fn carry_out(&self, requests: Requests<Self>, body: Request) -> Result<Answer, Lost> {
        requests.carry_out(body).await
    }
}

/// Carries out requests, and gives them up. A clone is another handle of the same.
pub struct Requests<P: Code>(Rc<Inner<P>>);

struct Inner<P: Code> {
    platform: P,
    engine: EngineCell,
    gate: Gate,
    lists: Lists<P>,
    drafts: Drafts<P>,
    writes: Writes<P>,
    places: Gather<P, ItemChange>,
    /// Rung when what waits for the network is worth another try.
    again: Bell,
    /// Set when the session is over.
    over: Latch,
    under_way: RefCell<HashMap<RequestId, Latch>>,
}

impl<P: Code> Clone for Requests<P> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<P: Code> Requests<P> {
    pub(crate) fn new(
        (platform, engine): (P, EngineCell),
        gate: Gate,
        lists: Lists<P>,
        drafts: Drafts<P>,
        writes: Writes<P>,
        (again, over): (Bell, Latch),
    ) -> Self {
        Self(Rc::new(Inner {
            places: Gather::new(platform.clone()),
            platform,
            engine,
            gate,
            lists,
            drafts,
            writes,
            again,
            over,
            under_way: RefCell::default(),
        }))
    }

    /// Sends a request. `then` gets what became of it, unless the request is abandoned.
    pub(crate) fn start(
        &self,
        request: RequestId,
        body: Request,
        then: impl FnOnce(Result<Answer, Lost>) + 'static,
    ) {
        let abandoned = Latch::default();
        let under_way = &self.0.under_way;
        under_way.borrow_mut().insert(request, abandoned.clone());
        let requests = self.clone();
        self.0.platform.spawn(async move {
            let inner = &*requests.0;
            let (abandoned, over) = (pin!(abandoned.wait()), pin!(inner.over.wait()));
            let unwanted = select(abandoned, over);
            let answer = match select(pin!(requests.answer(body)), unwanted).await {
                Either::Left((answer, _)) => Some(answer),
                // Dropping it aborts it at the network.
                Either::Right(_) => None,
            };
            inner.under_way.borrow_mut().remove(&request);
            if let Some(answer) = answer {
                then(answer);
            }
        });
    }

    /// Gives up a request that is under way.
    pub(crate) fn abandon(&self, request: RequestId) {
        let abandoned = self.0.under_way.borrow_mut().remove(&request);
        if let Some(abandoned) = abandoned {
            abandoned.set();
        }
    }

    async fn answer(&self, body: Request) -> Result<Answer, Lost> {
        let Inner { platform, gate, .. } = &*self.0;
        if !gate.pass().await {
            return Err(Lost::Unreachable);
        }
        Ok(match body {
            Request::Changes { since } => {
                Answer::Changes(self.of_feed(platform.changes(since.as_deref()).await)?)
            }
            Request::Poll { since, seconds } => {
                match self.of_feed(platform.poll(&since, seconds).await)? {
                    PollEnd::News => Answer::News,
                    PollEnd::TimedOut => Answer::Quiet,
                    PollEnd::Unheard => Answer::Unheard,
                }
            }
            other => platform.carry_out(self.clone(), other).await?,
        })
    }

    /// An answer of the feed, which has no item that could be missing but its root.
    fn of_feed<T>(&self, answer: Result<T, Failure>) -> Result<T, Failure> {
        if let Err(Failure::Refused(Problem::NoSuchItem)) = answer {
            self.0.platform.withdrawn();
        }
        answer
    }

    /// Carries out a request that asks for more than news.
    ///
    /// # Errors
    /// Those of the server; `BytesLost` where bytes that it takes can't be read.
    pub async fn carry_out(&self, body: Request) -> Result<Answer, Lost> {
        self.0.carry_out(body).await
    }
}

impl<P: Code> Inner<P> {
    async fn carry_out(&self, body: Request) -> Result<Answer, Lost> {
        match body {
            Request::Upload { draft, blocks } => {
                self.drafts.send(draft, &blocks).await?;
                Ok(Answer::Uploaded)
            }
            Request::Propose { item, body } => Ok(self.writes.propose(item, body).await?),
            Request::CreateFile { body, carries } => self.writes.create(body, carries).await,
            Request::Commit {
                item,
                body,
                carries,
            } => self.writes.commit(item, body, carries).await,
            Request::KeepConflict { item, body } => Ok(self.writes.keep(item, body).await?),
            Request::Resolve { conflict, body } => Ok(self.writes.resolve(conflict, body).await?),
            Request::Manifest { item, version } => {
                let blocks = self.lists.fetch(item, version).await?;
                Ok(Answer::Manifest(blocks))
            }
            Request::Fetch { item, version } => self.fetch(item, version).await,
            other => match other.place_change() {
                Some(change) => Ok(Answer::Item(self.places.ask(change).await?)),
                None => Ok(self.ask(other).await?),
            },
        }
    }

    /// Fetches a version's file, and puts it in its place.
    async fn fetch(&self, item: ItemId, version: Version) -> Result<Answer, Lost> {
        let size = {
            let engine = self.engine.read();
            let head = engine
                .trees()
                .remote(item)
                .and_then(|item| item.file.as_ref());
            head.map_or(0, |head| head.size)
        };
        let of = (item, version, size);
        match compose(&self.platform, &self.lists, &self.again, of, |_| {}).await {
            Ok(whole) => {
                self.platform.hold(item, version, whole).await?;
                Ok(Answer::Fetched)
            }
            Err(NotComposed::Cache(failure) | NotComposed::Server(failure)) => Err(failure.into()),
            Err(NotComposed::Damaged) => Err(Lost::BytesLost(BytesLost::Changed)),
        }
    }

    async fn ask(&self, body: Request) -> Result<Answer, Failure> {
        let server = &self.platform;
        Ok(match body {
            Request::CreateFolder { body } => Answer::Item(server.create_folder(&body).await?),
            Request::Reopen { conflict, body } => {
                Answer::Conflict(server.reopen(conflict, &body).await?)
            }
            // They do not come here.
            Request::Fetch { .. }
            | Request::Changes { .. }
            | Request::Poll { .. }
            | Request::ChangePlace { .. }
            | Request::Trash { .. }
            | Request::Restore { .. }
            | Request::Propose { .. }
            | Request::Upload { .. }
            | Request::CreateFile { .. }
            | Request::Commit { .. }
            | Request::KeepConflict { .. }
            | Request::Resolve { .. }
            | Request::Manifest { .. } => return Err(Failure::Cancelled),
        })
    }
}
