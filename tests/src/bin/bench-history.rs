//! What a year of a busy person's history costs the local runtime: 50,000 versions of 5,000
//! files, made by `tests/browser/support/history_worker.mjs`, which is around the server.
//!
//! `DRIFTLESS_URL=http://… bench-history`
//!
//! 1. The rows that the history has.
//! 2. The list of a file's versions.
//! 3. What was otherwise in the folder in the middle of the year: all files are.
//! 4. The way back there, with the client's own plan.
//! 5. The job that thins versions, until nothing more goes.
//!
//! Rows are those that D1 says it has read for the requests. `npm run bench -- --only history`
//! runs it; `DRIFTLESS_BENCH_JSON` is a file for the figures.

use client::past::{self, Came, Watch, plan};
use driftless_tests::client::{Client, operation_id};
use driftless_tests::live::{person, url};
use driftless_tests::model::ready::ready;
use protocol::batches::{ChangeItems, ItemsChanged};
use protocol::files::FileVersions;
use protocol::ids::{ItemId, OperationId, Seq, UnixMillis};
use protocol::items::{Item, ItemChange, ItemChanged};
use protocol::past::{FilesReverted, Past, Revert, RevertFiles};
use protocol::paths;
use protocol::problem::Problem;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value as Json, json};
use std::cell::Cell;
use std::error::Error;
use std::time::{Duration, Instant, SystemTime};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const FILES: u64 = 5_000;
const DAY: u64 = 24 * 60 * 60 * 1_000;
/// Blocks that all files are made of.
const POOL: u8 = 64;
const HISTORY: &str = "/api/history-for-benchmarks";
/// More than the job needs.
const MOST_RUNS: u32 = 100;

#[derive(Clone, Copy, Debug, Deserialize)]
struct Rows {
    items: u64,
    versions: u64,
    file_blocks: u64,
    changes: u64,
}

fn main() -> Result<()> {
    let ann = person();
    let client = ann.client;
    let blocks: Vec<Vec<u8>> = (0..POOL).map(|n| vec![n; 1_000]).collect();
    let blocks: Vec<&[u8]> = blocks.iter().map(Vec::as_slice).collect();
    client.store_blocks(&blocks)?;
    let folder = client.new_folder(None, "A year")?.item;
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
    let now = now.as_millis() as UnixMillis;
    let began = Instant::now();
    let asked = json!({"folder": folder.id, "files": FILES, "now": now});
    let made: Rows = client.send_json("POST", HISTORY, &asked)?.json()?;
    println!(
        "{} versions of {} items: {} list entries, {} journal entries, made in {:.0?}",
        made.versions,
        made.items,
        made.file_blocks,
        made.changes,
        began.elapsed()
    );
    let mut figures = vec![json!({"what": "rows", "rows": rows_as_json(made)})];
    figures.push(lists(&client, folder.id)?);
    figures.extend(way_back(&client, folder.id, now - 183 * DAY)?);
    figures.push(thinning(&client, now)?);
    if let Ok(file) = std::env::var("DRIFTLESS_BENCH_JSON") {
        std::fs::write(file, serde_json::to_vec_pretty(&figures)?)?;
    }
    Ok(())
}

fn rows_as_json(rows: Rows) -> Json {
    json!({
        "items": rows.items, "versions": rows.versions, "file_blocks": rows.file_blocks,
        "changes": rows.changes,
    })
}

/// The versions of a hundred files.
fn lists(client: &Client, folder: ItemId) -> Result<Json> {
    let items = client.changes(None, Some(1_000))?.changes.into_iter();
    let files: Vec<Item> = items
        .filter_map(|change| match change {
            protocol::changes::Change::Item { item } => Some(item),
            _ => None,
        })
        .filter(|item| item.file.is_some() && item.id != folder)
        .take(100)
        .collect();
    let (mut times, mut rows) = (Vec::new(), 0);
    for file in &files {
        let began = Instant::now();
        let path = format!("/api/v1/files/{}/versions", file.id);
        let reply = client.get(&path)?;
        times.push(began.elapsed());
        rows += rows_read(reply.header("server-timing"));
        let told: FileVersions = reply.json()?;
        assert_eq!(told.versions.len(), 10, "versions of a file");
    }
    times.sort();
    let median = times[times.len() / 2];
    let each = rows / files.len() as u64;
    println!("a list of 10 versions: {median:.1?} median of 100, {each} rows read");
    Ok(json!({"what": "a list of versions", "median_ms": millis(median), "rows_read": each}))
}

/// How many rows D1 has read for an answer.
fn rows_read(timing: &str) -> u64 {
    let rows = timing
        .split(", ")
        .find_map(|one| one.strip_prefix("rows;dur="));
    rows.and_then(|rows| rows.parse().ok()).unwrap_or_default()
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

struct Asker<'a> {
    client: &'a Client,
    of: ItemId,
    at: UnixMillis,
    requests: Cell<u64>,
    rows: Cell<u64>,
}

