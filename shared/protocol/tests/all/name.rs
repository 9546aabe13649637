#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use protocol::disks::{disk_key, fits_windows};
use protocol::limits::MAX_NAME_BYTES;
use protocol::name::{self, BadName, Name};

fn name(text: &str) -> Name {
    Name::parse(text).unwrap_or_else(|bad| panic!("{text:?}: {bad}"))
}

#[test]
fn composed_and_decomposed_are_one_name() {
    let composed = name("Caf\u{E9}");
    let decomposed = name("Cafe\u{301}");
    assert_eq!(composed, decomposed);
    assert_eq!(decomposed.as_str(), "Caf\u{E9}");
    // Hangul is composed by rule, not by table.
    assert_eq!(name("\u{1112}\u{1161}\u{11AB}").as_str(), "\u{D55C}");
}

/// Two names that differed in case collided elsewhere and one file was deleted
/// (syncthing#439, owncloud/client#12104).
#[test]
fn names_that_differ_only_in_case_or_composition_have_one_key() {
    for (a, b) in [
        ("README.md", "readme.MD"),
        ("Straße", "STRA\u{1E9E}E"),
        ("ΟΔΟΣ", "οδος"),
        ("οδοσ", "οδος"),
        ("CAF\u{C9}", "cafe\u{301}"),
        ("\u{212A}elvin", "kelvin"),
        ("\u{212B}ngstr\u{F6}m", "\u{E5}NGSTRO\u{308}M"),
        ("\u{1F88}", "\u{1F80}"),
        ("\u{1FBC}", "\u{3B1}\u{345}"),
        // Composed only in one case.
        ("J\u{30C}", "\u{1F0}"),
        ("\u{3AA}\u{301}", "\u{390}"),
        // Cherokee is folded to its capitals.
        ("\u{13A0}", "\u{AB70}"),
        ("x\u{345}", "x\u{3B9}"),
        ("\u{FB05}", "\u{FB06}"),
    ] {
        assert_eq!(name(a).key(), name(b).key(), "{a:?} and {b:?}");
    }
}

#[test]
fn names_that_differ_by_more_than_case_are_two() {
    for (a, b) in [
        ("a", "b"),
        ("e", "\u{E9}"),
        ("Maße.txt", "Masse.txt"),
        ("\u{FB01}le.txt", "file.txt"),
        ("\u{149}", "\u{2BC}n"),
        ("\u{1F80}", "\u{1F00}\u{3B9}"),
        // The dotted and the dotless i are four letters, not two.
        ("\u{130}", "i"),
        ("\u{130}stanbul", "i\u{307}stanbul"),
        ("\u{131}", "i"),
        ("a", "a "),
        ("a  b", "a b"),
        ("a", "\u{430}"),
        ("file.txt", "file_txt"),
        ("a", "a\u{200E}"),
    ] {
        assert_ne!(name(a).key(), name(b).key(), "{a:?} and {b:?}");
    }
}

#[test]
fn names_that_are_one_file_on_some_disks_are_told() {
    for (a, b) in [
        ("Maße.txt", "MASSE.TXT"),
        ("\u{FB01}le.txt", "File.txt"),
        ("\u{130}stanbul", "i\u{307}stanbul"),
        ("report", "report."),
        ("report", "REPORT  "),
        ("a\u{200E}b", "ab"),
        ("\u{202A}C", "c"),
    ] {
        assert_ne!(name(a).key(), name(b).key(), "{a:?} and {b:?}");
        assert_eq!(disk_key(&name(a)), disk_key(&name(b)), "{a:?} and {b:?}");
    }
    for (a, b) in [("a", "b"), (" a", "a"), ("a.b", "ab"), ("a  b", "a b")] {
        assert_ne!(disk_key(&name(a)), disk_key(&name(b)), "{a:?} and {b:?}");
    }
}

#[test]
fn what_windows_can_not_hold_is_known() {
    for text in [
        "CON",
        "con.txt",
        "Aux .c",
        "lpt1",
        "COM\u{B9}.log",
        "NUL.tar.gz",
        "CONIN$",
        "a:b",
        "why?",
        "\"quoted\"",
        "a|b",
        "a*",
        "<a>",
        "ends.",
        "ends ",
    ] {
        assert!(!fits_windows(&name(text)), "{text:?}");
    }
    for text in [
        "contract",
        "COM",
        "COM10",
        "a.con",
        "lpt",
        ".nul",
        "a b",
        "日本語.txt",
    ] {
        assert!(fits_windows(&name(text)), "{text:?}");
    }
}

