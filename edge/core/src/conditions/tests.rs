//! What conditions and ranges come to, case by case.

use super::{ConditionalHeaders, Modified, ReadOutcome, Validators, decide};
use crate::range::Span;
use protocol::problem::Problem;

const TAG: &str = "\"file.2\"";
/// The same moment in the three forms that HTTP reads.
const FORMS: [&str; 3] = [
    "Sun, 06 Nov 1994 08:49:37 GMT",
    "Sunday, 06-Nov-94 08:49:37 GMT",
    "Sun Nov  6 08:49:37 1994",
];
const BEFORE: &str = "Sun, 06 Nov 1994 08:49:36 GMT";
const AFTER: &str = "Sun, 06 Nov 1994 08:49:38 GMT";
/// That moment and a part of a second.
const AT: u64 = 784_111_777_999;

const FAILED: Result<ReadOutcome, Problem> = Err(Problem::PreconditionFailed);
const KNOWN: Result<ReadOutcome, Problem> = Ok(ReadOutcome::NotModified);
const WHOLE: Result<ReadOutcome, Problem> = Ok(ReadOutcome::Whole);
const PART: Result<ReadOutcome, Problem> = Ok(ReadOutcome::Part(Span { start: 2, end: 5 }));

fn there(is_strong: bool) -> Validators {
    Validators {
        etag: TAG.to_owned(),
        modified: Some(Modified::new(AT, is_strong)),
    }
}

fn asked(headers: &[(&str, &str)]) -> ConditionalHeaders {
    let mut asked = ConditionalHeaders::default();
    for (name, value) in headers {
        let value = Some((*value).to_owned());
        match *name {
            "if-match" => asked.if_match = value,
            "if-unmodified-since" => asked.if_unmodified_since = value,
            "if-none-match" => asked.if_none_match = value,
            "if-modified-since" => asked.if_modified_since = value,
            "if-range" => asked.if_range = value,
            _ => asked.range = value,
        }
    }
    asked
}

fn get(headers: &[(&str, &str)]) -> Result<ReadOutcome, Problem> {
    decide(&asked(headers), &there(true), 10)
}

#[test]
fn a_reader_that_expects_another_version_is_told_so() {
    for tags in [TAG, "*", " * ", "\"a,b\", \"file.2\"", ",, \"file.2\" ,"] {
        assert_eq!(get(&[("if-match", tags)]), WHOLE, "{tags}");
    }
    for tags in [
        "\"file.1\"",
        "W/\"file.2\"",
        "",
        "file.2",
        "\"a\" *",
        "\"file.2",
    ] {
        assert_eq!(get(&[("if-match", tags)]), FAILED, "{tags}");
    }
    // A piece of a tag is no tag.
    assert_eq!(get(&[("if-match", "\"a,\"file.2\",b\"")]), FAILED);
}

#[test]
fn a_reader_that_expects_no_change_since_a_date_is_told_of_one() {
    for date in FORMS
        .into_iter()
        .chain([AFTER, "yesterday", "", "784111777"])
    {
        assert_eq!(get(&[("if-unmodified-since", date)]), WHOLE, "{date}");
    }
    assert_eq!(get(&[("if-unmodified-since", BEFORE)]), FAILED);
    // If a tag is asked about, the date does not matter.
    assert_eq!(
        get(&[("if-match", TAG), ("if-unmodified-since", BEFORE)]),
        WHOLE
    );
}

#[test]
fn a_reader_that_has_it_is_sent_nothing() {
    for tags in [TAG, "W/\"file.2\"", "*", "\"other\", W/\"file.2\""] {
        assert_eq!(get(&[("if-none-match", tags)]), KNOWN, "{tags}");
    }
    for date in FORMS.into_iter().chain([AFTER]) {
        assert_eq!(get(&[("if-modified-since", date)]), KNOWN, "{date}");
    }
    for date in [BEFORE, "yesterday", "", "784111777"] {
        assert_eq!(get(&[("if-modified-since", date)]), WHOLE, "{date}");
    }
    let another = ("if-none-match", "\"file.1\"");
    assert_eq!(get(&[another, ("if-modified-since", AFTER)]), WHOLE);
    // `If-Match` is looked at before `If-None-Match`, and that before `Range`.
    assert_eq!(
        get(&[("if-match", "\"file.1\""), ("if-none-match", TAG)]),
        FAILED
    );
    assert_eq!(
        get(&[("if-none-match", TAG), ("range", "bytes=2-4")]),
        KNOWN
    );
    assert_eq!(
        get(&[("if-none-match", TAG), ("range", "bytes=99-")]),
        KNOWN
    );
}

#[test]
fn without_a_date_no_date_is_compared() {
    let undated = Validators {
        modified: None,
        ..there(true)
    };
    for name in ["if-unmodified-since", "if-modified-since"] {
        assert_eq!(decide(&asked(&[(name, BEFORE)]), &undated, 10), WHOLE);
    }
    let part = [("range", "bytes=2-4"), ("if-range", FORMS[0])];
    assert_eq!(decide(&asked(&part), &undated, 10), WHOLE);
}

#[test]
fn a_download_goes_on_in_the_same_bytes_only() {
    let range = ("range", "bytes=2-4");
    assert_eq!(get(&[range]), PART);
    assert_eq!(get(&[range, ("if-range", TAG)]), PART);
    assert_eq!(get(&[range, ("if-range", FORMS[0])]), PART);
    for other in [
        "\"file.1\"",
        "W/\"file.2\"",
        "*",
        BEFORE,
        AFTER,
        "yesterday",
        "",
    ] {
        assert_eq!(get(&[range, ("if-range", other)]), WHOLE, "{other}");
    }
    // Two versions of one second have one date.
    let dated = asked(&[range, ("if-range", FORMS[0])]);
    assert_eq!(decide(&dated, &there(false), 10), WHOLE);
    // An `If-Range` that does not hold hides that no byte of the range is there.
    let nowhere = ("range", "bytes=99-");
    assert_eq!(get(&[nowhere, ("if-range", "\"file.1\"")]), WHOLE);
    let refused = Err(Problem::RangeNotSatisfiable { size: 10 });
    assert_eq!(get(&[nowhere]), refused);
    assert_eq!(get(&[("if-range", TAG)]), WHOLE);
}

#[test]
fn head_knows_conditions_and_no_ranges() {
    let head = |headers: &[(&str, &str)]| {
        let asked = ConditionalHeaders {
            is_head: true,
            ..asked(headers)
        };
        decide(&asked, &there(true), 10)
    };
    assert_eq!(head(&[("range", "bytes=2-4")]), WHOLE);
    assert_eq!(head(&[("range", "bytes=99-")]), WHOLE);
    assert_eq!(head(&[("if-none-match", TAG)]), KNOWN);
    assert_eq!(head(&[("if-match", "\"file.1\"")]), FAILED);
}

#[test]
fn a_time_is_told_as_a_date_if_it_has_one() {
    assert_eq!(Modified::new(AT, true).header().as_deref(), Some(FORMS[0]));
    let last = Modified::new(253_402_300_799_999, true).header();
    assert_eq!(last.as_deref(), Some("Fri, 31 Dec 9999 23:59:59 GMT"));
    assert_eq!(Modified::new(253_402_300_800_000, true).header(), None);
    assert_eq!(Modified::new(u64::MAX, true).header(), None);
}
