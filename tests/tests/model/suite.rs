//! The suite, against the model: with each form of a content, and with stores that
//! lapse while every change is repeated.

mod whole {
    use driftless_tests::client::Form;
    use driftless_tests::drive::native::Native;

    driftless_tests::suite! { Native::with_form(Form::Whole) }
}

mod spliced {
    use driftless_tests::client::Form;
    use driftless_tests::drive::native::Native;

    driftless_tests::suite! { Native::with_form(Form::Spliced) }
}

mod repeating {
    use driftless_tests::drive::repeating::Repeating;

    driftless_tests::suite! { Repeating::default() }
}

/// The list of the suite names every check that there is.
#[test]
fn all_checks_are_listed() {
    let list = include_str!("../../src/suite/mod.rs");
    let mut checks = 0;
    for file in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src/suite")).unwrap() {
        let file = file.unwrap().path();
        let subject = file.file_stem().unwrap().to_str().unwrap();
        for line in std::fs::read_to_string(&file).unwrap().lines() {
            let Some(check) = line.strip_prefix("pub fn ") else {
                continue;
            };
            let check = check.split(['(', '<']).next().unwrap();
            let listed = format!("            {subject}::{check}\n");
            assert!(list.contains(&listed), "{subject}::{check} is not listed");
            checks += 1;
        }
    }
    assert!(checks > 100, "{checks}");
}
