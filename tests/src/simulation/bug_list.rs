//! The deliberate bugs as a table for `docs/simulator.md`.

use protocol::seeded::Bug;
use std::fmt::Write;

/// A row for each bug, in Markdown.
pub fn bug_list() -> String {
    let mut table = String::from("| bug | what it does |\n| --- | --- |\n");
    for (bug, breaks) in Bug::ALL {
        // Writing to a string can't fail.
        let _ = writeln!(table, "| `{bug:?}` | {breaks} |");
    }
    table
}
