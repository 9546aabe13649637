//! The README's table of errors says what the code says: every code that a
//! server can send, once, in the row of its status.
//!
//! The codes are those of the wire fixtures, of which `shared`'s tests make
//! sure that there is one for each.

use protocol::problem::ErrorBody;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Code → status, from the fixtures.
fn known() -> BTreeMap<String, u16> {
    let fixtures = root().join("shared/protocol/tests/fixtures/wire/v1");
    let mut known = BTreeMap::new();
    for entry in std::fs::read_dir(fixtures).unwrap() {
        let path = entry.unwrap().path();
        let stem = path.file_stem().unwrap().to_str().unwrap();
        if let Some(code) = stem.strip_prefix("problem_") {
            let text = std::fs::read_to_string(&path).unwrap();
            let body: ErrorBody = serde_json::from_str(&text).unwrap();
            known.insert(code.to_owned(), body.problem.status());
        }
    }
    known
}

/// Code → statuses of its row, from the README: rows like
/// "| 500, 503 | `internal`, `unavailable` (try again) |". A word in brackets
/// is a field and no code.
fn documented() -> BTreeMap<String, Vec<u16>> {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let mut documented = BTreeMap::new();
    let rows = readme
        .lines()
        .skip_while(|line| !line.starts_with("| status | codes |"))
        .skip(2)
        .take_while(|line| line.starts_with('|'));
    for row in rows {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let [_, statuses, codes, _] = cells.as_slice() else {
            panic!("a row of other form: {row}");
        };
        let statuses: Vec<u16> = statuses.split(", ").map(|s| s.parse().unwrap()).collect();
        let mut depth = 0;
        for (i, part) in codes.split('`').enumerate() {
            if i % 2 == 1 && depth == 0 {
                let twice = documented.insert(part.to_owned(), statuses.clone());
                assert_eq!(twice, None, "{part} is listed twice");
            }
            if i % 2 == 0 {
                depth += part.matches('(').count();
                depth -= part.matches(')').count();
            }
        }
    }
    documented
}

#[test]
fn the_readme_lists_every_error_with_its_status() {
    let (known, documented) = (known(), documented());
    assert!(
        known.len() > 40,
        "only {} codes have a fixture",
        known.len()
    );
    let codes = |map: &BTreeMap<String, _>| map.keys().cloned().collect::<Vec<_>>();
    assert_eq!(
        documented.keys().cloned().collect::<Vec<_>>(),
        codes(&known)
    );
    for (code, status) in known {
        assert!(
            documented[&code].contains(&status),
            "{code} has the status {status}, the README says {:?}",
            documented[&code]
        );
    }
}