#[test]
fn the_length_counts_bytes_of_the_composed_form() {
    assert_eq!(name(&"x".repeat(255)).as_str().len(), 255);
    assert_eq!(Name::parse(&"x".repeat(256)), Err(BadName::TooLong));
    assert!(Name::parse(&"é".repeat(127)).is_ok());
    assert_eq!(Name::parse(&"é".repeat(128)), Err(BadName::TooLong));
    // 381 bytes as they come, 254 once composed.
    assert!(Name::parse(&"e\u{301}".repeat(127)).is_ok());
    assert!(Name::parse(&"🦀".repeat(63)).is_ok());
    assert_eq!(Name::parse(&"🦀".repeat(64)), Err(BadName::TooLong));
}

#[test]
fn empty_names_and_spaces_are_refused() {
    for text in ["", " ", "   ", "\u{A0}", "\u{3000}\u{2003}"] {
        assert_eq!(Name::parse(text), Err(BadName::Empty), "{text:?}");
    }
}

#[test]
fn dots_alone_are_refused_and_no_other_dots() {
    assert_eq!(Name::parse("."), Err(BadName::Dots));
    assert_eq!(Name::parse(".."), Err(BadName::Dots));
    for text in ["...", ".hidden", "a.", "a..b", ". ."] {
        assert_eq!(name(text).as_str(), text);
    }
}

#[test]
fn names_that_nobody_can_see_are_refused() {
    for text in [
        "\u{200B}",
        "\u{2800}",
        "\u{3164}",
        "\u{115F}\u{1160}",
        "\u{FFA0}",
        "\u{AD}",
        "\u{200D}",
        "\u{FEFF}",
        "\u{FE0F}",
        "\u{E0100}",
        "\u{180E}",
        "\u{200E}\u{200F}",
        " \u{200B}\u{A0}\u{2800} ",
    ] {
        assert_eq!(Name::parse(text), Err(BadName::Invisible), "{text:?}");
        // One that is there since it was taken can be read, and renamed.
        let json = serde_json::to_string(text).unwrap();
        let known: Name = serde_json::from_str(&json).unwrap();
        assert!(!known.is_visible(), "{text:?}");
        let mut reader = serde_json::Deserializer::from_str(&json);
        assert!(name::given(&mut reader).is_err(), "{text:?}");
    }
    for text in ["\u{200B}a", "\u{3164}.txt", "\u{2801}", "\u{301}"] {
        assert!(name(text).is_visible(), "{text:?}");
    }
}

#[test]
fn separators_controls_and_direction_overrides_are_refused() {
    let forbidden = "/\\\0\n\r\t\u{1B}\u{7F}\u{80}\u{9F}\u{2028}\u{2029}\u{202D}\u{202E}";
    for c in forbidden.chars() {
        let why = match c {
            '\u{202D}' | '\u{202E}' => BadName::Reversing(c),
            _ => BadName::Character(c),
        };
        for text in [format!("a{c}b"), format!("{c}a"), format!("a{c}")] {
            assert_eq!(Name::parse(&text), Err(why), "{text:?}");
        }
    }
    let told = BadName::Reversing('\u{202E}').to_string();
    assert!(told.contains("U+202E"), "{told}");
}

/// Hebrew and Arabic systems put marks into names, and the properties dialog of
/// Windows an embedding in front of what is copied from it.
#[test]
fn marks_of_writing_direction_are_taken() {
    for c in
        "\u{200E}\u{200F}\u{61C}\u{202A}\u{202B}\u{202C}\u{2066}\u{2067}\u{2068}\u{2069}".chars()
    {
        for text in [format!("a{c}b"), format!("{c}a"), format!("a{c}")] {
            assert_eq!(name(&text).as_str(), text);
        }
    }
}

#[test]
fn what_people_write_is_allowed() {
    for text in [
        "a",
        "with spaces and  more",
        "quote\" and 'apostrophe'",
        "50 % of <this> | that: why? *",
        "עברית.txt",
        "العربية",
        "日本語.txt",
        "👩‍👩‍👧.png",
        "क्षि",
        "trailing.",
        "CON",
    ] {
        assert_eq!(name(text).as_str(), text);
    }
}

#[test]
fn stem_and_extension() {
    for (text, stem, extension) in [
        ("report.pdf", "report", ".pdf"),
        ("archive.tar.gz", "archive.tar", ".gz"),
        (".bashrc", ".bashrc", ""),
        (".config.toml", ".config", ".toml"),
        ("Makefile", "Makefile", ""),
        ("ends.", "ends", "."),
        ("...", "..", "."),
    ] {
        assert_eq!(name(text).stem_and_extension(), (stem, extension));
    }
}

