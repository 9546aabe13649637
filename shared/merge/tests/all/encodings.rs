//! Files in older encodings: whatever is picked and typed, the lines that were
//! not touched keep their bytes.

use merge::{Encoding, LineEnd, Merge, Pick, RegionKind, Text, Unwritable};
use proptest::prelude::*;
use std::ops::Range;

/// Encodings with characters of theirs; those of several bytes among them with
/// second bytes that are ASCII's.
const SAMPLES: [(Encoding, &str, &str); 13] = [
    (Encoding::Gbk, "gbk", "中文字符丂丄仸俓冡倈。，→"),
    (Encoding::Gb18030, "gb18030", "中文字符㐀㐁丂𠀀€ḿ"),
    (Encoding::Big5, "big5", "中文字功許蓋閱，。"),
    (
        Encoding::ShiftJis,
        "shift_jis",
        "日本語表ソ能十ｱｲ貼ひらカナ、。",
    ),
    (Encoding::EucJp, "euc-jp", "日本語表ソ能十ひらカナ、。"),
    (Encoding::EucKr, "euc-kr", "한국어똠방각하뷁가나다힣"),
    (
        Encoding::Windows1251,
        "windows-1251",
        "Привет, мир №1 — «да»",
    ),
    (Encoding::Windows1252, "windows-1252", "Zoë été 10 € “ja” ÿ"),
    (
        Encoding::Windows1250,
        "windows-1250",
        "Příliš žluťoučký kůň",
    ),
    (Encoding::Iso8859_2, "iso-8859-2", "Příliš žluťoučký kůň ąę"),
    (Encoding::Koi8R, "koi8-r", "Привет, мир ─│"),
    (
        Encoding::Utf16Le,
        "utf-16le",
        "日本 \u{0A0A}\u{0D0D}\u{0A00}\u{000C} 😀",
    ),
    (
        Encoding::Utf16Be,
        "utf-16be",
        "日本 \u{0A0A}\u{0D0D}\u{0A00}\u{0D00} 😀",
    ),
];

/// Characters as bytes, by other means than those that are tested.
fn written(label: &str, chars: &str) -> Vec<u8> {
    match label {
        "utf-16le" => chars.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        "utf-16be" => chars.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        _ => {
            let codec = encoding_rs::Encoding::for_label(label.as_bytes()).expect("it is known");
            let (bytes, _, has_lacking) = codec.encode(chars);
            assert!(!has_lacking, "{label} lacks one of {chars}");
            bytes.into_owned()
        }
    }
}

fn mark(label: &str) -> &'static [u8] {
    match label {
        "utf-16le" => b"\xFF\xFE",
        "utf-16be" => b"\xFE\xFF",
        _ => b"",
    }
}

/// Lines of some of these characters, told by numbers.
fn line(label: &str, chars: &str, number: u16) -> Vec<u8> {
    let all: Vec<char> = chars.chars().collect();
    let some =
        (0..usize::from(number) % 7).map(|at| all[(usize::from(number) / 7 + at) % all.len()]);
    let text: String = some.collect();
    written(label, &format!("{number} {text}\n"))
}

#[derive(Clone, Debug)]
enum Edit {
    Keep,
    Delete,
    Replace(u16),
    Insert(u16),
}

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let edit = prop_oneof![
        6 => Just(Edit::Keep),
        1 => Just(Edit::Delete),
        2 => (1_000..2_000u16).prop_map(Edit::Replace),
        1 => (2_000..3_000u16).prop_map(Edit::Insert),
    ];
    prop::collection::vec(edit, 10)
}

fn edited(base: &[Vec<u8>], edits: &[Edit], of: &dyn Fn(u16) -> Vec<u8>) -> Vec<Vec<u8>> {
    let mut lines = Vec::new();
    for (line, edit) in base.iter().zip(edits) {
        match edit {
            Edit::Keep => lines.push(line.clone()),
            Edit::Delete => {}
            Edit::Replace(number) => lines.push(of(*number)),
            Edit::Insert(number) => lines.extend([of(*number), line.clone()]),
        }
    }
    lines
}

