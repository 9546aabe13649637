//! `npm run simulate -- --steps N --seed S`: runs seeds from S on until N steps
//! are done, and says what they met.

use driftless_tests::simulation::run::{Report, Setup, run, shrink};
use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Instant;

/// Steps of one seed.
const RUN_STEPS: u64 = 20_000;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    let number = |name: &str, default: u64| {
        let at = arguments.iter().position(|argument| argument == name);
        let value = at.and_then(|at| arguments.get(at + 1));
        value
            .and_then(|value| value.replace('_', "").parse().ok())
            .unwrap_or(default)
    };
    let steps = number("--steps", 2_000_000);
    let first = number("--seed", 1);
    let threads = number("--threads", 2);
    let run_steps = number("--run-steps", RUN_STEPS);

    let (seed, done) = (AtomicU64::new(first), AtomicU64::new(0));
    let total: Mutex<(Report, u64, u64)> = Mutex::default();
    let failed: Mutex<bool> = Mutex::new(false);
    let since = Instant::now();
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while done.load(Ordering::Relaxed) < steps && !*failed.lock().expect("no panic") {
                    let setup = Setup {
                        seed: seed.fetch_add(1, Ordering::Relaxed),
                        steps: run_steps,
                        without: Vec::new(),
                    };
                    match run(&setup) {
                        Ok(report) => {
                            done.fetch_add(report.steps, Ordering::Relaxed);
                            add(&mut total.lock().expect("no panic"), report);
                        }
                        Err(broken) => {
                            *failed.lock().expect("no panic") = true;
                            let small = shrink(&broken);
                            println!(
                                "FAILED seed {} step {}: {} | npm run simulate -- --steps 1 --seed {} --threads 1 --run-steps {run_steps} (it needs {} steps, not {:?})",
                                broken.setup.seed, broken.step, broken.violation.0, broken.setup.seed, small.step, small.setup.without,
                            );
                        }
                    }
                }
            });
        }
    });
    let (report, runs, slowest) = total.into_inner().expect("no panic");
    let seconds = since.elapsed().as_secs_f64();
    println!(
        "{} steps in {runs} runs, {:.0} steps/s",
        report.steps,
        report.steps as f64 / seconds
    );
    println!(
        "{} conflicts, {} resolved; agreed at most {:.0} simulated seconds after the last fault",
        report.conflicts,
        report.resolved,
        slowest as f64 / 1_000.0
    );
    for (fault, count) in &report.faults {
        println!("  {count:>10} × {fault:?}");
    }
    for (invariant, count) in &report.checks {
        println!("  {count:>10} × checked: {invariant}");
    }
    if *failed.lock().expect("no panic") {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}

fn add(total: &mut (Report, u64, u64), report: Report) {
    fn sum<K: Ord>(into: &mut BTreeMap<K, u64>, from: BTreeMap<K, u64>) {
        for (key, count) in from {
            *into.entry(key).or_default() += count;
        }
    }
    let (all, runs, slowest) = total;
    all.steps += report.steps;
    all.conflicts += report.conflicts;
    all.resolved += report.resolved;
    sum(&mut all.faults, report.faults);
    sum(&mut all.checks, report.checks);
    *runs += 1;
    *slowest = (*slowest).max(report.settled_millis);
}
