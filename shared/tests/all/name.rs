#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use shared::limits::MAX_NAME_BYTES;
use shared::name::{BadName, Name};

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

/// Two names that differ in case collided elsewhere and one file was deleted
/// (syncthing#439, owncloud/client#12104).
#[test]
fn names_that_differ_only_in_case_or_composition_have_one_key() {
    for (a, b) in [
        ("README.md", "readme.MD"),
        ("Straße", "STRASSE"),
        ("Stra\u{1E9E}e", "strasse"),
        ("\u{130}stanbul", "i\u{307}stanbul"),
        ("ΟΔΟΣ", "οδος"),
        ("οδοσ", "οδος"),
        ("CAF\u{C9}", "cafe\u{301}"),
        ("\u{212A}elvin", "kelvin"),
        ("\u{212B}ngstr\u{F6}m", "\u{E5}NGSTRO\u{308}M"),
        ("\u{FB01}n", "FIN"),
        ("\u{1F88}", "\u{1F00}\u{3B9}"),
    ] {
        assert_eq!(name(a).key(), name(b).key(), "{a:?} and {b:?}");
    }
}

#[test]
fn different_names_have_different_keys() {
    for (a, b) in [
        ("a", "b"),
        ("e", "\u{E9}"),
        // The dotted and the dotless i are four letters, not two.
        ("\u{130}", "i"),
        ("\u{131}", "i"),
        ("a", "a "),
        ("a", "\u{430}"),
        ("file.txt", "file_txt"),
        ("\u{FB01}le2", "file²"),
    ] {
        assert_ne!(name(a).key(), name(b).key(), "{a:?} and {b:?}");
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
fn separators_controls_and_direction_overrides_are_refused() {
    let forbidden = "/\\\0\n\r\t\u{1B}\u{7F}\u{80}\u{9F}\u{2028}\u{2029}\
        \u{200E}\u{200F}\u{61C}\u{202A}\u{202B}\u{202C}\u{202D}\u{202E}\
        \u{2066}\u{2067}\u{2068}\u{2069}";
    for c in forbidden.chars() {
        for text in [format!("a{c}b"), format!("{c}a"), format!("a{c}")] {
            assert_eq!(Name::parse(&text), Err(BadName::Character(c)), "{text:?}");
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
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_name_parses_to_itself_and_has_one_key(text: String) {
            if let Ok(name) = Name::parse(&text) {
                prop_assert_eq!(Name::parse(name.as_str()), Ok(name.clone()));
                prop_assert!(name.as_str().len() <= MAX_NAME_BYTES);
                // A key is its own key where it is a name at all.
                if let Ok(key) = Name::parse(&name.key()) {
                    prop_assert_eq!(key.key(), name.key());
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
        BadName::Character('/'),
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
    use shared::unicode::composed;
    use unicode_normalization::UnicodeNormalization;

    let unassigned = js_sys::RegExp::new(r"\p{Cn}", "u");
    let mut compared = 0;
    for c in ' '..=char::MAX {
        let marked = format!("e{c}\u{301}");
        let pinned: String = marked.nfc().collect();
        if composed(&marked) == pinned {
            compared += 1;
        } else {
            assert!(unassigned.test(&c.to_string()), "{c:?}");
        }
    }
    assert!(compared > 1_000_000, "{compared}");
}
