//! The change feed, the long poll that says when to read it, and what was done.

use super::Api;
use super::transport::{Request, send};
use crate::failure::Failure;
use client::polls::{Heard, PollAnswer};
use protocol::activity::{Activity, BEFORE, BY, ITEM, KIND, ME, OTHERS};
use protocol::changes::{ChangePage, LIMIT, SINCE_TOKEN};
use protocol::ids::{ItemId, Seq, UserId};
use protocol::notifications::EventType;
use protocol::positions::{Position, Positions};
use protocol::problem::Problem;
use protocol::routes::Route;
use protocol::{headers, paths};
use serde::Deserialize;

/// How much longer than asked for a poll may take before it is given up for
/// dead, in milliseconds.
const POLL_GRACE_MILLIS: u64 = 10_000;

/// What the page reads of an event, which says more.
#[derive(Deserialize)]
struct Told {
    event_type: EventType,
    #[serde(default)]
    root: Option<ItemId>,
}

/// Which entries of what was done are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ActivityFilter {
    /// None stands for all.
    pub kinds: Vec<EventType>,
    pub by: DoneBy,
    /// How many a page has at most, up to 1,000; none stands for as many as the server likes.
    pub most: Option<u32>,
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
        let most = wanted.most.map(|most| format!("{LIMIT}={most}"));
        let query = [before, of, kinds, by, most].into_iter().flatten();
        let query: Vec<String> = query.collect();
        let path = format!("{}?{}", Route::Activity.path(), query.join("&"));
        self.get(&path).await
    }

    /// Waits for news of any of these up to `seconds`, whatever the other requests are
    /// about. A single one is asked for as if there were no lists.
    pub async fn poll(&self, positions: &[Position], seconds: u64) -> Result<Heard, Failure> {
        let (about, since) = match positions {
            [one] => (one.root, one.cursor.clone()),
            many => {
                let all = Positions::new(many.to_vec()).map_err(|_| Problem::BadCursor)?;
                (None, all.to_string())
            }
        };
        let path = with_cursor(paths::POLL, Some(&since));
        let request = Request::get(&self.about(about).at(&path))
            .with_header(headers::TIMEOUT, &seconds.to_string())
            .with_deadline(seconds * 1_000 + POLL_GRACE_MILLIS);
        let reply = send(&self.voice(), request).await?;
        if reply.status == 204 {
            let answer = PollAnswer::TimedOut;
            return Ok(Heard {
                root: about,
                answer,
            });
        }
        // The event carries no truth, but a torn or foreign answer is a failure.
        let told: Told = self.read(reply)?;
        Ok(Heard {
            root: about.or(told.root),
            answer: match told.event_type {
                EventType::Elsewhere => PollAnswer::Elsewhere,
                EventType::FileOpened => PollAnswer::Opened,
                _ => PollAnswer::News,
            },
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