impl Asker<'_> {
    fn read<T: DeserializeOwned>(
        &self,
        reply: std::result::Result<
            driftless_tests::client::Reply,
            driftless_tests::client::Failure,
        >,
    ) -> std::result::Result<T, client::Failure> {
        let reply = reply.map_err(|_| client::Failure::Unreachable)?;
        self.requests.set(self.requests.get() + 1);
        let read = rows_read(reply.header("server-timing"));
        self.rows.set(self.rows.get() + read);
        let told = reply.json();
        told.map_err(|failure| client::Failure::Refused(failure.problem()))
    }

    fn counted(&self) -> (u64, u64) {
        (self.requests.take(), self.rows.take())
    }
}

impl past::Server for Asker<'_> {
    async fn past(&self, after: Option<Seq>) -> std::result::Result<Past, client::Failure> {
        let after = after.map_or_else(String::new, |after| format!("&after={after}"));
        let path = format!("{}?item={}&at_ms={}{after}", paths::PAST, self.of, self.at);
        self.read(self.client.get(&path))
    }

    async fn change_items(
        &self,
        changes: &[ItemChange],
    ) -> std::result::Result<Vec<std::result::Result<ItemChanged, Problem>>, client::Failure> {
        let changes = changes.to_vec();
        let body = ChangeItems { changes };
        let reply = self.client.send_json("POST", paths::ITEMS_BATCH, &body);
        let changed: ItemsChanged = self.read(reply)?;
        Ok(changed.results.into_iter().map(Into::into).collect())
    }

    async fn revert(
        &self,
        files: &[Revert],
    ) -> std::result::Result<Vec<std::result::Result<ItemChanged, Problem>>, client::Failure> {
        let files = files.to_vec();
        let reply = self
            .client
            .send_json("POST", paths::REVERT, &RevertFiles { files });
        let reverted: FilesReverted = self.read(reply)?;
        Ok(reverted.results.into_iter().map(Into::into).collect())
    }

    fn operation(&self) -> OperationId {
        operation_id()
    }
}

impl Watch for Asker<'_> {
    fn is_stopped(&self) -> bool {
        false
    }

    fn went_on(&self, _: usize) {}
}

fn way_back(client: &Client, of: ItemId, at: UnixMillis) -> Result<Vec<Json>> {
    let asker = Asker {
        client,
        of,
        at,
        requests: Cell::new(0),
        rows: Cell::new(0),
    };
    let began = Instant::now();
    let (_, entries) = ready(past::ask(&asker, |_| {}))?;
    let (asked, (asking, asking_rows)) = (began.elapsed(), asker.counted());
    let plan = plan(&entries, Came::Stays);
    let steps = plan.steps().count();
    println!(
        "what was otherwise half a year ago: {} items, of which {steps} change, in {asked:.1?}, {asking} requests and {asking_rows} rows read",
        entries.len()
    );
    let began = Instant::now();
    let outcome = ready(past::run(&asker, plan, &asker));
    let (ran, (running, running_rows)) = (began.elapsed(), asker.counted());
    assert_eq!(outcome.failed, None, "the way back");
    let refused = outcome.stays.iter();
    let refused = refused.filter(|stay| matches!(stay.why, past::Why::Refused(_)));
    assert_eq!(refused.count(), 0, "what stays");
    let done = outcome.done.len();
    println!(
        "the way back: {done} files in {ran:.1?}, {running} requests and {running_rows} rows read"
    );
    Ok(vec![
        json!({
            "what": "the plan", "items": entries.len(), "steps": steps, "ms": millis(asked),
            "requests": asking, "rows_read": asking_rows,
        }),
        json!({
            "what": "the way back", "files": done, "ms": millis(ran), "requests": running,
            "rows_read": running_rows,
        }),
    ])
}

/// Until nothing more goes.
fn thinning(client: &Client, now: UnixMillis) -> Result<Json> {
    let count = || -> Result<Rows> { Ok(client.get(HISTORY)?.json()?) };
    let before = count()?;
    let (mut last, mut runs, mut time, mut slowest) = (before, 0, Duration::ZERO, Duration::ZERO);
    let mut idle = 0;
    // The job goes through all files in several runs: one that takes nothing may be in the
    // middle of them.
    while idle < 6 && runs < MOST_RUNS {
        let path = format!("/cdn-cgi/handler/scheduled?time={now}&cron=7+*+*+*+*");
        let began = Instant::now();
        let reply = Client::new(&url()).get(&path)?;
        let took = began.elapsed();
        assert_eq!(reply.status, 200, "the scheduled event");
        runs += 1;
        let rows = count()?;
        let is_idle = (rows.versions, rows.file_blocks) == (last.versions, last.file_blocks);
        idle = if is_idle { idle + 1 } else { 0 };
        (time, slowest) = (time + took, slowest.max(took));
        last = rows;
    }
    let versions = before.versions - last.versions;
    let entries = before.file_blocks - last.file_blocks;
    println!(
        "thinning: {versions} versions and {entries} list entries in {runs} runs, {time:.1?} together, {slowest:.1?} the slowest"
    );
    Ok(json!({
        "what": "thinning", "versions": versions, "list_entries": entries, "runs": runs,
        "ms": millis(time), "slowest_ms": millis(slowest),
    }))
}
