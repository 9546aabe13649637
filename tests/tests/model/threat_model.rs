//! `docs/threat-model.md` says by which test each defence is held: those are in the
//! tree, by these names. A name with spaces is a browser journey's.

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The texts of all files below a folder that have this ending.
fn texts(below: &Path, ending: &str) -> String {
    let mut all = String::new();
    for entry in fs::read_dir(below).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all += &texts(&path, ending);
        } else if path.extension().is_some_and(|is| is == ending) {
            all += &fs::read_to_string(path).unwrap();
        }
    }
    all
}

/// What the last columns of the tables name.
fn named(page: &str) -> Vec<&str> {
    let rows = page.lines().filter(|line| line.starts_with("| "));
    let tests = rows.filter_map(|row| row.trim_end_matches([' ', '|']).rsplit(" | ").next());
    tests
        .flat_map(|tests| tests.split('`').skip(1).step_by(2))
        .collect()
}

/// Whether a test of this name stands in the text, at whatever depth.
fn is_test(rust: &str, name: &str) -> bool {
    let head = format!("fn {name}(");
    let mut heads = rust.match_indices(&head);
    heads.any(|(at, _)| {
        let before = rust.get(..at).unwrap_or_default().trim_end().lines().rev();
        let mut attributes = before
            .map(str::trim)
            .take_while(|line| line.starts_with("#["));
        attributes.any(|attribute| attribute == "#[test]")
    })
}

#[test]
fn the_threat_model_names_tests_that_exist() {
    let page = fs::read_to_string(root().join("docs/threat-model.md")).unwrap();
    let below = |folder: &str, ending| texts(&root().join(folder), ending);
    let folders = [
        "edge/api/src",
        "edge/core/src",
        "shared/protocol/src",
        "tests/tests",
        "web/workers/src",
    ];
    let rust = folders.map(|folder| below(folder, "rs")).concat();
    let suite = below("tests/src/suite", "rs");
    let journeys = below("tests/browser", "mjs");
    let named = named(&page);
    assert!(named.len() > 25, "only {named:?}");
    for name in named {
        let exists = match name.contains(' ') {
            true => journeys.contains(&format!("test(\"{name}\"")),
            false => is_test(&rust, name) || suite.contains(&format!("\npub fn {name}(")),
        };
        assert!(exists, "no test is called {name}");
    }
    for row in page
        .lines()
        .filter(|line| line.starts_with("| ") && !line.contains("---"))
    {
        let is_head = row.ends_with("| tests |");
        assert!(is_head || row.ends_with("` |"), "no test in: {row}");
    }
}
