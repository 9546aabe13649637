//! Long lines, which are merged by their pieces.
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::{merge, result};
use merge::pieces::LONG_LINE_BYTES;
use merge::{Merge, Pick, RegionKind, Text, View};

/// Some program's file: one line, with numbers that differ.
fn minified(items: usize) -> String {
    let item = |at: usize| {
        let price = at.wrapping_mul(2_654_435_761) % 10_000;
        format!(r#"{{"id":{at},"name":"item number {at}","price":{price},"tags":["a","b"]}}"#)
    };
    let items: Vec<String> = (0..items).map(item).collect();
    format!(r#"{{"items":[{}]}}"#, items.join(","))
}

fn renamed(text: &str, item: usize, name: &str) -> String {
    let old = format!("\"item number {item}\"");
    assert!(text.contains(&old));
    text.replace(&old, &format!("\"{name}\""))
}

/// Shows where a long result differs, not all of it.
fn assert_alike(merge: &Merge, expected: &str) {
    let result = result(merge).expect("all is decided");
    let alike = result.bytes().zip(expected.bytes());
    let alike = alike.take_while(|(one, other)| one == other).count();
    let around = |text: &str| -> String {
        text.chars()
            .skip(alike.saturating_sub(60))
            .take(120)
            .collect()
    };
    assert!(
        result == expected,
        "{:?} and not {:?}",
        around(&result),
        around(expected)
    );
}

#[test]
fn edits_far_apart_in_one_line_are_both_in_the_result() {
    let base = minified(30_000);
    assert!(base.len() > 2_000_000 && !base.contains('\n'));
    let first = renamed(
        &renamed(&base, 100, "by first"),
        29_000,
        "by first, at the end",
    );
    let second = renamed(&base, 15_000, "by second, and much longer than it was");
    let merge = merge(&base, &first, &second);
    assert_eq!((merge.counts().conflicts, merge.counts().merged), (0, 3));
    let expected = renamed(&first, 15_000, "by second, and much longer than it was");
    assert!(result(&merge) == Some(expected));
}

#[test]
fn each_change_in_a_long_line_is_shown_and_picked_by_itself() {
    let base = minified(2_000);
    let edited = |who: &str| {
        let one = renamed(&base, 10, &format!("ten by {who}"));
        renamed(&one, 1_900, &format!("nineteen hundred by {who}"))
    };
    let mut merge = merge(&base, &edited("A"), &edited("B"));
    assert_eq!(merge.counts().conflicts, 2);
    let conflicts: Vec<usize> = (0..merge.regions().len())
        .filter(|region| merge.regions()[*region].kind == RegionKind::Conflict)
        .collect();
    for region in &conflicts {
        let row = merge.row_of(View::Sides, *region);
        let rows = merge.side_rows(row - 3..row + 4);
        let changed = rows
            .iter()
            .find(|row| row.region == *region)
            .expect("it is there");
        let cell = changed.first.as_ref().expect("it is there");
        assert!(cell.text.len() <= LONG_LINE_BYTES && cell.is_continued);
        assert!(cell.number == 1 && cell.text.contains("by A"), "{cell:?}");
        assert_eq!(&cell.text[cell.changed[0].clone()], "A");
        // What is around it is the same in both.
        assert!(rows.iter().any(|row| row.region < *region && !row.differs));
        assert!(rows.iter().any(|row| row.region > *region && !row.differs));
    }
    merge.pick(conflicts[0], Some(Pick::First));
    merge.pick(conflicts[1], Some(Pick::Second));
    let expected = renamed(
        &renamed(&base, 10, "ten by A"),
        1_900,
        "nineteen hundred by B",
    );
    assert_alike(&merge, &expected);
    // Typing puts no line end into the line.
    let there = merge.region(conflicts[1]).expect("it exists").start;
    merge.edit(conflicts[1], &there.replace("by B", "typed"));
    let expected = renamed(
        &renamed(&base, 10, "ten by A"),
        1_900,
        "nineteen hundred typed",
    );
    assert_alike(&merge, &expected);
    let rows = merge.result_rows(0..merge.row_count(View::Result));
    let cells = rows.iter().filter_map(|row| row.cell.as_ref());
    assert!(cells.clone().all(|cell| cell.number == 1));
    assert_eq!(cells.filter(|cell| !cell.is_continued).count(), 1);
}

#[test]
fn lines_around_a_long_one_are_counted_as_lines() {
    let long = minified(50);
    let base = format!("before\n{long}\nafter\n");
    let first = renamed(&base, 40, "by first").replace("after", "after it");
    let merge = merge(&base, &first, &renamed(&base, 3, "by second"));
    assert!(merge.is_complete());
    assert_eq!(result(&merge), Some(renamed(&first, 3, "by second")));
    let rows = merge.result_rows(0..merge.row_count(View::Result));
    let begun = rows.iter().filter_map(|row| row.cell.as_ref());
    let begun: Vec<usize> = begun
        .filter(|cell| !cell.is_continued)
        .map(|cell| cell.number)
        .collect();
    assert_eq!(begun, [1, 2, 3]);
}

#[test]
fn a_long_line_that_was_broken_into_lines_is_no_other_text() {
    let base = minified(40);
    let first = base.replace("},{", "},\n{");
    let second = renamed(&base, 30, "by second");
    let mut merge = merge(&base, &first, &second);
    merge.pick_open(&Pick::First);
    let whole = (0..merge.regions().len()).map(|region| (region, Some(Pick::First)));
    merge.pick_all(whole.collect::<Vec<_>>());
    assert_eq!(result(&merge), Some(first));
    let whole = (0..merge.regions().len()).map(|region| (region, Some(Pick::Second)));
    merge.pick_all(whole.collect::<Vec<_>>());
    assert_eq!(result(&merge), Some(second));
}

#[test]
fn long_lines_without_words_or_with_nothing_in_common_take_no_time() {
    let z = |word: &str| format!("{}{word}{}", "é".repeat(400_000), "z".repeat(400_000));
    let mut one = merge(&z("base"), &z("first"), &z("other"));
    assert_eq!(one.counts().conflicts, 1);
    one.pick_open(&Pick::Second);
    assert!(result(&one) == Some(z("other")));
    let digits = |seed: u64| -> String {
        let mut at = seed;
        let mut next = || {
            at = at.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            format!("{},", at >> 40)
        };
        (0..200_000).map(|_| next()).collect()
    };
    let mut unlike = merge(&digits(1), &digits(2), &digits(3));
    unlike.pick_open(&Pick::First);
    assert!(result(&unlike) == Some(digits(2)));
}

#[test]
fn long_lines_in_old_encodings_are_cut_between_characters() {
    for encoding in [
        encoding_rs::GBK,
        encoding_rs::SHIFT_JIS,
        encoding_rs::EUC_KR,
        encoding_rs::BIG5,
        encoding_rs::EUC_JP,
        encoding_rs::WINDOWS_1251,
    ] {
        let word = match encoding.name() {
            "windows-1251" => "Слово и дело, ",
            "EUC-KR" => "한국어문장입니다",
            _ => "日本文字",
        };
        let of = |changed: &[usize]| {
            let words = (0..400).map(|at| {
                let mark = if changed.contains(&at) { "!!" } else { "" };
                format!("{at}{word}{mark}")
            });
            let (bytes, _, has_lacking) = {
                let text: String = words.collect();
                let (bytes, used, lacking) = encoding.encode(&text);
                (bytes.into_owned(), used, lacking)
            };
            assert!(!has_lacking);
            bytes
        };
        let (base, first, second) = (of(&[]), of(&[20]), of(&[380]));
        let texts = Text::decode_together([&base, &first, &second]).expect("they are text");
        let [base, first, second] = texts;
        let name = base.encoding;
        let merge = Merge::new(base, first, second);
        let both = merge.result().map(|merged| merged.bytes);
        assert!(
            both == Ok(of(&[20, 380])),
            "{} read as {name:?}",
            encoding.name()
        );
        for row in merge.side_rows(0..merge.row_count(View::Sides)) {
            let mut cells = [row.first, row.second].into_iter().flatten();
            assert!(cells.all(|cell| !cell.text.contains('\u{FFFD}')));
        }
    }
}
