//! The change feed, the long poll that says when to read it, and what was done.

use super::Api;
use super::transport::{Request, send};
use crate::failure::Failure;
use protocol::activity::{Activity, BEFORE, BY, ITEM, KIND, ME, OTHERS};
use protocol::changes::{ChangePage, SINCE_TOKEN};
use protocol::ids::{ItemId, Seq, UserId};
use protocol::notifications::{Event, EventType};
use protocol::routes::Route;
use protocol::{headers, paths};

/// How much longer than asked for a poll may take before it is given up for
/// dead, in milliseconds.
const POLL_GRACE_MILLIS: u64 = 10_000;

/// What a poll was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PollAnswer {
    /// There is something after the cursor.
    News,
    /// Something has happened in what others share with the person.
    Elsewhere,
    /// Others have opened or closed a file; no feed tells of it.
    Opened,
    TimedOut,
}

/// Which entries of what was done are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ActivityFilter {
    /// None stands for all.
    pub kinds: Vec<EventType>,
    pub by: DoneBy,
}

/// Who did something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DoneBy {
    #[default]
    Anybody,
    Me,
    Others,
    Person(UserId),
}

impl Api {
    /// A page of changes; without a cursor, the start of everything.
    pub async fn changes(&self, since: Option<&str>) -> Result<ChangePage, Failure> {
        self.get(&with_cursor(paths::CHANGES, since)).await
    }

    /// What was done before an entry, or lately, as far as it is wanted.
    pub async fn activity(
        &self,
        before: Option<Seq>,
        of: Option<ItemId>,
        wanted: &ActivityFilter,
    ) -> Result<Activity, Failure> {
        let before = before.map(|before| format!("{BEFORE}={before}"));
        let of = of.map(|of| format!("{ITEM}={of}"));
        let kinds = wanted.kinds.iter().filter_map(|kind| {
            let name = serde_json::to_value(kind).ok()?;
            Some(name.as_str()?.to_owned())
        });
        let kinds: Vec<String> = kinds.collect();
        let kinds = (!kinds.is_empty()).then(|| format!("{KIND}={}", kinds.join(",")));
        let by = match wanted.by {
            DoneBy::Anybody => None,
            DoneBy::Me => Some(format!("{BY}={ME}")),
            DoneBy::Others => Some(format!("{BY}={OTHERS}")),
            DoneBy::Person(user) => Some(format!("{BY}={user}")),
        };
        let query: Vec<String> = [before, of, kinds, by].into_iter().flatten().collect();
        let path = format!("{}?{}", Route::Activity.path(), query.join("&"));
        self.get(&path).await
    }

    /// Waits for news up to `seconds`.
    pub async fn poll(&self, since: &str, seconds: u64) -> Result<PollAnswer, Failure> {
        let path = with_cursor(paths::POLL, Some(since));
        let request = Request::get(&self.at(&path))
            .with_header(headers::TIMEOUT, &seconds.to_string())
            .with_deadline(seconds * 1_000 + POLL_GRACE_MILLIS);
        let reply = send(&self.voice(), request).await?;
        if reply.status == 204 {
            return Ok(PollAnswer::TimedOut);
        }
        // The event carries no truth, but a torn or foreign answer is a failure.
        let event: Event = self.read(reply)?;
        Ok(match event.event_type {
            EventType::Elsewhere => PollAnswer::Elsewhere,
            EventType::FileOpened => PollAnswer::Opened,
            _ => PollAnswer::News,
        })
    }
}

fn with_cursor(path: &str, since: Option<&str>) -> String {
    match since {
        Some(since) => {
            // Cursors are base64url, but they are opaque: anything may come.
            let since = js_sys::encode_uri_component(since);
            format!("{path}?{SINCE_TOKEN}={since}")
        }
        None => path.to_owned(),
    }
}
