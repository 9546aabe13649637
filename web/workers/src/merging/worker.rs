//! The merging worker: takes one question after another, in order.

use super::{FoundRegion, MergeProgress, MergeReply, MergeRequest, PickKind, ViewRows};
use futures_channel::mpsc;
use futures_util::StreamExt;
use futures_util::future::try_join3;
use gloo_net::http::Request;
use js_sys::{Array, Uint8Array};
use merge::ranges::{self, ChangedRange};
use merge::{AppliedDraft, Merge, NotText, RegionKind, Text, Unwritable, View};
use platform::browser::js;
use platform::worker::scope::{listen, post};
use protocol::headers;
use protocol::ids::UserId;
use std::collections::BTreeSet;
use std::ops::Range;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;

/// The number of what the worker says unasked.
const UNASKED: u64 = 0;

/// Starts to listen. Called once, by the worker's `main`.
pub fn run() {
    let (sender, mut asked) = mpsc::unbounded();
    listen(move |message| {
        let _ = sender.unbounded_send(message);
    });
    say(UNASKED, &MergeReply::Ready, None);
    spawn_local(async move {
        let mut merge = None;
        while let Some(message) = asked.next().await {
            let number = js::get_number(&message, "number").unwrap_or_default() as u64;
            let ask = js::get_text(&message, "ask");
            let ask = ask.and_then(|text| serde_json::from_str::<MergeRequest>(&text).ok());
            let (answer, bytes) = match ask {
                Some(ask) => answer(&mut merge, ask).await,
                None => (failed("a torn message"), None),
            };
            say(number, &answer, bytes);
        }
    });
}

fn say(number: u64, what: &MergeReply, bytes: Option<Vec<u8>>) {
    let text = serde_json::to_string(what).unwrap_or_default();
    let message = js::object(&[
        ("number", JsValue::from_f64(number as f64)),
        ("say", JsValue::from_str(&text)),
    ]);
    if let Some(bytes) = bytes {
        let bytes = Uint8Array::from(bytes.as_slice());
        let _ = js_sys::Reflect::set(&message, &JsValue::from_str("bytes"), &bytes);
    }
    post(&message, &Array::new());
}

fn failed(detail: &str) -> MergeReply {
    MergeReply::Failed {
        detail: detail.to_owned(),
    }
}

async fn answer(merge: &mut Option<Merge>, ask: MergeRequest) -> (MergeReply, Option<Vec<u8>>) {
    if let MergeRequest::Open {
        user,
        base,
        first,
        second,
        draft,
    } = ask
    {
        let opened = open(user, base.as_deref(), &first, &second).await;
        let say = match opened {
            Ok(mut opened) => {
                if let Some(sides) = draft.read_as {
                    opened = opened.read_as(sides, Vec::new()).0;
                }
                let applied = opened.apply(&draft);
                let say = opened_say(&opened, applied);
                *merge = Some(opened);
                say
            }
            Err(say) => say,
        };
        return (say, None);
    }
    if let MergeRequest::Differ {
        user,
        base,
        side,
        ranges,
    } = ask
    {
        let told = differ(user, (&base, &side), &ranges).await;
        let say = told.map(|ranges| MergeReply::Differs { ranges });
        return (say.unwrap_or_else(|say| say), None);
    }
    match merge {
        Some(merge) => of_open(merge, ask),
        None => (failed("nothing is open"), None),
    }
}

fn of_open(merge: &mut Merge, ask: MergeRequest) -> (MergeReply, Option<Vec<u8>>) {
    match ask {
        MergeRequest::Open { .. } | MergeRequest::Differ { .. } => {
            return (failed("it is open"), None);
        }
        MergeRequest::Rows { view, window } => return (rows(merge, view, window), None),
        MergeRequest::Seek { seek, from, back } => {
            let found = if back {
                merge.previous(seek, from)
            } else {
                merge.next(seek, from)
            };
            let found = found.and_then(|region| found_at(merge, region));
            return (MergeReply::Found { found }, None);
        }
        MergeRequest::Find { region } => {
            let found = found_at(merge, region);
            return (MergeReply::Found { found }, None);
        }
        MergeRequest::Look { region } => {
            let text = merge.region(region);
            return (MergeReply::Region { text }, None);
        }
        MergeRequest::ReadAs { sides, typed } => {
            let (read, applied) = merge.read_as(sides, typed);
            *merge = read;
            return (opened_say(merge, applied), None);
        }
        MergeRequest::WriteIn { encoding } => merge.write_in(encoding),
        MergeRequest::Finish => {
            return match merge.result() {
                Ok(merged) => {
                    let say = MergeReply::Finished {
                        encoding: merged.encoding,
                        is_encoding_changed: merged.is_encoding_changed,
                    };
                    (say, Some(merged.bytes))
                }
                Err(Unwritable::Open) => (failed("a conflict is open"), None),
                // The progress before told that as well.
                Err(Unwritable::Lacking(lacking)) => (MergeReply::Lacking { lacking }, None),
            };
        }
        MergeRequest::Pick { region, pick } => merge.pick(region, pick),
        MergeRequest::PickOpen { pick } => merge.pick_open(&pick),
        MergeRequest::Edit { region, typed } => merge.edit(region, &typed),
        MergeRequest::Undo => {
            merge.undo();
        }
        MergeRequest::Redo => {
            merge.redo();
        }
    }
    let progress = progress(merge);
    (MergeReply::Progress { progress }, None)
}

