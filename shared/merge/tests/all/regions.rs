#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::{merge, numbered, result, text};
use merge::{Merge, Pick, RegionKind, Seek, Text};

fn kinds(merge: &Merge) -> Vec<RegionKind> {
    merge.regions().iter().map(|region| region.kind).collect()
}

#[test]
fn what_one_side_changed_is_merged_already() {
    let merge = merge("a\nb\nc\nd\ne\n", "A\nb\nc\nd\ne\n", "a\nb\nc\nd\nE\n");
    assert_eq!(
        kinds(&merge),
        [
            RegionKind::FromFirst,
            RegionKind::Same,
            RegionKind::FromSecond
        ]
    );
    assert!(merge.is_complete());
    assert_eq!(result(&merge).as_deref(), Some("A\nb\nc\nd\nE\n"));
    assert_eq!(merge.counts().merged, 2);
}

#[test]
fn what_both_changed_alike_is_no_conflict() {
    let merge = merge("a\nb\nc\n", "a\nB\nc\n", "a\nB\nc\n");
    assert_eq!(
        kinds(&merge),
        [RegionKind::Same, RegionKind::Both, RegionKind::Same]
    );
    assert_eq!(result(&merge).as_deref(), Some("a\nB\nc\n"));
}

#[test]
fn each_choice_gives_what_it_says() {
    let cases = [
        (Pick::First, "a\nX\nc\n"),
        (Pick::Second, "a\nY\nZ\nc\n"),
        (Pick::FirstThenSecond, "a\nX\nY\nZ\nc\n"),
        (Pick::SecondThenFirst, "a\nY\nZ\nX\nc\n"),
        (
            Pick::Edited {
                text: "my own\n".into(),
            },
            "a\nmy own\nc\n",
        ),
        (
            Pick::Edited {
                text: String::new(),
            },
            "a\nc\n",
        ),
    ];
    for (pick, expected) in cases {
        let mut merge = merge("a\nb\nc\n", "a\nX\nc\n", "a\nY\nZ\nc\n");
        assert_eq!(result(&merge), None);
        assert!(!merge.is_complete());
        let open = merge.next(Seek::Open, None).expect("one is open");
        merge.pick(open, Some(pick));
        assert!(merge.is_complete());
        assert_eq!(result(&merge).as_deref(), Some(expected));
    }
}

#[test]
fn a_line_is_never_glued_to_the_next_one() {
    let mut merge = merge("a\r\nlast", "a\r\nfirst", "a\r\nsecond");
    merge.pick(1, Some(Pick::FirstThenSecond));
    assert_eq!(result(&merge).as_deref(), Some("a\r\nfirst\r\nsecond"));
    merge.pick(
        0,
        Some(Pick::Edited {
            text: "typed".into(),
        }),
    );
    assert_eq!(result(&merge).as_deref(), Some("typed\r\nfirst\r\nsecond"));
}

#[test]
fn what_both_sides_begin_and_end_with_alike_is_not_in_the_conflict() {
    let merge = merge(
        "x\ny\n",
        "x\nuse a\nfirst\nuse z\ny\n",
        "x\nuse a\nsecond\nuse z\ny\n",
    );
    let expected = [
        RegionKind::Same,
        RegionKind::Both,
        RegionKind::Conflict,
        RegionKind::Both,
        RegionKind::Same,
    ];
    assert_eq!(kinds(&merge), expected);
    let conflict = merge.region(2).expect("there is one");
    assert_eq!(
        (conflict.first.as_str(), conflict.second.as_str()),
        ("first\n", "second\n")
    );
}

#[test]
fn changes_that_touch_are_one() {
    let merge = merge("a\nb\nc\nd\n", "a\nB\nc\nd\n", "a\nb\nC\nd\n");
    assert_eq!(
        kinds(&merge),
        [RegionKind::Same, RegionKind::Conflict, RegionKind::Same]
    );
}

#[test]
fn two_files_under_one_name_have_an_empty_base() {
    let mut merge = Merge::new(Text::empty(), text("one\n"), text("two\n"));
    assert_eq!(kinds(&merge), [RegionKind::Conflict]);
    merge.pick(0, Some(Pick::FirstThenSecond));
    assert_eq!(result(&merge).as_deref(), Some("one\ntwo\n"));
    let nothing = Merge::new(Text::empty(), Text::empty(), Text::empty());
    assert!(nothing.is_complete());
    assert_eq!(result(&nothing).as_deref(), Some(""));
}

