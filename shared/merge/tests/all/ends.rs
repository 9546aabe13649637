//! Line ends: merged apart from the lines.
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::{merge, numbered, result};
use merge::{LineEnd, Merge, Pick, RegionKind};

fn lines(end: &str, changes: &[(usize, &str)]) -> String {
    let line = |at: usize| {
        let changed = changes.iter().find(|(line, _)| *line == at);
        changed.map_or_else(|| format!("line {at}"), |(_, text)| (*text).to_owned())
    };
    (0..40).map(|at| line(at) + end).collect()
}

/// Both ways round.
fn merges_to(base: &str, one: &str, other: &str, expected: &str) {
    for (first, second) in [(one, other), (other, one)] {
        let merge = merge(base, first, second);
        assert!(merge.is_complete(), "{:?}", merge.regions());
        assert_eq!(result(&merge).as_deref(), Some(expected));
    }
}

#[test]
fn new_line_ends_and_an_edit_are_no_conflict() {
    for (old, new) in [("\n", "\r\n"), ("\r\n", "\n"), ("\r", "\n"), ("\n", "\r")] {
        merges_to(
            &lines(old, &[]),
            &lines(new, &[]),
            &lines(old, &[(20, "edited"), (39, "the last one, too")]),
            &lines(new, &[(20, "edited"), (39, "the last one, too")]),
        );
    }
}

#[test]
fn new_line_ends_in_nearly_all_lines_are_new_line_ends() {
    let turned = lines("\r\n", &[]).replacen("line 3\r\n", "line 3\n", 1);
    let expected = lines("\r\n", &[(20, "edited")]).replacen("line 3\r\n", "line 3\n", 1);
    let edited = lines("\n", &[(20, "edited")]);
    merges_to(&lines("\n", &[]), &turned, &edited, &expected);
}

#[test]
fn mixed_line_ends_that_somebody_made_alike_stay_alike() {
    let mixed: String = (0..40)
        .map(|at| format!("line {at}{}", if at % 2 == 0 { "\n" } else { "\r\n" }))
        .collect();
    let edited = mixed.replace("line 20\n", "edited\nand more\r\n");
    let expected = lines("\n", &[(20, "edited\nand more")]);
    merges_to(&mixed, &lines("\n", &[]), &edited, &expected);
}

#[test]
fn whichever_side_is_picked_its_line_ends_as_the_others_do() {
    let base = lines("\n", &[]);
    let first = lines("\r\n", &[(20, "by first")]);
    let second = lines("\n", &[(20, "by second")]);
    for (pick, text) in [
        (Pick::First, "by first"),
        (Pick::Second, "by second"),
        (Pick::SecondThenFirst, "by second\r\nby first"),
    ] {
        let mut merge = merge(&base, &first, &second);
        assert_eq!(merge.ends().new, Some(LineEnd::CrLf));
        assert_eq!(merge.counts().conflicts, 1);
        merge.pick_open(&pick);
        assert_eq!(result(&merge), Some(lines("\r\n", &[(20, text)])));
        merge.edit(1, "typed\nby second\n");
        let typed = lines("\r\n", &[(20, "typed\r\nby second")]);
        assert_eq!(result(&merge), Some(typed));
    }
}

#[test]
fn one_line_with_another_end_is_a_change_of_its_own() {
    let base = lines("\n", &[]);
    let one = base.replace("line 7\n", "line 7\r\n");
    let other = lines("\n", &[(7, "line 7"), (9, "nine")]);
    let expected = other.replace("line 7\n", "line 7\r\n");
    merges_to(&base, &one, &other, &expected);
}

#[test]
fn a_last_line_without_an_end_gets_one_and_loses_it() {
    merges_to("a\nb\nc", "a\nb\nc\n", "A\nb\nc", "A\nb\nc\n");
    merges_to("a\nb\nc\n", "a\nb\nc", "A\nb\nc\n", "A\nb\nc");
    // In the line that the other side edited, and before lines that it added.
    merges_to("a\nb\nc", "a\nb\nc\n", "a\nb\nC", "a\nb\nC\n");
    merges_to("a\nb\nc", "a\nb\nc\n", "a\nb\nc\nd", "a\nb\nc\nd\n");
    merges_to("a\nb\nc\n", "a\nb\nc", "a\nb\nc\nd\n", "a\nb\nc\nd");
    // Together with other line ends.
    merges_to("a\nb\nc", "a\r\nb\r\nc\r\n", "a\nb\nC", "a\r\nb\r\nC\r\n");
    merges_to("a\nb\nc\n", "a\r\nb\r\nc", "A\nb\nc\n", "A\r\nb\r\nc");
}

#[test]
fn equal_lines_that_are_typed_around_keep_their_unlike_ends() {
    let base = "head\nx\r\n x\nx\nx\r\nfoot\n";
    let mut merge = merge(
        base,
        "head\nx\r\n x\nx\nx\r\nfirst\nfoot\n",
        "head\nx\r\n x\nx\nx\r\nsecond\nfoot\n",
    );
    // All of the lines that are alike, with one more in their middle.
    let same = 0;
    assert_eq!(merge.regions()[same].kind, RegionKind::Same);
    merge.edit(same, "head\nx\n x\nnew\nx\nx\n");
    merge.pick_open(&Pick::First);
    assert_eq!(
        result(&merge).as_deref(),
        Some("head\nx\r\n x\nnew\nx\nx\r\nfirst\nfoot\n")
    );
}

#[test]
fn a_long_file_with_new_line_ends_is_merged_at_once() {
    let base = numbered(20_000).concat();
    let first = base.replace('\n', "\r\n");
    let second = base.replace("line 7777\n", "edited\n");
    let merge: Merge = merge(&base, &first, &second);
    assert_eq!(merge.counts().conflicts, 0);
    assert_eq!(
        result(&merge),
        Some(first.replace("line 7777\r\n", "edited\r\n"))
    );
}
