//! How long a commit takes, and how long after it another device's long poll is
//! answered; and how long the server takes for a sign-in that succeeds, one with
//! a wrong password and one of an unknown name.
//!
//! `DRIFTLESS_URL=http://… bench-latency [--commits 200] [--sign-ins 30] [--json FILE]`
//!
//! `npm run bench` says the same in variables: `DRIFTLESS_BENCH_JSON` is the
//! file, and `DRIFTLESS_BENCH_QUICK` asks for fewer repetitions.
//!
//! One process commits. Another, started by it, holds the poll of a second
//! device, so that neither waits for the other's thread or connection; both
//! read the machine's clock. Times are in milliseconds.
//!
//! 1. Sign up, make a file, give the second device its token.
//! 2. For each commit: wait until the second device polls again, propose, upload,
//!    commit; the second device writes down when its poll was answered.
//! 3. For each kind of sign-in: start and finish, each request timed alone.

use driftless_tests::client::{Client, Failure, commit_of};
use driftless_tests::live::{PASSWORD, url, user_name};
use driftless_tests::random::unseen_bytes;
use driftless_tests::sign_in::{self, program};
use driftless_tests::tree::Tree;
use protocol::changes::Change;
use protocol::limits::MAX_POLL_SECONDS;
use protocol::paths;
use serde_json::{Value, json};
use std::error::Error;
use std::io::{BufRead, BufReader, Lines};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Bytes of the file that is committed again and again.
const FILE_BYTES: usize = 1_024;
/// How long a poll that was sent is given to be parked before the next commit.
const PARKING: Duration = Duration::from_millis(50);
/// Commits before the counted ones: connections and caches get warm.
const WARM_UP: u64 = 5;
/// A connection each is kept open, as browsers do.
const IDLE_CONNECTIONS: usize = 1;

fn main() -> Result<()> {
    let setting = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    let is_quick = setting("DRIFTLESS_BENCH_QUICK").is_some();
    let (mut commits, mut sign_ins) = if is_quick { (40, 10) } else { (200, 30) };
    let mut json_file = setting("DRIFTLESS_BENCH_JSON");
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
        match argument.as_str() {
            "--commits" => commits = value()?.parse()?,
            "--sign-ins" => sign_ins = value()?.parse()?,
            "--json" => json_file = Some(value()?),
            // The second process.
            "--wait" => return wait_for_news(&value()?, &value()?),
            other => return Err(format!("unknown argument {other}").into()),
        }
    }
    let report = json!({
        "commits": bench_commits(commits)?,
        "sign_ins": bench_sign_ins(sign_ins)?,
    });
    if let Some(file) = json_file {
        std::fs::write(file, serde_json::to_string_pretty(&report)? + "\n")?;
    }
    Ok(())
}

fn bench_commits(count: u64) -> Result<Value> {
    let base = url();
    let client = Client::with_idle_connections(&base, IDLE_CONNECTIONS);
    let reply = sign_in::sign_up(&client, &user_name(), PASSWORD, program("Writer"), &[])?;
    let (writer, _) = sign_in::signed_in(&client, reply)?;
    let file = writer.put_file(None, "bench", b"")?.item.id;
    let token = writer.new_access_token("Reader")?.token;
    let cursor = Tree::of(&writer)?.cursor.ok_or("no cursor")?;
    let mut reader = Reader::start(&token, &cursor)?;

    let mut write = Vec::new();
    let mut commit = Vec::new();
    let mut acknowledged_to_poll = Vec::new();
    let mut sent_to_poll = Vec::new();
    for base in 1..=WARM_UP + count {
        reader.wait_until_polling()?;
        std::thread::sleep(PARKING);
        let bytes = unseen_bytes(FILE_BYTES);
        let begun = now();
        let change = commit_of(base, &bytes);
        let hashes = change.content.blocks.iter().map(|b| b.hash).collect();
        let missing = writer.propose(file, base, hashes)?.missing_blocks;
        writer.upload(&bytes, &change.content, &missing)?;
        let sent = now();
        writer.commit(file, &change)?;
        let acknowledged = now();
        let polled = reader.wait_for_version(base + 1)?;
        if base > WARM_UP {
            write.push(acknowledged - begun);
            commit.push(acknowledged - sent);
            acknowledged_to_poll.push(polled - acknowledged);
            sent_to_poll.push(polled - sent);
        }
    }
    let counts = reader.stop()?;
    println!("{count} commits of {FILE_BYTES} bytes, in milliseconds");
    let report = json!({
        "count": count,
        "file_bytes": FILE_BYTES,
        "commit_request_ms": summary("commit request", &mut commit),
        "commit_acknowledged_to_poll_answered_ms":
            summary("commit acknowledged → poll answered", &mut acknowledged_to_poll),
        "commit_sent_to_poll_answered_ms":
            summary("commit sent → poll answered", &mut sent_to_poll),
        "propose_upload_commit_ms": summary("propose, upload and commit", &mut write),
        "polls_answered": counts.answered,
        "polls_answered_without_a_new_version": counts.without_news,
        "polls_timed_out": counts.timed_out,
    });
    println!(
        "  polls answered {}, of them without a new version {}; timed out {}",
        counts.answered, counts.without_news, counts.timed_out
    );
    Ok(report)
}

