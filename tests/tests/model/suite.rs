//! The suite, against the model: as it is, and with stores that lapse while
//! every change is repeated.

mod plain {
    use driftless_tests::drive::native::Native;

    driftless_tests::suite! { Native::default() }
}

mod repeating {
    use driftless_tests::drive::repeating::Repeating;

    driftless_tests::suite! { Repeating::default() }
}

/// The list of the suite names every check that there is.
#[test]
fn all_checks_are_listed() {
    let sources = [
        include_str!("../../src/suite/blocks.rs"),
        include_str!("../../src/suite/conflicts.rs"),
        include_str!("../../src/suite/feed.rs"),
        include_str!("../../src/suite/operations.rs"),
        include_str!("../../src/suite/places.rs"),
        include_str!("../../src/suite/privacy.rs"),
        include_str!("../../src/suite/versions.rs"),
    ];
    let written = sources.iter().flat_map(|source| source.lines());
    let written: Vec<&str> = written
        .filter_map(|line| line.strip_prefix("pub fn ")?.split('(').next())
        .collect();
    let list = include_str!("../../src/suite/mod.rs");
    for check in &written {
        assert!(
            list.contains(&format!("::{check}\n")),
            "{check} is not listed"
        );
    }
    assert!(written.len() > 50, "{}", written.len());
}
