#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::merge;
use merge::ChangedLines;

fn changed(old: &str, new: &str) -> ChangedLines {
    merge(old, old, new).lines_of_second()
}

fn lines(removed: usize, added: usize) -> ChangedLines {
    ChangedLines { removed, added }
}

#[test]
fn lines_that_were_put_in_taken_out_and_changed_are_counted() {
    assert_eq!(changed("", ""), lines(0, 0));
    assert_eq!(changed("a\nb\n", "a\nb\n"), lines(0, 0));
    assert_eq!(changed("", "a\nb"), lines(0, 2));
    assert_eq!(changed("a\nb\n", ""), lines(2, 0));
    assert_eq!(changed("a\nb\nc\n", "a\nB\nc\nd\n"), lines(1, 2));
    // An end of a line is none.
    assert_eq!(changed("a\nb\n", "a\r\nb\r\n"), lines(0, 0));
}

#[test]
fn a_long_line_is_one_line() {
    let words = |from: usize| -> String {
        let words = (from..from + 20_000).map(|n| format!("word{n} "));
        words.collect()
    };
    let old = format!("head\n{}\nend\n", words(0));
    let new = format!("head\n{}\nend\n", words(50_000));
    assert!(
        merge(&old, &old, &new).row_count(merge::View::Sides) > 4,
        "it is in pieces"
    );
    assert_eq!(changed(&old, &new), lines(1, 1));
}

#[test]
fn what_the_first_side_changed_is_not_counted() {
    let merge = merge("a\nb\nc\n", "A\nb\nc\n", "a\nb\nC\nd\n");
    assert_eq!(merge.lines_of_second(), lines(1, 2));
}
