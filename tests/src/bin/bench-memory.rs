//! What a load of large requests takes of the server's memory.
//!
//! `DRIFTLESS_URL=http://… DRIFTLESS_SERVER_GROUP=<process group> bench-memory`
//!
//! 1. Store a block of 16 MiB, one of as much as LZ4, and one of 4 MiB.
//! 2. Many callers at once, one and twelve: uploads of 16 MiB, answers of frames of
//!    20 MiB, and the LZ4 block decoded, in turn. Who is told that the server has its
//!    hands full comes back after the time that it says.
//! 3. Meanwhile the resident memory of the runtime's processes is read, 50 times a
//!    second. All isolates are in it, also those that stand for D1 and R2.
//!
//! `npm run bench -- --only memory` runs it; `DRIFTLESS_BENCH_JSON` is a file for the
//! figures.

use driftless_tests::live::person;
use driftless_tests::load::Large;
use serde_json::json;
use std::error::Error;
use std::fs;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

const CALLERS: [usize; 2] = [1, 12];
const REQUESTS: usize = 6;
const SAMPLE: Duration = Duration::from_millis(20);

fn main() -> Result<(), Box<dyn Error>> {
    let group: u64 = std::env::var("DRIFTLESS_SERVER_GROUP")?.parse()?;
    let ann = person();
    let large = Large::of(&ann.client)?;
    let mut figures = Vec::new();
    println!("callers  requests  sent away   MB/s  resident before, MB  at the peak");
    for callers in CALLERS {
        let before = resident_bytes(group);
        let (peak, over) = (AtomicU64::new(before), AtomicBool::new(false));
        let start = Instant::now();
        let tally = thread::scope(|scope| {
            scope.spawn(|| {
                while !over.load(Ordering::Relaxed) {
                    peak.fetch_max(resident_bytes(group), Ordering::Relaxed);
                    thread::sleep(SAMPLE);
                }
            });
            let tally = large.run(callers, REQUESTS);
            over.store(true, Ordering::Relaxed);
            tally
        })?;
        let speed = tally.bytes as f64 / 1e6 / start.elapsed().as_secs_f64();
        let (before, peak) = (before as f64 / 1e6, peak.into_inner() as f64 / 1e6);
        println!(
            "{callers:7}  {:8}  {:9}  {speed:5.1}  {before:19.0}  {peak:11.0}",
            tally.done, tally.sent_away
        );
        figures.push(json!({
            "callers": callers,
            "requests": tally.done,
            "sent_away": tally.sent_away,
            "megabytes_a_second": speed,
            "resident_megabytes_before": before,
            "resident_megabytes_at_the_peak": peak,
        }));
    }
    if let Ok(file) = std::env::var("DRIFTLESS_BENCH_JSON") {
        fs::write(file, serde_json::to_vec_pretty(&figures)?)?;
    }
    Ok(())
}

/// Of all processes of the group that are the Workers' runtime; Linux says it in
/// `/proc`.
fn resident_bytes(group: u64) -> u64 {
    let Ok(processes) = fs::read_dir("/proc") else {
        return 0;
    };
    let pages = processes.flatten().filter_map(|process| {
        let stat = fs::read_to_string(process.path().join("stat")).ok()?;
        let (name, rest) = stat.rsplit_once(')')?;
        // State, parent, group, and 18 more before the resident pages.
        let fields: Vec<&str> = rest.split_whitespace().collect();
        let is_of_group = fields.get(2)?.parse() == Ok(group) && name.contains("workerd");
        is_of_group.then(|| fields.get(21)?.parse::<u64>().ok())?
    });
    pages.sum::<u64>() * 4_096
}
