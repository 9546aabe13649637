#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use base64ct::{Base64UrlUnpadded, Encoding};
use blocks::number::MAX_EXACT;
use protocol::cursor::{BadCursor, Cursor};
use protocol::ids::{ItemId, SpaceId};

fn cursor(seq: u64, listed_to: Option<ItemId>) -> Cursor {
    Cursor {
        space: SpaceId::from_random([1; 16]),
        seq,
        listed_to,
    }
}

#[test]
fn a_cursor_survives_its_text() {
    for seq in [0, 1, MAX_EXACT] {
        for listed_to in [None, Some(ItemId::from_random([2; 16]))] {
            let cursor = cursor(seq, listed_to);
            assert_eq!(cursor.to_string().parse(), Ok(cursor));
        }
    }
}

/// It is a query parameter, so it must need no escaping.
#[test]
fn a_cursor_is_made_of_characters_that_a_url_may_hold() {
    let text = cursor(MAX_EXACT, Some(ItemId::from_random([0xFF; 16]))).to_string();
    assert!(
        text.bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_.~".contains(&b)),
        "{text}"
    );
}

#[test]
fn a_cursor_of_the_first_form_is_still_understood() {
    let text = "1.eyJzcGFjZSI6IjAxMDEwMTAxLTAxMDEtNDEwMS04MTAxLTAxMDEwMTAxMDEwMSIsInNlcSI6N30";
    assert_eq!(text.parse(), Ok(cursor(7, None)));
    assert_eq!(cursor(7, None).to_string(), text);
}

#[test]
fn garbage_is_no_cursor() {
    let good = cursor(7, None).to_string();
    let encode = |json: &str| format!("1.{}", Base64UrlUnpadded::encode_string(json.as_bytes()));
    for bad in [
        String::new(),
        "1.".to_owned(),
        "1".to_owned(),
        "2.".to_owned() + &good[2..],
        good[2..].to_owned(),
        good[..good.len() - 1].to_owned(),
        format!("{good}="),
        format!(" {good}"),
        format!("{good}\n"),
        encode(""),
        encode("null"),
        encode("{}"),
        encode(r#"{"space":"01010101-0101-4101-8101-010101010101"}"#),
        encode(r#"{"space":"01010101-0101-4101-8101-010101010101","seq":-1}"#),
        encode(r#"{"space":"01010101-0101-4101-8101-010101010101","seq":1.5}"#),
        encode(r#"{"space":"me","seq":1}"#),
        "1.\u{0}".to_owned(),
        "🦀".repeat(100),
    ] {
        assert_eq!(bad.parse::<Cursor>(), Err(BadCursor), "{bad:?}");
    }
}

#[cfg(not(target_arch = "wasm32"))]
mod properties {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_cursor_survives(
            space in any::<[u8; 16]>(),
            seq in 0..=MAX_EXACT,
            item in any::<Option<[u8; 16]>>(),
        ) {
            let cursor = Cursor {
                space: SpaceId::from_random(space),
                seq,
                listed_to: item.map(ItemId::from_random),
            };
            prop_assert_eq!(cursor.to_string().parse(), Ok(cursor));
        }

        #[test]
        fn no_text_makes_the_parser_panic(text: String, json: String) {
            let _ = text.parse::<Cursor>();
            let wrapped = Base64UrlUnpadded::encode_string(json.as_bytes());
            let _ = format!("1.{wrapped}").parse::<Cursor>();
        }
    }
}
