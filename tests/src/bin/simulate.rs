//! `npm run simulate`: runs seeds of the simulation until enough steps are done,
//! and says what they met; with `--bugs`, whether deliberate bugs are caught.
//!
//! | argument | |
//! | --- | --- |
//! | `--steps N` | at least so many steps; 2,000,000 |
//! | `--seed S` | the first seed; 1 |
//! | `--runs N` | so many seeds instead of so many steps |
//! | `--run-steps N` | steps of one seed until its faults stop; 20,000 |
//! | `--threads N` | at a time; as many as the machine has |
//! | `--devices N` | the owner's, from 1 to 5; without, the seed says |
//! | `--people N` | from 1 to 3, the owner among them; without, the seed says |
//! | `--without A,B` | kinds of faults that do not happen |
//! | `--log` | prints all that happens; for one run |
//! | `--bugs` | the score; needs the copy of the source that has them |
//! | `--list-bugs` | prints the table of deliberate bugs in `docs/simulator.md` |
//! | `--starts N` | of the score: from how many seeds; 5 |
//! | `--only A,B` | of the score: these bugs |

use bugs::Bug;
use driftless_tests::model::server::Server;
use driftless_tests::simulation::bugs::{MOST_SEEDS, Score, score};
use driftless_tests::simulation::faults::Fault;
use driftless_tests::simulation::run::{Broken, Report, Setup, run};
use driftless_tests::simulation::settle::Settled;
use driftless_tests::simulation::shrink::shrink;
use std::collections::BTreeMap;
use std::process::ExitCode;
use std::rc::Rc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::thread;
use std::time::Instant;

fn main() -> ExitCode {
    match Arguments::read(std::env::args().skip(1)) {
        Ok(arguments) if arguments.list_bugs || arguments.bugs => match bugs::all() {
            Ok(bugs) if arguments.list_bugs => {
                print!("{}", bugs::table(&bugs));
                ExitCode::SUCCESS
            }
            Ok(bugs) => score_all(&bugs, &arguments),
            Err(why) => {
                eprintln!("simulate: {why}");
                ExitCode::FAILURE
            }
        },
        Ok(arguments) => simulate(&arguments),
        Err(why) => {
            eprintln!("simulate: {why}");
            ExitCode::from(2)
        }
    }
}

struct Arguments {
    steps: u64,
    seed: u64,
    runs: Option<u64>,
    run_steps: u64,
    threads: u64,
    devices: Option<usize>,
    people: Option<usize>,
    without: Vec<Fault>,
    log: bool,
    bugs: bool,
    list_bugs: bool,
    starts: u64,
    only: Vec<String>,
}

impl Arguments {
    fn read(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let cores = thread::available_parallelism().map_or(1, |cores| cores.get() as u64);
        let mut read = Self {
            steps: 2_000_000,
            seed: 1,
            runs: None,
            run_steps: 20_000,
            threads: cores,
            devices: None,
            people: None,
            without: Vec::new(),
            log: false,
            bugs: false,
            list_bugs: false,
            starts: 5,
            only: Vec::new(),
        };
        while let Some(name) = arguments.next() {
            match name.as_str() {
                "--bugs" => {
                    read.bugs = true;
                    continue;
                }
                "--list-bugs" => {
                    read.list_bugs = true;
                    continue;
                }
                "--log" => {
                    read.log = true;
                    continue;
                }
                _ => {}
            }
            let known = [
                "--steps",
                "--seed",
                "--runs",
                "--run-steps",
                "--threads",
                "--devices",
                "--people",
                "--without",
                "--starts",
                "--only",
            ];
            if !known.contains(&name.as_str()) {
                return Err(format!(
                    "there is no argument {name:?}; there are {}, --log, --bugs and --list-bugs",
                    known.join(", ")
                ));
            }
            let value = arguments.next().ok_or(format!("{name} needs a value"))?;
            match name.as_str() {
                "--steps" => read.steps = number(&name, &value, 1..=u64::MAX)?,
                "--seed" => read.seed = number(&name, &value, 0..=u64::MAX)?,
                "--runs" => read.runs = Some(number(&name, &value, 1..=u64::MAX)?),
                "--run-steps" => read.run_steps = number(&name, &value, 1..=u64::MAX)?,
                "--threads" => read.threads = number(&name, &value, 1..=256)?,
                "--devices" => read.devices = Some(number(&name, &value, 1..=5)? as usize),
                "--people" => read.people = Some(number(&name, &value, 1..=3)? as usize),
                "--only" => read.only = value.split(',').map(str::to_owned).collect(),
                "--starts" => read.starts = number(&name, &value, 1..=5)?,
                _ => {
                    let names = value.split(',').map(str::parse);
                    read.without = names.collect::<Result<_, _>>()?;
                }
            }
        }
        Ok(read)
    }
}

fn number(name: &str, value: &str, range: std::ops::RangeInclusive<u64>) -> Result<u64, String> {
    let number = value.replace('_', "").parse().ok();
    number
        .filter(|number| range.contains(number))
        .ok_or_else(|| {
            format!(
                "{name} takes a whole number from {} to {}, not {value:?}",
                range.start(),
                range.end()
            )
        })
}

/// Of all runs together.
#[derive(Default)]
struct Total {
    report: Report,
    runs: u64,
    most: Settled,
    traces: u64,
}

