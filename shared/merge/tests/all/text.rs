#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use merge::detect::MAX_TEXT_BYTES;
use merge::{Encoding, LineEnd, Merge, NotText, Pick, Text, Unwritable};

fn lines(text: &Text) -> Vec<&str> {
    text.lines.iter().collect()
}

/// Decodes, and checks that the bytes come back.
fn decoded(bytes: &[u8]) -> Text {
    let text = Text::decode(bytes).expect("it is text");
    assert_eq!(text.encode(), bytes);
    text
}

#[test]
fn every_line_keeps_its_end() {
    let text = decoded(b"unix\nwindows\r\nold mac\r\n\r\rlast");
    let expected = ["unix\n", "windows\r\n", "old mac\r\n", "\r", "\r", "last"];
    // "\r\n\r\r": the first is the end of "old mac", two empty lines follow.
    assert_eq!(lines(&text), expected);
    assert_eq!(LineEnd::of("last"), LineEnd::None);
    assert_eq!(decoded(b"\n\n").lines.len(), 2);
    assert_eq!(decoded(b"").lines.len(), 0);
}

#[test]
fn the_usual_end_is_the_commonest() {
    assert_eq!(decoded(b"a\r\nb\r\nc\n").lines.usual_end(), LineEnd::CrLf);
    assert_eq!(decoded(b"a\rb\rc").lines.usual_end(), LineEnd::Cr);
    assert_eq!(decoded(b"a\nb").lines.usual_end(), LineEnd::Lf);
    assert_eq!(decoded(b"a").lines.usual_end(), LineEnd::None);
}

#[test]
fn encodings_are_told_apart() {
    let cases: [(&[u8], Encoding, &str); 7] = [
        ("Zoë\n".as_bytes(), Encoding::Utf8, "Zoë\n"),
        (b"\xEF\xBB\xBFZo\xC3\xAB\n", Encoding::Utf8Bom, "Zoë\n"),
        (b"\xEF\xBB\xBF", Encoding::Utf8Bom, ""),
        (b"\xFF\xFEZ\0\xEB\0\n\0", Encoding::Utf16Le, "Zë\n"),
        (b"\xFE\xFF\0Z\0\xEB\0\n", Encoding::Utf16Be, "Zë\n"),
        (b"\xFF\xFE\x3D\xD8\x00\xDE", Encoding::Utf16Le, "😀"),
        (
            b"Zo\xEB \x80 \x93\r\n",
            Encoding::Windows1252,
            "Zoë € “\r\n",
        ),
    ];
    for (bytes, encoding, chars) in cases {
        let text = decoded(bytes);
        assert_eq!((text.encoding, text.lines.as_str()), (encoding, chars));
    }
}

#[test]
fn what_does_not_come_back_is_not_text() {
    let binaries: [&[u8]; 8] = [
        b"\0",
        b"text with a \0 in it",
        // Half a unit, and half a pair of units.
        b"\xFF\xFEa",
        b"\xFF\xFE\x3D\xD8",
        b"\xFF\xFE\0\0",
        // Control characters that no text has.
        b"\xE9\x01",
        b"\xFFPNG\x1A\n",
        b"\xEF\xBB\xBF\xFF",
    ];
    for bytes in binaries {
        assert_eq!(Text::decode(bytes), Err(NotText::Binary), "{bytes:?}");
    }
    let large = vec![b' '; MAX_TEXT_BYTES + 1];
    assert_eq!(Text::decode(&large), Err(NotText::TooLarge));
}

#[test]
fn the_result_takes_the_first_sides_encoding() {
    let base = Text::decode(b"one\ntwo\n").expect("text");
    let first = Text::decode(b"\xFF\xFEo\0n\0e\0\n\0T\0W\0O\0\n\0").expect("text");
    let second = Text::decode("eins €\ntwo\n".as_bytes()).expect("text");
    let mut merge = Merge::new(base, first, second);
    let encodings = [Encoding::Utf8, Encoding::Utf16Le, Encoding::Utf8];
    assert_eq!(merge.encodings(), encodings);
    assert_eq!(merge.result(), Err(Unwritable::Open));
    merge.pick_open(&Pick::SecondThenFirst);
    let merged = merge.result().expect("all is picked");
    assert_eq!(merged.encoding, Encoding::Utf16Le);
    assert!(!merged.is_encoding_changed);
    let text = decoded(&merged.bytes);
    assert_eq!(text.lines.as_str(), "eins €\ntwo\none\nTWO\n");
}

#[test]
fn a_character_that_the_encoding_lacks_is_told_before_anything_is_written() {
    let base = Text::decode(b"\xE9\n").expect("text");
    let first = Text::decode(b"\xE9t\xE9\n").expect("text");
    let second = Text::decode(b"\xE9t\xE9!\n").expect("text");
    let mut merge = Merge::new(base, first, second);
    merge.pick_open(&Pick::First);
    let kept = merge.result().expect("all is picked");
    assert_eq!(kept.bytes, b"\xE9t\xE9\n");
    assert_eq!(
        (kept.encoding, kept.is_encoding_changed),
        (Encoding::Windows1252, false)
    );
    merge.edit(0, "été → ☀ →\n");
    let lacking = merge.lacking().expect("two are missing");
    assert_eq!(lacking.chars, ['→', '☀']);
    assert_eq!(
        (lacking.encoding, lacking.region),
        (Encoding::Windows1252, 0)
    );
    assert_eq!(merge.result(), Err(Unwritable::Lacking(lacking)));
    merge.write_in(Some(Encoding::Utf8));
    assert_eq!(merge.lacking(), None);
    let changed = merge.result().expect("UTF-8 has them");
    assert_eq!(changed.bytes, "été → ☀ →\n".as_bytes());
    assert_eq!(
        (changed.encoding, changed.is_encoding_changed),
        (Encoding::Utf8, true)
    );
    // What was decided is in the draft.
    assert_eq!(merge.draft().written_in, Some(Encoding::Utf8));
    merge.write_in(None);
    merge.edit(0, "été €\n");
    assert_eq!(
        merge.result().expect("it has that").bytes,
        b"\xE9t\xE9 \x80\n"
    );
}

#[test]
fn every_byte_of_an_old_file_comes_back_or_it_is_no_text() {
    for byte in 0..=u8::MAX {
        // 0xFF before it: no UTF-8.
        let bytes = [b'a', 0xFF, byte];
        match Text::decode(&bytes) {
            Ok(text) => assert_eq!(text.encode(), bytes),
            Err(why) => assert_eq!(why, NotText::Binary),
        }
    }
}
