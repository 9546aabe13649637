//! A request of the engine, at the API.

use super::runner::{Runner, lost};
use super::{lists, writes};
use crate::api::{Client, Polled};
use crate::browser::bell::Latch;
use crate::failure::Failure;
use crate::state::Drive;
use futures_util::future::{Either, select};
use std::cell::RefCell;
use std::collections::HashMap;
use std::pin::pin;
use std::rc::Rc;
use sync::message::{Answer, Failure as Lost, Request, RequestId};
use wasm_bindgen_futures::spawn_local;

/// What is under way.
#[derive(Default)]
pub struct Requests(RefCell<HashMap<RequestId, Latch>>);

impl Requests {
    /// Sends a request; `then` gets what became of it, unless it is abandoned.
    pub fn start(
        &self,
        drive: Drive,
        runner: &Rc<Runner>,
        request: RequestId,
        body: Request,
        then: impl FnOnce(Result<Answer, Lost>) + 'static,
    ) {
        let abandoned = Latch::default();
        self.0.borrow_mut().insert(request, abandoned.clone());
        let runner = runner.clone();
        spawn_local(async move {
            let (abandoned, over) = (pin!(abandoned.wait()), pin!(runner.over.wait()));
            let unwanted = select(abandoned, over);
            let answer = match select(pin!(answer(drive, body)), unwanted).await {
                Either::Left((answer, _)) => Some(answer),
                // Dropping it aborts it at the network.
                Either::Right(_) => None,
            };
            runner.requests.0.borrow_mut().remove(&request);
            if let Some(answer) = answer {
                then(answer);
            }
        });
    }

    pub fn abandon(&self, request: RequestId) {
        if let Some(abandoned) = self.0.borrow_mut().remove(&request) {
            abandoned.set();
        }
    }
}

async fn answer(drive: Drive, body: Request) -> Result<Answer, Lost> {
    let driver = drive.driver();
    if !driver.gate.pass().await {
        return Err(Lost::Unreachable);
    }
    match body {
        Request::Upload { draft, blocks } => driver
            .drafts
            .send(drive, draft, &blocks)
            .await
            .map(|()| Answer::Uploaded),
        Request::Propose { item, body } => writes::propose(drive, item, body).await.map_err(lost),
        Request::CreateFile { body, carries } => writes::create(drive, body, carries).await,
        Request::Commit {
            item,
            body,
            carries,
        } => writes::commit(drive, item, body, carries).await,
        Request::KeepConflict { item, body } => writes::keep(drive, item, body).await.map_err(lost),
        Request::Manifest { item, version } => {
            let blocks = lists::fetch(drive, item, version).await;
            blocks.map(Answer::Manifest).map_err(lost)
        }
        other => match other.place_change() {
            Some(change) => {
                let changed = driver.places.ask(&driver.client(), change).await;
                changed.map(Answer::Item).map_err(lost)
            }
            None => ask(&driver.client(), other).await.map_err(lost),
        },
    }
}

async fn ask(client: &Client, body: Request) -> Result<Answer, Failure> {
    Ok(match body {
        Request::Changes { since } => Answer::Changes(client.changes(since.as_deref()).await?),
        Request::Poll { since, seconds } => match client.poll(&since, seconds).await? {
            Polled::News => Answer::News,
            Polled::TimedOut => Answer::Quiet,
        },
        Request::CreateFolder { body } => Answer::Item(client.create_folder(&body).await?),
        Request::Resolve { conflict, body } => {
            Answer::Conflict(client.resolve(conflict, &body).await?)
        }
        Request::Reopen { conflict, body } => {
            Answer::Conflict(client.reopen(conflict, &body).await?)
        }
        // A page holds no content, and its engine never asks for any; the others
        // do not come here.
        Request::Fetch { .. }
        | Request::ChangePlace { .. }
        | Request::Trash { .. }
        | Request::Restore { .. }
        | Request::Propose { .. }
        | Request::Upload { .. }
        | Request::CreateFile { .. }
        | Request::Commit { .. }
        | Request::KeepConflict { .. }
        | Request::Manifest { .. } => return Err(Failure::Cancelled),
    })
}