#[test]
fn what_is_merged_already_can_be_picked_otherwise() {
    let mut merge = merge("a\nb\nc\nd\ne\n", "A\nb\nc\nd\ne\n", "a\nb\nc\nd\nE\n");
    merge.pick(0, Some(Pick::Second));
    merge.pick(
        1,
        Some(Pick::Edited {
            text: "rest\n".into(),
        }),
    );
    assert_eq!(result(&merge).as_deref(), Some("a\nrest\nE\n"));
    assert_eq!(merge.counts().overridden, 2);
    merge.pick(0, None);
    assert_eq!(result(&merge).as_deref(), Some("A\nrest\nE\n"));
}

#[test]
fn typed_lines_end_as_they_did_or_as_most_do() {
    let base = "one\r\ntwo\nthree\r\nfour\r\n";
    let mut merge = merge(
        base,
        "one\r\n2\ndrei\r\nfour\r\n",
        "one\r\nTWO\nTHREE\r\nfour\r\n",
    );
    merge.edit(1, "2\nnew\nTHREE\n");
    assert_eq!(
        result(&merge).as_deref(),
        Some("one\r\n2\nnew\r\nTHREE\r\nfour\r\n")
    );
}

#[test]
fn the_search_goes_round() {
    let base = "a\nb\nc\nd\ne\n";
    let mut merge = merge(base, "1\nb\n3\nd\n5\n", "x\nb\ny\nd\nz\n");
    assert_eq!(merge.next(Seek::Open, None), Some(0));
    assert_eq!(merge.next(Seek::Open, Some(0)), Some(2));
    assert_eq!(merge.next(Seek::Open, Some(4)), Some(0));
    assert_eq!(merge.previous(Seek::Open, None), Some(4));
    assert_eq!(merge.previous(Seek::Open, Some(0)), Some(4));
    merge.pick(4, Some(Pick::First));
    assert_eq!(merge.previous(Seek::Open, Some(0)), Some(2));
    assert_eq!(merge.previous(Seek::Conflict, Some(0)), Some(4));
    merge.pick_open(&Pick::Second);
    assert_eq!(merge.next(Seek::Open, Some(2)), None);
    assert_eq!(result(&merge).as_deref(), Some("x\nb\ny\nd\n5\n"));
}

#[test]
fn steps_are_undone_and_made_again() {
    let mut merge = merge("a\nb\nc\n", "1\nb\n2\n", "x\nb\ny\n");
    assert!(!merge.undo());
    merge.pick(0, Some(Pick::First));
    // The same again is no step.
    merge.pick(0, Some(Pick::First));
    merge.pick_open(&Pick::Second);
    assert_eq!(result(&merge).as_deref(), Some("1\nb\ny\n"));
    assert!(merge.undo());
    assert_eq!(merge.counts().resolved, 1);
    assert!(merge.undo());
    assert_eq!(merge.counts().resolved, 0);
    assert!(!merge.undo());
    assert!(merge.redo() && merge.redo() && !merge.redo());
    assert_eq!(result(&merge).as_deref(), Some("1\nb\ny\n"));
    merge.undo();
    merge.pick(2, Some(Pick::First));
    assert!(!merge.counts().can_redo);
    assert_eq!(result(&merge).as_deref(), Some("1\nb\n2\n"));
}

#[test]
fn large_files_that_have_nothing_in_common_are_one_conflict() {
    let base = numbered(30_000).concat();
    let first: String = (0..30_000).map(|line| format!("first {line}\n")).collect();
    let second: String = (0..30_000).map(|line| format!("second {line}\n")).collect();
    let mut merge = merge(&base, &first, &second);
    assert_eq!(kinds(&merge), [RegionKind::Conflict]);
    merge.pick(0, Some(Pick::Second));
    assert_eq!(result(&merge), Some(second));
}

#[test]
fn what_does_not_exist_is_not_answered() {
    let mut merge = merge("a\n", "b\n", "c\n");
    merge.pick(7, Some(Pick::First));
    merge.edit(7, "x");
    assert!(merge.region(7).is_none());
    assert_eq!(merge.next(Seek::Open, Some(usize::MAX)), Some(0));
    assert!(!merge.counts().can_undo);
}
