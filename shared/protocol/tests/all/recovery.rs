//! Recovery codes as people write them.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use protocol::ids::UserId;
use protocol::recovery::{CODE_CHARS, RecoveryCode};

const WRITTEN: &str = "01234-56789-ABCDE-FGHJK";

fn code(text: &str) -> Option<RecoveryCode> {
    text.parse().ok()
}

#[test]
fn a_code_is_read_however_it_is_written_down() {
    let meant = code(WRITTEN);
    assert_eq!(
        meant.as_ref().map(ToString::to_string).as_deref(),
        Some(WRITTEN)
    );
    for text in [
        "0123456789ABCDEFGHJK",
        "0123456789abcdefghjk",
        " 01234 56789 abcde fghjk\n",
        "O1234-56789-ABCDE-FGHJK",
        "oi234-56789-abcde-fghjk",
        "oL234\u{2013}56789\u{2011}abcde\u{a0}fghjk",
        "-0-l-2-3-4-5-6-7-8-9-a-b-c-d-e-f-g-h-j-k-",
    ] {
        assert_eq!(code(text), meant, "{text}");
    }
    for text in [
        "",
        "-",
        "01234-56789-ABCDE-FGHJ",
        "01234-56789-ABCDE-FGHJKM",
        "01234-56789-ABCDE-FGHJU",
        "01234-56789-ABCDE-FGHJ!",
        "01234-56789-ABCDE-FGHJé",
        "０1234-56789-ABCDE-FGHJK",
    ] {
        assert_eq!(code(text), None, "{text}");
    }
}

#[test]
fn every_bit_of_chance_is_in_the_code() {
    let mut bytes = [0; CODE_CHARS];
    let zero = RecoveryCode::from_random(bytes);
    assert_eq!(zero.to_string(), "00000-00000-00000-00000");
    for place in 0..CODE_CHARS {
        for bit in 0..5 {
            bytes[place] = 1 << bit;
            let other = RecoveryCode::from_random(bytes);
            assert_ne!(other, zero);
            assert_eq!(code(&other.to_string()), Some(other));
        }
        bytes[place] = 0;
    }
    bytes.fill(255);
    let last = RecoveryCode::from_random(bytes);
    assert_eq!(last.to_string(), "ZZZZZ-ZZZZZ-ZZZZZ-ZZZZZ");
    assert_eq!(format!("{last:?}"), "RecoveryCode(…)");
}

/// If this changes, every stored code becomes useless.
#[test]
fn the_hash_of_a_code_never_changes() {
    let user = UserId::from_random([1; 16]);
    let code = code(WRITTEN).unwrap();
    assert_eq!(
        code.hash_for(user).to_string(),
        "01d38be89d9c9f74233a7b866296e451793ddea68b234f559e89c2bb2a5294c7"
    );
    assert_ne!(
        code.hash_for(UserId::from_random([2; 16])),
        code.hash_for(user)
    );
}