fn progress(merge: &Merge) -> MergeProgress {
    MergeProgress {
        counts: merge.counts(),
        is_complete: merge.is_complete(),
        rows: [View::Sides, View::Column, View::Result].map(|view| merge.row_count(view)),
        draft: merge.draft(),
        encoding: Some(merge.encoding()),
        lacking: merge.lacking(),
    }
}

fn opened_say(merge: &Merge, applied: AppliedDraft) -> MergeReply {
    MergeReply::Opened {
        progress: progress(merge),
        encodings: merge.encodings(),
        ends: merge.ends(),
        applied,
        changed: merge.lines_of_second(),
    }
}

fn found_at(merge: &Merge, region: usize) -> Option<FoundRegion> {
    let (before, rest) = merge.regions().split_at_checked(region)?;
    let is_conflict = rest.first()?.kind == RegionKind::Conflict;
    let conflicts = before
        .iter()
        .filter(|region| region.kind == RegionKind::Conflict);
    Some(FoundRegion {
        region,
        is_conflict,
        nth: conflicts.count() + usize::from(is_conflict),
        pick: merge.pick_of(region).map(PickKind::of),
        rows: [View::Sides, View::Column, View::Result].map(|view| merge.row_of(view, region)),
    })
}

fn rows(merge: &Merge, view: View, window: Range<usize>) -> MergeReply {
    let (rows, regions): (ViewRows, BTreeSet<usize>) = match view {
        View::Sides => {
            let rows = merge.side_rows(window);
            let regions = rows.iter().map(|row| row.region).collect();
            (ViewRows::Sides(rows), regions)
        }
        View::Column => {
            let rows = merge.column_rows(window);
            let regions = rows.iter().map(|row| row.region).collect();
            (ViewRows::Column(rows), regions)
        }
        View::Result => {
            let rows = merge.result_rows(window);
            let regions = rows.iter().map(|row| row.region).collect();
            (ViewRows::Result(rows), regions)
        }
    };
    let picks = regions.into_iter();
    let picks = picks.filter_map(|region| Some((region, PickKind::of(merge.pick_of(region)?))));
    MergeReply::Rows {
        rows,
        picks: picks.collect(),
    }
}

async fn open(
    user: Option<UserId>,
    base: Option<&str>,
    first: &str,
    second: &str,
) -> Result<Merge, MergeReply> {
    let is_first = base == Some(first);
    let base = async {
        match base {
            None => Ok(Vec::new()),
            Some(_) if is_first => Ok(Vec::new()),
            Some(address) => match load(user, address, None).await {
                // Old versions may be gone: then both sides are all new.
                Err(MergeReply::Gone) => Ok(Vec::new()),
                other => other,
            },
        }
    };
    let (first, second) = (load(user, first, None), load(user, second, None));
    let (mut base, first, second) = try_join3(base, first, second).await?;
    if is_first {
        base.clone_from(&first);
    }
    let texts = Text::decode_together([&base, &first, &second]);
    let [base, first, second] = texts.map_err(|reason: NotText| MergeReply::NotText {
        reason: reason.to_string(),
    })?;
    Ok(Merge::new(base, first, second))
}

/// What of each range differs, told from the bytes of both.
async fn differ(
    user: Option<UserId>,
    (base, side): (&str, &str),
    ranges: &[ChangedRange],
) -> Result<Vec<ChangedRange>, MergeReply> {
    let mut told = Vec::new();
    for range in ranges {
        let old = load(user, base, Some(&range.base)).await?;
        let new = load(user, side, Some(&range.side)).await?;
        told.extend(ranges::exact(range, &old, &new));
    }
    Ok(told)
}

/// All bytes that are at an address, or those of a part of it.
async fn load(
    user: Option<UserId>,
    address: &str,
    part: Option<&Range<u64>>,
) -> Result<Vec<u8>, MergeReply> {
    if part.is_some_and(Range::is_empty) {
        return Ok(Vec::new());
    }
    let unreachable = |_| MergeReply::Unreachable;
    let mut request = Request::get(address);
    if let Some(user) = user {
        request = request.header(headers::USER, &user.to_string());
    }
    if let Some(part) = part {
        let last = part.end.saturating_sub(1);
        request = request.header("range", &format!("bytes={}-{last}", part.start));
    }
    let response = request.send().await.map_err(unreachable)?;
    match (response.status(), part) {
        (200, None) | (206, Some(_)) => {}
        // Without its range, all of it would be taken for the part.
        (200, Some(_)) => return Err(failed("the server sent another part")),
        (401 | 403 | 404, _) => return Err(MergeReply::Gone),
        _ => return Err(MergeReply::Unreachable),
    }
    let bytes = response.binary().await.map_err(unreachable)?;
    match part {
        Some(part) if bytes.len() as u64 != part.end - part.start => {
            Err(failed("the server sent another part"))
        }
        _ => Ok(bytes),
    }
}