/// The second process: polls and pulls for ever, and says when on its output.
/// Ends when nobody reads that any more.
fn wait_for_news(token: &str, cursor: &str) -> Result<()> {
    let client = Client::with_idle_connections(&url(), IDLE_CONNECTIONS).with_token(Some(token));
    let mut tree = Tree {
        cursor: Some(cursor.to_owned()),
        ..Tree::default()
    };
    loop {
        say("polling")?;
        let event = client.poll(tree.cursor.as_deref(), MAX_POLL_SECONDS)?;
        let at = now();
        if event.is_none() {
            say("timed_out")?;
            continue;
        }
        let pulled = tree.pull(&client, None)?;
        let version = pulled.changes.iter().rev().find_map(|change| match change {
            Change::Item { item } => item.file.as_ref().map(|file| file.version),
            _ => None,
        });
        say(&format!("answered {at} {}", version.unwrap_or(0)))?;
    }
}

fn say(line: &str) -> std::io::Result<()> {
    use std::io::Write;
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()
}

#[derive(Clone, Copy, Default)]
struct Counts {
    answered: u64,
    without_news: u64,
    timed_out: u64,
}

/// The second process, seen from the first.
struct Reader {
    process: Child,
    lines: Lines<BufReader<ChildStdout>>,
    counts: Counts,
}

impl Reader {
    fn start(token: &str, cursor: &str) -> Result<Self> {
        let mut process = Command::new(std::env::current_exe()?)
            .args(["--wait", token, cursor])
            .stdout(Stdio::piped())
            .spawn()?;
        let out = process.stdout.take().ok_or("no output")?;
        Ok(Self {
            process,
            lines: BufReader::new(out).lines(),
            counts: Counts::default(),
        })
    }

    fn line(&mut self) -> Result<String> {
        Ok(self.lines.next().ok_or("the reader has ended")??)
    }

    fn wait_until_polling(&mut self) -> Result<()> {
        while self.line()? != "polling" {}
        Ok(())
    }

    /// When the poll was answered that told of this version.
    fn wait_for_version(&mut self, version: u64) -> Result<f64> {
        loop {
            let line = self.line()?;
            let mut words = line.split(' ');
            match (words.next(), words.next(), words.next()) {
                (Some("answered"), Some(at), Some(seen)) => {
                    self.counts.answered += 1;
                    if seen.parse::<u64>()? == version {
                        return Ok(at.parse()?);
                    }
                    self.counts.without_news += 1;
                }
                (Some("timed_out"), ..) => self.counts.timed_out += 1,
                _ => {}
            }
        }
    }

    fn stop(mut self) -> Result<Counts> {
        self.process.kill()?;
        self.process.wait()?;
        Ok(self.counts)
    }
}

/// Fewer than the server takes of one name.
const GUESSES_OF_A_NAME: usize = 15;

fn bench_sign_ins(count: usize) -> Result<Value> {
    let client = Client::with_idle_connections(&url(), IDLE_CONNECTIONS);
    let (mut known, mut unknown) = (user_name(), user_name());
    let mut right = Timed::default();
    let mut wrong = Timed::default();
    let mut nobody = Timed::default();
    // In turn, so that a busy moment of the machine falls on all three.
    for n in 0..count {
        if n % GUESSES_OF_A_NAME == 0 {
            (known, unknown) = (user_name(), user_name());
            sign_in::sign_up(&client, &known, PASSWORD, program("First"), &[])?;
        }
        right.sign_in(&client, &known, PASSWORD)?;
        wrong.sign_in(&client, &known, "wrong")?;
        nobody.sign_in(&client, &unknown, "wrong")?;
    }
    println!("{count} sign-ins of each kind, in milliseconds");
    Ok(json!({
        "count": count,
        "right_password": right.report("right password"),
        "wrong_password": wrong.report("wrong password"),
        "unknown_name": nobody.report("unknown name"),
    }))
}

/// The two requests of sign-ins of one kind.
#[derive(Default)]
struct Timed {
    start: Vec<f64>,
    finish: Vec<f64>,
}

impl Timed {
    fn sign_in(&mut self, client: &Client, name: &str, password: &str) -> Result<()> {
        // What the client computes is not the server's time.
        let prepared = sign_in::prepare(password);
        let begun = Instant::now();
        let attempt = prepared.send(client, name)?;
        self.start.push(millis(begun.elapsed()));
        let finish = if password == PASSWORD {
            attempt
                .finish(password, program("Again"))
                .ok_or("the password is right")?
        } else {
            attempt.guess(program("Again"))
        };
        let begun = Instant::now();
        let reply = client.send_json("POST", paths::SIGN_IN_FINISH, &finish)?;
        self.finish.push(millis(begun.elapsed()));
        match (password == PASSWORD, reply.success()) {
            (true, Ok(_)) => Ok(()),
            (false, Err(Failure::Refused { status: 401, .. })) => Ok(()),
            (_, other) => Err(format!("unexpected: {other:?}").into()),
        }
    }

    fn report(&mut self, kind: &str) -> Value {
        json!({
            "start_ms": summary(&format!("{kind}: start"), &mut self.start),
            "finish_ms": summary(&format!("{kind}: finish"), &mut self.finish),
        })
    }
}

/// Prints and returns the percentiles (nearest rank).
fn summary(what: &str, times: &mut [f64]) -> Value {
    times.sort_by(f64::total_cmp);
    let percentile = |p: usize| {
        let rank = (times.len() * p).div_ceil(100).max(1);
        times.get(rank - 1).map(|ms| (ms * 100.0).round() / 100.0)
    };
    let [p50, p95, p99] = [50, 95, 99].map(percentile);
    let text = |ms: Option<f64>| ms.map_or("–".to_owned(), |ms| format!("{ms:.2}"));
    println!(
        "  {what:<38} p50 {:>8}  p95 {:>8}  p99 {:>8}",
        text(p50),
        text(p95),
        text(p99)
    );
    json!({"p50": p50, "p95": p95, "p99": p99})
}

/// The machine's clock, which both processes read, in milliseconds.
fn now() -> f64 {
    millis(
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default(),
    )
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}