#[test]
fn the_conflicted_copys_name() {
    for (text, nth, copy) in [
        (
            "report.pdf",
            1,
            "report (conflicted copy, Chrome on Linux, 2026-11-23).pdf",
        ),
        (
            "archive.tar.gz",
            2,
            "archive.tar (conflicted copy, Chrome on Linux, 2026-11-23 2).gz",
        ),
        (
            ".bashrc",
            0,
            ".bashrc (conflicted copy, Chrome on Linux, 2026-11-23)",
        ),
    ] {
        assert_eq!(
            name(text)
                .conflicted_copy("Chrome on Linux", "2026-11-23", nth)
                .as_str(),
            copy
        );
    }
}

#[test]
fn a_conflicted_copys_name_is_a_name_whatever_it_is_made_of() {
    let devices = [
        String::new(),
        "Phone/of\\ann\u{202E}\n".to_owned(),
        "\u{301}accent".to_owned(),
        "e\u{301}".repeat(21),
        "📱".repeat(16),
        "x".repeat(300),
    ];
    let names = [
        "a".repeat(255),
        format!("{}.txt", "é".repeat(125)),
        format!("{}.{}", "🦀".repeat(30), "x".repeat(130)),
        format!("a.{}", "e".repeat(253)),
        format!(".{}", "🦀".repeat(63)),
        "a\u{301}\u{302}\u{303}.b\u{301}".to_owned(),
        "...".to_owned(),
        "한글.한글".to_owned(),
    ];
    for device in &devices {
        for text in &names {
            for nth in [1, 2, u32::MAX] {
                let copy = name(text).conflicted_copy(device, "2026-11-23", nth);
                assert_eq!(
                    Name::parse(copy.as_str()).as_ref(),
                    Ok(&copy),
                    "{text:?} on {device:?}"
                );
            }
        }
    }
}

/// With the number cut off, the second copy would collide with the first for
/// ever.
#[test]
fn a_long_conflicted_copy_keeps_what_tells_it_apart() {
    for text in ["a".repeat(255), format!("{}.txt", "é".repeat(125))] {
        let first = name(&text).conflicted_copy("Phone", "2026-11-23", 1);
        let second = name(&text).conflicted_copy("Phone", "2026-11-23", 2);
        assert_ne!(first.key(), second.key());
        assert!(second.as_str().contains("2026-11-23 2)"), "{second}");
        assert!(second.as_str().len() <= MAX_NAME_BYTES);
    }
    let copy = name(&format!("{}.txt", "a".repeat(251))).conflicted_copy("P", "2026-11-23", 1);
    assert!(copy.as_str().ends_with(".txt"), "{copy}");
}

#[test]
fn json_refuses_what_the_parser_refuses() {
    assert!(serde_json::from_str::<Name>("\"a/b\"").is_err());
    let parsed: Name = serde_json::from_str("\"Cafe\\u0301\"").unwrap();
    assert_eq!(parsed.as_str(), "Caf\u{E9}");
    assert_eq!(serde_json::to_string(&parsed).unwrap(), "\"Caf\u{E9}\"");
}

#[cfg(not(target_arch = "wasm32"))]
mod properties {
    use super::*;
    use icu_casemap::CaseMapper;
    use icu_properties::CodePointSetData;
    use icu_properties::props::DefaultIgnorableCodePoint;
    use proptest::prelude::*;
    use protocol::unicode::{case_folded, composed, fully_folded, is_invisible};

    /// Letters that have a case since Unicode 17 or 18; the pinned table is that of 16.
    fn is_new(c: char) -> bool {
        matches!(
            c,
            '\u{A7CE}' | '\u{A7D2}' | '\u{A7D4}' | '\u{16EA0}'..='\u{16EB8}'
        ) || matches!(
            c,
            '\u{A7DD}' | '\u{A7E2}' | '\u{AB6C}' | '\u{AB6D}' | '\u{1DF40}'..='\u{1DF95}'
        )
    }

    #[test]
    fn every_character_is_folded_as_unicode_folds_it() {
        let unicode = CaseMapper::new();
        for c in (' '..='\u{1FFFF}').filter(|c| !is_new(*c)) {
            let text = composed(&c.to_string());
            let simple: String = text.chars().map(|c| unicode.simple_fold(c)).collect();
            assert_eq!(case_folded(&text), composed(&simple), "{c:?}");
            let full = unicode.fold_string(&text);
            let is_one_letter = composed(&full) == composed(&simple);
            let folded = case_folded(&composed(&full));
            assert_eq!(case_folded(&text) == folded, is_one_letter, "{c:?}");
        }
    }

    /// Marks that a letter has in one case only compose with the other's.
    #[test]
    fn a_key_is_its_own_key_whatever_marks_follow_a_letter() {
        let marks = [
            '\u{300}', '\u{301}', '\u{307}', '\u{308}', '\u{313}', '\u{30C}', '\u{331}', '\u{342}',
            '\u{345}',
        ];
        for c in (' '..='\u{1FFFF}').filter(|c| c.is_lowercase() || c.is_uppercase()) {
            for mark in marks {
                let text = composed(&format!("{c}{mark}"));
                let key = case_folded(&text);
                assert_eq!(composed(&key), key, "{text:?}");
                assert_eq!(case_folded(&key), key, "{text:?}");
                // Whatever is one name is one file.
                assert_eq!(fully_folded(&key), fully_folded(&text), "{text:?}");
            }
        }
    }