fn pick() -> impl Strategy<Value = Option<Pick>> {
    prop_oneof![
        2 => Just(None),
        1 => Just(Some(Pick::First)),
        1 => Just(Some(Pick::Second)),
        1 => Just(Some(Pick::FirstThenSecond)),
        1 => Just(Some(Pick::SecondThenFirst)),
        2 => Just(Some(Pick::Edited { text: String::new() })),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn lines_that_were_not_touched_keep_their_bytes_and_typed_ones_come_back(
        which in 0..SAMPLES.len(),
        of_first in edits(),
        of_second in edits(),
        picks in prop::collection::vec(pick(), 40),
        is_damaged in any::<bool>(),
    ) {
        let (encoding, label, chars) = SAMPLES[which];
        let of = |number| line(label, chars, number);
        let mut base: Vec<Vec<u8>> = (0..10).map(of).collect();
        if is_damaged && mark(label).is_empty() {
            // No character in some of these encodings, and none that is typed.
            base[4] = b"4 \x81 \xFF \xA0\x20 \x8F\n".to_vec();
        }
        let sides = [base.clone(), edited(&base, &of_first, &of), edited(&base, &of_second, &of)];
        let files = sides.clone().map(|lines| [mark(label).to_vec(), lines.concat()].concat());
        let texts = Text::decode_together([&files[0], &files[1], &files[2]]);
        let Ok([base, first, second]) = texts else {
            // The damage made it look like no text at all.
            prop_assert!(is_damaged);
            return Ok(());
        };
        let (mut merge, _) = Merge::new(base, first, second).read_as([encoding; 2], Vec::new());
        let typed_line = format!("typed: {}\n", chars.trim_matches('\u{C}'));
        let mut expected = mark(label).to_vec();
        for (region, pick) in picks.iter().enumerate().take(merge.regions().len()) {
            let known = merge.regions()[region].clone();
            let first = sides[1][known.first.clone()].concat();
            let second = sides[2][known.second.clone()].concat();
            let pick = match (pick, known.kind) {
                (None, RegionKind::Conflict) => Some(Pick::Second),
                (pick, _) => pick.clone(),
            };
            let of_pick = match (&pick, known.kind) {
                (None, RegionKind::FromSecond) | (Some(Pick::Second), _) => second,
                (None, _) | (Some(Pick::First), _) => first,
                (Some(Pick::FirstThenSecond), _) => [first, second].concat(),
                (Some(Pick::SecondThenFirst), _) => [second, first].concat(),
                (Some(Pick::Edited { .. }), _) => {
                    // Typed above all that is there.
                    let start = merge.region(region).expect("it exists").start;
                    let there = match known.kind {
                        RegionKind::Conflict => [first, second].concat(),
                        RegionKind::FromSecond => second,
                        _ => first,
                    };
                    merge.edit(region, &format!("{typed_line}{start}"));
                    [written(label, &typed_line), there].concat()
                }
            };
            expected.extend(of_pick);
            if !matches!(pick, Some(Pick::Edited { .. })) {
                merge.pick(region, pick);
            }
        }
        let merged = merge.result().expect("it has all that was typed");
        prop_assert_eq!(merged.encoding, encoding);
        prop_assert_eq!(&merged.bytes, &expected);
        // Another reading changes what is seen and nothing else.
        if mark(label).is_empty() {
            let edited = |pick: &Option<Pick>| matches!(pick, Some(Pick::Edited { .. }));
            if !picks.iter().any(edited) {
                let (other, applied) = merge.read_as([Encoding::Koi8U; 2], Vec::new());
                prop_assert_eq!(applied.again, 0);
                prop_assert_eq!(other.result().expect("picks stay").bytes, expected);
            }
        }
    }
}

/// A passage in lines, as people have them.
fn passage(label: &str) -> String {
    let words = match label {
        "windows-1251" | "koi8-r" => "В начале было слово, и слово было у всех на устах",
        "gbk" => "这是一个用来测试编码的文件，每一行都有一些汉字",
        "big5" => "這是一個用來測試編碼的檔案，每一行都有一些漢字",
        "shift_jis" | "euc-jp" => "これは文字コードを調べるためのファイルです。表示能力",
        "euc-kr" => "이것은 문자 인코딩을 시험하기 위한 파일입니다",
        "windows-1250" => "Příliš žluťoučký kůň úpěl ďábelské ódy, šťastný večer",
        _ => "L’été dernier, Zoë a mangé une crème brûlée à Noël",
    };
    (0..20).map(|line| format!("{line}. {words}\r\n")).collect()
}

#[test]
fn a_file_in_an_old_encoding_is_changed_in_one_line_only() {
    let labels = [
        ("windows-1251", Encoding::Windows1251),
        ("koi8-r", Encoding::Koi8U),
        ("gbk", Encoding::Gbk),
        ("big5", Encoding::Big5),
        ("shift_jis", Encoding::ShiftJis),
        ("euc-jp", Encoding::EucJp),
        ("euc-kr", Encoding::EucKr),
        ("windows-1250", Encoding::Windows1250),
        ("windows-1252", Encoding::Windows1252),
    ];
    for (label, encoding) in labels {
        let base = passage(label);
        let file = |text: &str| written(label, text);
        let side = |who: &str| base.replacen("10. ", &format!("10, {who}. "), 1);
        let (first, second) = (file(&side("A")), file(&side("B")));
        let texts = Text::decode_together([&file(&base), &first, &second]).expect("they are text");
        let [of_base, of_first, of_second] = texts;
        assert_eq!(of_first.encoding, encoding, "{label}");
        assert_eq!(of_base.lines.as_str(), base, "{label}");
        let mut merge = Merge::new(of_base, of_first, of_second);
        let region = 1;
        let start = merge.region(region).expect("it exists").start;
        let typed = start
            .lines()
            .next()
            .expect("a line")
            .replace("10, A.", "10 ☃");
        merge.edit(region, &format!("{typed}\n"));
        // No old encoding has a snowman; Chinese's newest has all.
        let Err(Unwritable::Lacking(lacking)) = merge.result() else {
            panic!("{label} has no snowman");
        };
        assert_eq!((lacking.encoding, lacking.chars), (encoding, vec!['☃']));

        merge.edit(region, &format!("{}\n", typed.replace('☃', "typed")));
        let merged = merge.result().expect("it has that");
        let expected = file(&base.replacen("10. ", "10 typed ", 1));
        assert_eq!(merged.bytes, expected, "{label}");

        // Converted, if that is wanted, it is the same text.
        merge.edit(region, &format!("{typed}\n"));
        merge.write_in(Some(Encoding::Utf8));
        let converted = merge.result().expect("UTF-8 has it");
        let expected = base.replacen("10. ", "10 ☃ ", 1);
        assert_eq!(String::from_utf8(converted.bytes), Ok(expected));
        assert!(converted.is_encoding_changed);
    }
}

#[test]
fn the_texts_of_a_merge_are_read_alike() {
    // Too short to be told by itself, in each of the three.
    let word = |text: &str| written("windows-1251", text);
    let texts = [word("Цена: да"), word("Цена: нет"), word("Цена: ну")];
    let long = written("windows-1251", &passage("windows-1251"));
    let [of_long, of_short] = Text::decode_together([&long, &texts[0]]).expect("they are text");
    assert_eq!(of_long.encoding, Encoding::Windows1251);
    assert_eq!(of_short.encoding, Encoding::Windows1251);
    let [one, other, third] =
        Text::decode_together([&texts[0], &texts[1], &texts[2]]).expect("they are text");
    assert_eq!(one.encoding, other.encoding);
    assert_eq!(one.encoding, third.encoding);
}

#[test]
fn a_side_that_converted_the_file_and_one_that_edited_it_are_merged() {
    let base = passage("windows-1251");
    let file = |text: &str| written("windows-1251", text);
    let edit = base.replacen("7. ", "7, edited. ", 1);
    let converted = base.replacen("15. ", "15 ☃ ", 1);
    let expected = edit.replacen("15. ", "15 ☃ ", 1);
    for is_first in [true, false] {
        let (first, second) = if is_first {
            (converted.clone().into_bytes(), file(&edit))
        } else {
            (file(&edit), converted.clone().into_bytes())
        };
        let texts = Text::decode_together([&file(&base), &first, &second]).expect("they are text");
        let [of_base, first, second] = texts;
        let merge = Merge::new(of_base, first, second);
        assert!(merge.is_complete());
        let merged = merge.result().expect("nothing is missing");
        assert_eq!(merged.encoding, Encoding::Utf8);
        assert_eq!(String::from_utf8(merged.bytes), Ok(expected.clone()));
    }
}

#[test]
fn lines_of_a_side_in_another_encoding_are_never_mixed_in_as_they_are() {
    let base = passage("windows-1251");
    let first = written("windows-1251", &base.replacen("7. ", "7, first. ", 1));
    // Both left the base's encoding behind, each for another one.
    let second = written("koi8-r", &base.replacen("7. ", "7, second. ", 1));
    let old = base.as_bytes();
    let [of_base, first, second] =
        Text::decode_together([old, &first, &second]).expect("they are text");
    assert_eq!(first.encoding, Encoding::Windows1251);
    assert_eq!(second.encoding, Encoding::Koi8U);
    let mut merge = Merge::new(of_base, first, second);
    merge.pick_open(&Pick::Second);
    let merged = merge.result().expect("both have these characters");
    assert_eq!(merged.encoding, Encoding::Windows1251);
    let expected = base.replacen("7. ", "7, second. ", 1);
    assert_eq!(merged.bytes, written("windows-1251", &expected));
}

#[test]
fn a_mark_that_one_side_put_before_the_text_is_in_the_result() {
    let with_mark = |text: &str| [b"\xEF\xBB\xBF", text.as_bytes()].concat();
    let cases = [
        (
            b"a\nb\nc\n".to_vec(),
            with_mark("a\nb\nc\n"),
            b"A\nb\nc\n".to_vec(),
            with_mark("A\nb\nc\n"),
        ),
        (
            with_mark("a\nb\nc\n"),
            b"a\nb\nc\n".to_vec(),
            with_mark("A\nb\nc\n"),
            b"A\nb\nc\n".to_vec(),
        ),
        (
            with_mark("ä\nb\nc\n"),
            "ä\nb\nc\n".into(),
            with_mark("ä\nb\nC\n"),
            "ä\nb\nC\n".into(),
        ),
    ];
    for (base, one, other, expected) in cases {
        for (first, second) in [(&one, &other), (&other, &one)] {
            let [base, first, second] =
                Text::decode_together([&base, first, second]).expect("they are text");
            let merged = Merge::new(base, first, second).result();
            assert_eq!(merged.expect("nothing conflicts").bytes, expected);
        }
    }
}

#[test]
fn a_stray_byte_in_utf_8_makes_it_no_other_encoding() {
    let mut base = passage("windows-1251").into_bytes();
    let at = base
        .iter()
        .position(|byte| *byte == b'3')
        .expect("a line with it");
    base.insert(at, 0xFF);
    let file = |from: &str, to: &str| {
        let at = base
            .windows(from.len())
            .position(|window| window == from.as_bytes());
        let at: Range<usize> = at.map(|at| at..at + from.len()).expect("it is there");
        [&base[..at.start], to.as_bytes(), &base[at.end..]].concat()
    };
    let (first, second) = (file("10. ", "10, A. "), file("10. ", "10, B. "));
    let [of_base, first, second] =
        Text::decode_together([&base, &first, &second]).expect("they are text");
    assert_eq!(of_base.encoding, Encoding::Utf8);
    let mut merge = Merge::new(of_base, first, second);
    merge.edit(1, "→\n");
    let merged = merge.result().expect("UTF-8 has it");
    let mut expected = file("10. ", "→");
    let line_end = expected
        .windows(3)
        .position(|window| window == "→".as_bytes());
    let from = line_end.expect("typed") + 3;
    let to = from
        + expected[from..]
            .iter()
            .position(|byte| *byte == b'\r')
            .expect("an end");
    expected.drain(from..to);
    assert_eq!(merged.bytes, expected);
    // The byte itself can't be converted: that is told, not done.
    merge.write_in(Some(Encoding::Utf16Le));
    let lacking = merge.lacking().or_else(|| match merge.result() {
        Err(Unwritable::Lacking(lacking)) => Some(lacking),
        _ => None,
    });
    assert_eq!(lacking.map(|lacking| lacking.chars), Some(vec!['\u{FFFD}']));
}

#[test]
fn old_macs_line_ends_are_found_in_every_encoding() {
    let base = "один\rдва\rтри\rчетыре\r";
    let of = |text: &str| written("windows-1251", text);
    let [of_base, first, second] = Text::decode_together([
        &of(base),
        &of(&base.replace("один", "раз")),
        &of(&base.replace("четыре", "пять")),
    ])
    .expect("they are text");
    assert_eq!(of_base.lines.usual_end(), LineEnd::Cr);
    let merged = Merge::new(of_base, first, second).result();
    assert_eq!(
        merged.map(|merged| merged.bytes),
        Ok(of("раз\rдва\rтри\rпять\r"))
    );
}