fn simulate(arguments: &Arguments) -> ExitCode {
    let (next, done) = (AtomicU64::new(0), AtomicU64::new(0));
    let failed = AtomicBool::new(false);
    let total: Mutex<Total> = Mutex::default();
    let since = Instant::now();
    let goes_on = |n: u64| match arguments.runs {
        Some(runs) => n < runs,
        None => done.load(Relaxed) < arguments.steps,
    };
    thread::scope(|scope| {
        for _ in 0..arguments.threads {
            scope.spawn(|| {
                let server = Rc::new(Server::new());
                loop {
                    let n = next.fetch_add(1, Relaxed);
                    if failed.load(Relaxed) || !goes_on(n) {
                        return;
                    }
                    let setup = Setup {
                        devices: arguments.devices,
                        people: arguments.people,
                        without: arguments.without.clone(),
                        log: arguments.log,
                        ..Setup::of(arguments.seed.wrapping_add(n), arguments.run_steps)
                    };
                    match run(&setup, &server) {
                        Ok(report) => {
                            done.fetch_add(report.steps, Relaxed);
                            let mut total = total.lock().expect("no thread panics");
                            add(&mut total, report);
                            if total.runs.is_multiple_of(1_000) {
                                progress(&total, since);
                            }
                        }
                        Err(broken) => {
                            failed.store(true, Relaxed);
                            tell(&broken);
                            if arguments.log {
                                println!("  {}", broken.violation.why);
                                return;
                            }
                            tell_smallest(&shrink(&broken, &server));
                        }
                    }
                }
            });
        }
    });
    print(&total.into_inner().expect("no thread panics"), since);
    if failed.into_inner() {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}

fn add(total: &mut Total, report: Report) {
    fn sum<K: Ord>(into: &mut BTreeMap<K, u64>, from: BTreeMap<K, u64>) {
        for (key, count) in from {
            *into.entry(key).or_default() += count;
        }
    }
    let all = &mut total.report;
    all.steps += report.steps;
    all.conflicts += report.conflicts;
    all.resolved += report.resolved;
    sum(&mut all.faults, report.faults);
    sum(&mut all.checks, report.checks);
    total.runs += 1;
    // The same whatever the order in which threads end.
    total.traces = total.traces.wrapping_add(report.trace);
    let (most, settled) = (&mut total.most, report.settled);
    most.millis = most.millis.max(settled.millis);
    most.rounds = most.rounds.max(settled.rounds);
    most.rounds_since_news = most.rounds_since_news.max(settled.rounds_since_news);
}

fn progress(total: &Total, since: Instant) {
    let seconds = since.elapsed().as_secs_f64();
    let steps = total.report.steps;
    println!(
        "{steps} steps in {} runs, {:.0} steps/s",
        total.runs,
        steps as f64 / seconds
    );
}

/// The one line that says how to see it again.
fn tell(broken: &Broken) {
    let violation = &broken.violation;
    println!(
        "FAILED at step {}: {} | {}",
        broken.step,
        violation.invariant,
        broken.setup.command()
    );
}

fn tell_smallest(smallest: &Broken) {
    println!(
        "  smallest: step {} | {}",
        smallest.step,
        smallest.setup.command()
    );
    println!("  {}", smallest.violation.why);
}

fn print(total: &Total, since: Instant) {
    progress(total, since);
    let (report, most) = (&total.report, total.most);
    println!("trace {:016x}", total.traces);
    println!(
        "{} conflicts, {} choices",
        report.conflicts, report.resolved
    );
    println!(
        "agreed at most {:.0} simulated seconds and {} rounds after the last fault, {} rounds after the last edit was sent",
        most.millis as f64 / 1_000.0,
        most.rounds,
        most.rounds_since_news
    );
    for (fault, count) in &report.faults {
        println!("{count:>12} × {fault:?}");
    }
    for (invariant, count) in &report.checks {
        println!("{count:>12} × checked: {invariant}");
    }
}

fn score_all(bugs: &[Bug], arguments: &Arguments) -> ExitCode {
    let unknown = |name: &&String| bugs.iter().all(|bug| bug.name != **name);
    if let Some(name) = arguments.only.iter().find(unknown) {
        eprintln!("simulate: there is no deliberate bug {name}; see --list-bugs");
        return ExitCode::from(2);
    }
    if !bugs::ARE_HERE {
        eprintln!("simulate: this program has no bugs; `npm run simulate -- --bugs` builds one");
        return ExitCode::from(2);
    }
    let next = AtomicU64::new(0);
    let scores: Mutex<BTreeMap<usize, Score>> = Mutex::default();
    thread::scope(|scope| {
        for _ in 0..arguments.threads {
            scope.spawn(|| {
                loop {
                    let n = next.fetch_add(1, Relaxed) as usize;
                    let Some(bug) = bugs.get(n) else {
                        return;
                    };
                    if !arguments.only.is_empty() && !arguments.only.contains(&bug.name) {
                        continue;
                    }
                    let score = score(bug, arguments.seed, arguments.starts);
                    if !score.is_caught() {
                        let (name, seeds) = (&bug.name, &score.seeds);
                        println!("MISSED {name}: {seeds:?} of {MOST_SEEDS} seeds");
                    }
                    scores.lock().expect("no thread panics").insert(n, score);
                }
            });
        }
    });
    let scores = scores.into_inner().expect("no thread panics");
    println!("| bug | what it does | seeds, median | caught by |");
    println!("| --- | --- | --- | --- |");
    for score in scores.values() {
        println!(
            "| `{}` | {} | {} | {} |",
            score.bug.name,
            score.bug.breaks,
            score.median(),
            score.invariant
        );
    }
    let missed = scores.values().filter(|score| !score.is_caught()).count();
    println!("{} bugs, {missed} missed", scores.len());
    if missed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
