//! What merging texts of 100,000 lines costs: made, a window of rows, a pick,
//! the result.
//!
//!     cargo run --release -p driftless-tests --bin bench-merge

use merge::{Merge, Pick, Text};
use std::time::Instant;

const LINES: usize = 100_000;

fn main() {
    let base: Vec<String> = (0..LINES)
        .map(|n| format!("line {n} of the file\n"))
        .collect();
    let alike: Vec<String> = (0..LINES).map(|n| format!("line {}\n", n % 7)).collect();
    measure(
        "1,000 scattered changes on each side",
        &base,
        scattered(&base, 100, 3, "first"),
        scattered(&base, 100, 53, "second"),
    );
    measure(
        "every third line changed on each side",
        &base,
        scattered(&base, 3, 0, "first"),
        scattered(&base, 3, 1, "second"),
    );
    measure(
        "few kinds of lines, 10,000 changes on each side",
        &alike,
        scattered(&alike, 10, 3, "line 3\n"),
        scattered(&alike, 10, 7, "line 5\n"),
    );
    let other = |side: &str| (0..LINES).map(|n| format!("{side} {n}\n")).collect();
    measure("entirely different", &base, other("first"), other("second"));
    let reversed: String = base.iter().rev().map(String::as_str).collect();
    let mixed: String = (0..LINES)
        .map(|n| base[n * 7_919 % LINES].as_str())
        .collect();
    measure("the same lines in other orders", &base, reversed, mixed);
}

/// Every `step`th line is another one, from `from` on.
fn scattered(base: &[String], step: usize, from: usize, new: &str) -> String {
    let lines = base.iter().enumerate();
    lines
        .map(|(n, line)| match n % step == from % step {
            true if new.ends_with('\n') => new.to_owned(),
            true => format!("{new} {n}\n"),
            false => line.clone(),
        })
        .collect()
}

fn measure(what: &str, base: &[String], first: String, second: String) {
    let text = |chars: &str| Text::decode(chars.as_bytes()).expect("it is text");
    let began = Instant::now();
    let mut merge = Merge::new(text(&base.concat()), text(&first), text(&second));
    let made = began.elapsed();
    let counts = merge.counts();
    let began = Instant::now();
    let rows = merge.side_rows(LINES / 2..LINES / 2 + 100).len();
    let window = began.elapsed();
    let began = Instant::now();
    merge.pick_open(&Pick::FirstThenSecond);
    let picked = began.elapsed();
    let began = Instant::now();
    let bytes = merge.result().map_or(0, |merged| merged.bytes.len());
    let result = began.elapsed();
    println!(
        "{what}: made {made:.0?} ({} merged, {} conflicts), {rows} rows {window:.0?}, \
         all picked {picked:.0?}, {bytes} bytes {result:.0?}",
        counts.merged, counts.conflicts
    );
}
