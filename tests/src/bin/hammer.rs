//! The black-box check: several clients change one space for `HAMMER_SECONDS`
//! while somebody kills the server and starts it again, and a collector runs
//! that believes that it is two days later, and a scrub. Then every version is read
//! back, and the history is judged.
//!
//! `npm test -- --only history` starts it with a server that it may kill.

use driftless_tests::client::Client;
use driftless_tests::history::check::check;
use driftless_tests::history::clients::Hammer;
use driftless_tests::history::rest::at_rest;
use driftless_tests::history::{End, Entry, What};
use driftless_tests::live::{person, setting, url};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

const CLIENTS: usize = 5;

/// Between two runs of the collector and the scrub.
const COLLECTOR_PAUSE: Duration = Duration::from_millis(700);

fn main() -> ExitCode {
    let seconds: u64 = setting("HAMMER_SECONDS").parse().expect("a number");
    let ann = person();
    let devices: Vec<Client> = (0..CLIENTS)
        .map(|i| ann.second_device(&format!("client {i}")))
        .collect();
    println!("hammering for {seconds} s");
    let start = Instant::now();
    let until = start + Duration::from_secs(seconds);
    let over = AtomicBool::new(false);
    let (collected, scrubbed) = (AtomicU64::new(0), AtomicU64::new(0));
    let hammers: Vec<Hammer> = thread::scope(|scope| {
        let clients: Vec<_> = devices
            .into_iter()
            .enumerate()
            .map(|(i, client)| scope.spawn(move || Hammer::new(i, client, start, until).run()))
            .collect();
        scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                collected.fetch_add(u64::from(collect()), Ordering::Relaxed);
                scrubbed.fetch_add(u64::from(scrub()), Ordering::Relaxed);
                thread::sleep(COLLECTOR_PAUSE);
            }
        });
        let ended = clients.into_iter().map(|client| client.join());
        let ended = ended
            .map(|hammer| hammer.expect("a client panicked"))
            .collect();
        over.store(true, Ordering::Relaxed);
        ended
    });

    let rest = at_rest(&ann.client, CLIENTS).expect("the server is at rest");
    let sum = |count: fn(&Hammer) -> u64| hammers.iter().map(count).sum::<u64>();
    let (polls, sent_again) = (sum(|hammer| hammer.polls), sum(|hammer| hammer.sent_again));
    let history: Vec<Entry> = hammers.into_iter().flat_map(|h| h.history).collect();
    let verdict = check(&history, &rest);

    let count = |is: fn(&Entry) -> bool| history.iter().filter(|entry| is(entry)).count();
    let repeated = count(|entry| entry.unanswered > 0);
    let written = tally(&history, |what| match what {
        What::Write { end, .. } => Some(*end),
        _ => None,
    });
    let renamed = tally(&history, |what| match what {
        What::Rename { end, .. } => Some(*end),
        _ => None,
    });
    let kept = count(|entry| matches!(entry.what, What::Keep { .. }));
    let pages = count(|entry| matches!(entry.what, What::Page { .. }));
    let never = count(|entry| entry.ended.is_none());
    let seconds = start.elapsed().as_secs();
    println!(
        "{} operations of {CLIENTS} clients in {seconds} s",
        history.len()
    );
    println!(
        "  {} versions written, {} came second",
        written.0, written.1
    );
    println!("  {} renames, {} came second", renamed.0, renamed.1);
    println!("  {kept} conflicts kept, {pages} pages, {polls} polls answered");
    println!("  {repeated} repeated until they were answered, {never} never answered");
    let runs = collected.load(Ordering::Relaxed);
    println!("  {runs} runs of the collector; blocks were sent again {sent_again} times");
    println!("  {} runs of the scrub", scrubbed.load(Ordering::Relaxed));
    let (facts, violations) = (verdict.facts, &verdict.violations);
    println!("{facts} facts compared, {} violations", violations.len());
    for violation in violations {
        println!("  {violation:?}");
    }
    if repeated == 0 {
        println!("nothing was ever unanswered: the server was not killed");
    }
    match verdict.violations.is_empty() && repeated > 0 {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

/// One run of the collector; whether it went well.
fn collect() -> bool {
    let later = now() + Duration::from_secs(2 * 24 * 60 * 60);
    scheduled(&format!("time={}", later.as_millis()))
}

/// One run of the scrub, at its time: an upload that is under way must not look
/// like one of yesterday.
fn scrub() -> bool {
    scheduled(&format!("time={}&cron=47+*+*+*+*", now().as_millis()))
}

fn now() -> Duration {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.expect("after 1970")
}

fn scheduled(query: &str) -> bool {
    let path = format!("/cdn-cgi/handler/scheduled?{query}");
    let reply = Client::new(&url()).get(&path);
    reply.is_ok_and(|reply| reply.status == 200)
}

/// How many changes of a kind were done, and how many came second.
fn tally(history: &[Entry], end: fn(&What) -> Option<End>) -> (usize, usize) {
    let ends: Vec<End> = history
        .iter()
        .filter_map(|entry| end(&entry.what))
        .collect();
    let count = |is: fn(&End) -> bool| ends.iter().filter(|end| is(end)).count();
    (
        count(|end| matches!(end, End::Done { .. })),
        count(|end| matches!(end, End::Second { .. })),
    )
}
