//! `GET /api/v1/notifications/poll`: the long poll's front door. The poll
//! itself is held by the Notification Service.

use super::poll_several::{self, to_be_found_out};
use crate::access::SignedIn;
use crate::access::reach::Use;
use crate::digits;
use crate::error::{Failure, bad_request};
use crate::http::answer;
use crate::http::answer::Response;
use crate::http::auth;
use crate::http::call::Call;
use crate::http::runtime::Runtime;
use crate::reads::below::Below;
use crate::reads::changes;
use crate::reads::space::{self, PollStart};
use protocol::changes::SINCE_TOKEN;
use protocol::cursor::Cursor;
use protocol::grants::ROOT;
use protocol::headers::TIMEOUT;
use protocol::ids::{Seq, SpaceId, UnixMillis};
use protocol::limits::MAX_POLL_SECONDS;
use protocol::notifications::{Event, EventType, Park};
use protocol::positions::Positions;
use protocol::problem::Problem;

/// Waits for news; 200 with an [`Event`](protocol::notifications::Event), or 204 at the timeout.
/// With [`Positions`] it waits for several drives at once ([`poll_several`]), and answers
/// with a [`PollEvent`](protocol::notifications::PollEvent).
///
/// 1. 400 for a timeout that is not a number from 0 to 60 in digits, 400 `bad_cursor`. With
///    positions, 400 for a root beside them, and 403 `one_folder` for a token of one folder.
/// 2. If the journal is ahead of the cursor, or a listing is under way, answers
///    at once. Without a cursor, everything so far counts as seen.
/// 3. Otherwise the Notification Service holds the poll: 409 `poll_replaced` when the
///    device polls again, its person has too many newer polls, or has most of all where
///    no seat is free; 429 `too_many_polls` if all of them are other people's, 401
///    `session_ended` if it is revoked meanwhile, 503 if the service can't be reached.
/// 4. The service knows whose space grew, and not what each of them has of it: whoever
///    has a part of it waits on, for the rest of the time, if the news was elsewhere. 404
///    `no_such_item` if it was that the part is not shared any more; that it has another
///    owner now is news.
/// 5. Whoever can't get in any more from some moment on waits no longer than that: the
///    next poll tells them.
/// 6. That others have opened a file is told at once, and to no token. The journal knows
///    nothing of it.
pub async fn poll(call: &mut Call<impl Runtime>) -> Result<Response, Failure> {
    let who = auth::signed_in(call, Use::Named).await?;
    // 1
    let timeout_seconds = timeout_seconds(call.header(TIMEOUT)?.as_deref())?;
    let token = call.query(SINCE_TOKEN)?;
    if let Some(list) = token.as_deref().filter(|token| Positions::are_in(token)) {
        let positions = list.parse().map_err(|_| Problem::BadCursor)?;
        if who.held.is_some() {
            return Err(bad_request(format!(
                "{ROOT} and a list of positions are not for one poll"
            )));
        }
        if !who.reach().is_whole() {
            return Err(Problem::OneFolder.into());
        }
        return poll_several::poll(call, &who, positions, timeout_seconds).await;
    }
    let mut cursor = changes::cursor(token.as_deref())?;
    let (db, space, reach) = (&call.space_of(who.space)?, who.space, who.reach());
    let started = call.runtime.now();
    let mut waited_after = None;
    loop {
        // 2
        let looked = match reach.part() {
            Some(part) => Below { db, space, part }.poll(cursor).await?,
            None => space::poll(db, space, cursor).await?,
        };
        let seen = match looked {
            PollStart::News(event) => return answer::json(&event),
            PollStart::WaitAfter(seen) => seen,
        };
        // 5
        let over_at = who.over_at(db).await?;
        // 3
        let now = call.runtime.now();
        let left = timeout_seconds.saturating_sub(now.saturating_sub(started) / 1_000);
        let park = Park {
            user: who.user,
            device: who.device.id,
            space,
            root: who.held.map(|held| held.root),
            seen,
            timeout_seconds: left.min(seconds_until(over_at, now)),
            also: Vec::new(),
            asked_at: Some(started),
        };
        let told = call.runtime.park(&park).await?;
        match told.map(|told| told.event) {
            // 6
            Some(event) if event.event_type == EventType::FileOpened => {
                reach.check_use(db, space, Use::Named).await?;
                if !who.device.is_token {
                    return answer::json(&event);
                }
                cursor = Some(seen_up_to(space, seen));
            }
            Some(event) if reach.is_whole() => return answer::json(&event),
            None => return Ok(answer::no_content()),
            // 4. News of which the journal knows nothing would come again and again.
            Some(_) if waited_after == Some(seen) => return Ok(answer::no_content()),
            Some(_) => {
                // It may be why the poll was woken that there is nothing to wait for.
                if let Err(gone) = reach.check_use(db, space, Use::Named).await {
                    return match auth::signed_in(call, Use::Named).await {
                        Ok(now) if now.space != space => answer::json(&elsewhere(&now, call)),
                        _ => Err(gone),
                    };
                }
                waited_after = Some(seen);
                cursor = Some(seen_up_to(space, seen));
            }
        }
    }
}

/// What is waited for has another owner, and a pull finds it with them.
fn elsewhere(who: &SignedIn, call: &Call<impl Runtime>) -> Event {
    let root = who.held.map(|held| held.root);
    to_be_found_out(root, None, call.runtime.now()).event
}

pub(super) fn seen_up_to(space: SpaceId, seq: Seq) -> Cursor {
    Cursor {
        space,
        seq,
        listed_to: None,
    }
}

/// Whole seconds after which a moment has come.
pub(super) fn seconds_until(moment: Option<UnixMillis>, now: UnixMillis) -> u64 {
    let left = moment.map(|moment| moment.saturating_sub(now).div_ceil(1_000));
    left.unwrap_or(u64::MAX)
}

fn timeout_seconds(header: Option<&str>) -> Result<u64, Failure> {
    let Some(header) = header else {
        return Ok(MAX_POLL_SECONDS);
    };
    let seconds = digits::parse(header).filter(|seconds| *seconds <= MAX_POLL_SECONDS);
    seconds.ok_or_else(|| bad_request("Timeout is not a number of seconds from 0 to 60"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timeouts_are_whole_seconds_up_to_a_minute() {
        let read = |header| timeout_seconds(header).ok();
        assert_eq!(read(None), Some(60));
        assert_eq!(read(Some("0")), Some(0));
        assert_eq!(read(Some("60")), Some(60));
        // The space around a header's value is no part of it, and does not come here.
        for bad in ["61", "-1", "1.5", "", "soon", "+2", " 2", "1e1", "2, 2"] {
            assert_eq!(read(Some(bad)), None, "{bad:?}");
        }
    }

    #[test]
    fn nobody_waits_behind_the_moment_from_which_they_can_not_get_in() {
        assert_eq!(seconds_until(None, 10_000), u64::MAX);
        assert_eq!(seconds_until(Some(12_000), 10_000), 2);
        assert_eq!(seconds_until(Some(12_001), 10_000), 3);
        assert_eq!(seconds_until(Some(9_000), 10_000), 0);
    }
}