    #[test]
    fn what_unicode_passes_over_is_invisible() {
        let ignorable = CodePointSetData::new::<DefaultIgnorableCodePoint>();
        for c in (' '..=char::MAX).filter(|c| !c.is_control()) {
            if ignorable.contains(c) || c.is_whitespace() {
                assert!(is_invisible(c), "{c:?}");
            } else if is_invisible(c) {
                let known = "\u{2800}\u{FFF9}\u{FFFA}\u{FFFB}\u{16FE4}\u{1D159}";
                let is_control = ('\u{13430}'..='\u{1343F}').contains(&c);
                assert!(known.contains(c) || is_control, "{c:?}");
            }
        }
    }

    proptest! {
        #[test]
        fn a_name_parses_to_itself_and_has_one_key(text: String) {
            if let Ok(name) = Name::parse(&text) {
                prop_assert_eq!(Name::parse(name.as_str()), Ok(name.clone()));
                prop_assert!(name.as_str().len() <= MAX_NAME_BYTES);
                // A key is its own key, and what it stands for is one disk's file.
                prop_assert_eq!(case_folded(&name.key()), name.key());
                if let Ok(key) = Name::parse(&name.key()) {
                    prop_assert_eq!(disk_key(&key), disk_key(&name));
                }
            }
        }

        #[test]
        fn a_conflicted_copy_parses(text in "\\PC{1,200}", device in "\\PC{0,70}", nth: u32) {
            if let Ok(name) = Name::parse(&text) {
                let copy = name.conflicted_copy(&device, "2026-11-23", nth);
                prop_assert_eq!(Name::parse(copy.as_str()), Ok(copy));
            }
        }
    }
}

#[test]
fn what_comes_back_to_a_taken_name_gets_a_number() {
    assert_eq!(
        name("report.final.txt").numbered(2).as_str(),
        "report.final (2).txt"
    );
    assert_eq!(name("folder").numbered(3).as_str(), "folder (3)");
}

#[test]
fn a_copy_is_named_after_its_file() {
    let name = Name::parse("report.final.txt").unwrap();
    assert_eq!(name.copy(1).as_str(), "report.final (copy).txt");
    assert_eq!(name.copy(2).as_str(), "report.final (copy 2).txt");
    let long = Name::parse(&format!("{}.txt", "ü".repeat(120))).unwrap();
    let copy = long.copy(10);
    assert!(copy.as_str().len() <= 255 && copy.as_str().ends_with("ü (copy 10).txt"));
}

#[test]
fn what_is_wrong_with_a_name_is_known_by_its_words() {
    let every = [
        BadName::Empty,
        BadName::TooLong,
        BadName::Dots,
        BadName::Invisible,
        BadName::Character('/'),
        BadName::Reversing('\u{202E}'),
    ];
    for why in every {
        assert!(why.to_string().starts_with(BadName::BEGINNING), "{why}");
    }
}

#[test]
fn ascii_is_folded_as_unicode_is() {
    for c in (' '..='~').filter(|c| !['/', '\\'].contains(c)) {
        let text = format!("a{c}Z");
        assert_eq!(name(&text).key(), caseless::default_case_fold_str(&text));
    }
}

/// What a browser does not know at all, because it is older than the character,
/// it may leave as it is.
#[cfg(all(target_arch = "wasm32", feature = "browser-unicode"))]
#[test]
fn the_browsers_tables_say_what_the_pinned_ones_say() {
    use caseless::Caseless;
    use protocol::unicode::{case_folded, composed, fully_folded};
    use unicode_normalization::UnicodeNormalization;

    let unassigned = js_sys::RegExp::new(r"\p{Cn}", "u");
    let mut compared = 0;
    for c in ' '..=char::MAX {
        let marked = format!("e{c}\u{301}");
        let pinned: String = marked.nfc().collect();
        let whole: String = marked.nfd().default_case_fold().nfc().collect();
        // The folding's own table is the same one everywhere; what is composed
        // after it is the browser's work.
        let key: String = case_folded(&pinned).nfc().collect();
        if composed(&marked) == pinned
            && fully_folded(&marked) == whole
            && case_folded(&pinned) == key
        {
            compared += 1;
        } else {
            assert!(unassigned.test(&c.to_string()), "{c:?}");
        }
    }
    assert!(compared > 1_000_000, "{compared}");
}
