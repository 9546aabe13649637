#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use merge::words::changed;

fn slices<'a>(line: &'a str, ranges: &[std::ops::Range<usize>]) -> Vec<&'a str> {
    ranges.iter().map(|range| &line[range.clone()]).collect()
}

fn check(old: &str, new: &str, in_old: &[&str], in_new: &[&str]) {
    let (olds, news) = changed(old, new);
    assert_eq!(slices(old, &olds), in_old, "{old} -> {new}");
    assert_eq!(slices(new, &news), in_new, "{old} -> {new}");
}

#[test]
fn whole_words_are_marked() {
    check(
        "let foobar = 1;",
        "let foobaz = 1;",
        &["foobar"],
        &["foobaz"],
    );
    check("a b c", "a c", &["b "], &[]);
    check("price: 10 €", "price: 12 €", &["10"], &["12"]);
    check("naïve idea", "naïve ideas", &["idea"], &["ideas"]);
    check("f(x)", "f(x, y)", &[], &[", y"]);
    check("same", "same", &[], &[]);
}

#[test]
fn lines_without_anything_in_common_are_marked_whole() {
    check(
        "one two three",
        "quick, brown",
        &["one two three"],
        &["quick, brown"],
    );
    check("", "new", &[], &["new"]);
}
