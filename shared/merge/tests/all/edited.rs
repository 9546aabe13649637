//! Texts that are typed over in a text field: what was not touched keeps its bytes.

use merge::{Encoding, Text};
use proptest::prelude::*;

fn text(bytes: &[u8]) -> Text {
    Text::decode(bytes).expect("it is text")
}

fn typed_over(bytes: &[u8], typed: &str) -> Vec<u8> {
    text(bytes).typed_over(typed).expect("all can be written")
}

#[test]
fn lines_end_as_they_did_and_new_ones_as_most_do() {
    let mixed = b"one\r\ntwo\nthree\r\nfour";
    assert_eq!(
        text(mixed).field().as_deref(),
        Some("one\ntwo\nthree\nfour")
    );
    assert!(text(mixed).has_mixed_ends());
    assert_eq!(
        typed_over(mixed, "one\nnew\n2\nthree\nfour\nfive"),
        b"one\r\nnew\n2\r\nthree\r\nfour\r\nfive"
    );
    assert_eq!(typed_over(b"a\r\nb\r\n", "a\nb\nc\n"), b"a\r\nb\r\nc\r\n");
    // Old Macs.
    assert_eq!(typed_over(b"a\rb\r", "a\nB\n"), b"a\rB\r");
    // A text of one line without an end, and one without a line.
    assert_eq!(typed_over(b"a", "a\nb\n"), b"a\nb\n");
    assert_eq!(typed_over(b"", "a\nb"), b"a\nb");
    assert_eq!(typed_over(b"a\n", ""), b"");
}

#[test]
fn the_mark_and_the_encoding_stay() {
    let marked = "\u{feff}Zoë\r\n".as_bytes();
    assert_eq!(text(marked).field().as_deref(), Some("Zoë\n"));
    assert_eq!(
        typed_over(marked, "Zoë ☃\n"),
        "\u{feff}Zoë ☃\r\n".as_bytes()
    );
    let wide: Vec<u8> = [0xff, 0xfe]
        .into_iter()
        .chain("é\r\n".encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    let expected: Vec<u8> = [0xff, 0xfe]
        .into_iter()
        .chain("é\r\n😀\r\n".encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    assert_eq!(typed_over(&wide, "é\n😀\n"), expected);
    let western = b"caf\xe9 cr\xe8me br\xfbl\xe9e na\xefve d\xe9j\xe0 vu\n";
    let read = text(western);
    assert_eq!(read.encoding, Encoding::Windows1252);
    let field = read.field().expect("all of it is characters");
    assert_eq!(
        typed_over(western, &format!("{field}ni\u{f1}o\n")),
        [&western[..], b"ni\xf1o\n"].concat()
    );
    let unwritten = read.typed_over("☃☃\n").expect_err("it has no snowman");
    assert_eq!(
        (unwritten.encoding, unwritten.chars),
        (Encoding::Windows1252, vec!['☃'])
    );
}

/// A field shows one sign for all such bytes, so they could not be written again.
#[test]
fn bytes_that_are_no_characters_are_not_edited() {
    let damaged = "Zoë été déjà être Noël naïf maïs çà là où fût, ä ö ü ß é è ê ë\n";
    let damaged = [damaged.as_bytes(), b"\xff\n"].concat();
    assert_eq!(text(&damaged).field(), None);
    // The sign itself is a character like others.
    assert!(text("so: \u{fffd}\n".as_bytes()).field().is_some());
}

proptest! {
    #[test]
    fn what_is_not_touched_keeps_its_bytes(
        lines in prop::collection::vec(("[a-cé☃ ]{0,6}", 0..3_usize), 0..12),
        last in "[a-c]{0,3}",
        has_mark in any::<bool>(),
        (at, new) in (0..12_usize, "[x-z]{1,4}"),
    ) {
        let ends = ["\n", "\r\n", "\r"];
        // A line feed at the beginning of what follows would belong to the end before it.
        let mut chars = String::from(if has_mark { "\u{feff}" } else { "" });
        for (content, end) in &lines {
            chars.push_str(content);
            chars.push_str(ends[*end]);
            if ends[*end] == "\r" {
                chars.push('.');
            }
        }
        chars.push_str(&last);
        let read = text(chars.as_bytes());
        let field = read.field().expect("it is sound");
        prop_assert_eq!(read.typed_over(&field).expect("all of it"), chars.as_bytes());
        // A line more, which no other one is like: all that was there is there, in order.
        let mut typed: Vec<&str> = field.split('\n').collect();
        let at = at.min(typed.len() - 1);
        typed.insert(at, &new);
        let bytes = read.typed_over(&typed.join("\n")).expect("all of it");
        let written = String::from_utf8(bytes).expect("UTF-8");
        let found = written.find(&new).expect("it is written");
        let after = written[found + new.len()..].trim_start_matches(['\r', '\n']);
        prop_assert!(chars.starts_with(&written[..found]) || at == typed.len() - 1);
        prop_assert!(chars.ends_with(after));
    }
}
