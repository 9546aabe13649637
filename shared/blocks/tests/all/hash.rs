#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use blocks::hash::{BadHash, BadShortHash, BlockHash, ShortHash};

/// The input of BLAKE3's published test vectors: 0, 1, … 250, 0, 1, …
fn vector_input(length: usize) -> Vec<u8> {
    (0..length).map(|i| (i % 251) as u8).collect()
}

/// From `test_vectors/test_vectors.json` of BLAKE3-team/BLAKE3: the first 32
/// bytes of each `hash`. 102,400 bytes go through every path of the SIMD code.
#[test]
fn blake3s_published_vectors() {
    for (length, hash) in [
        (
            0,
            "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262",
        ),
        (
            1,
            "2d3adedff11b61f14c886e35afa036736dcd87a74d27b5c1510225d0f592e213",
        ),
        (
            1_024,
            "42214739f095a406f3fc83deb889744ac00df831c10daa55189b5d121c855af7",
        ),
        (
            1_025,
            "d00278ae47eb27b34faecf67b4fe263f82d5412916c1ffd97c8cb7fb814b8444",
        ),
        (
            102_400,
            "bc3e3d41a1146b069abffad3c0d44860cf664390afce4d9661f7902e7943e085",
        ),
    ] {
        assert_eq!(BlockHash::of(&vector_input(length)).to_string(), hash);
    }
}

#[test]
fn a_hash_survives_text_bytes_and_json() {
    let hash = BlockHash::of(b"driftless");
    assert_eq!(hash.to_string().parse(), Ok(hash));
    assert_eq!(BlockHash::from_bytes(*hash.as_bytes()), hash);
    let json = serde_json::to_string(&hash).unwrap();
    assert_eq!(json, format!("\"{hash}\""));
    assert_eq!(serde_json::from_str::<BlockHash>(&json).unwrap(), hash);
}

#[test]
fn a_hash_has_one_spelling() {
    let text = BlockHash::of(b"").to_string();
    for bad in [
        String::new(),
        text[..63].to_owned(),
        text[..62].to_owned(),
        format!("{text}0"),
        format!("{text}00"),
        text.to_uppercase(),
        text.replace('a', "g"),
        format!(" {}", &text[1..]),
        "é".repeat(32),
    ] {
        assert_eq!(bad.parse::<BlockHash>(), Err(BadHash), "{bad:?}");
        assert!(serde_json::from_value::<BlockHash>(bad.into()).is_err());
    }
    assert!(serde_json::from_str::<BlockHash>("7").is_err());
}

#[test]
fn a_short_hash_is_16_digits_or_a_whole_one() {
    let hash = BlockHash::of(b"driftless");
    let (text, short) = (hash.to_string(), hash.short());
    assert_eq!(short.to_string(), text[..16]);
    assert_eq!(text[..16].parse(), Ok(short));
    assert_eq!(text.parse(), Ok(short));
    let json = serde_json::to_string(&short).unwrap();
    assert_eq!(json, format!("\"{short}\""));
    assert_eq!(serde_json::from_str::<ShortHash>(&json).unwrap(), short);
    for bad in [
        String::new(),
        text[..15].to_owned(),
        text[..18].to_owned(),
        text[..62].to_owned(),
        text[..16].to_uppercase(),
        "é".repeat(8),
    ] {
        assert_eq!(bad.parse::<ShortHash>(), Err(BadShortHash), "{bad:?}");
        assert!(serde_json::from_value::<ShortHash>(bad.into()).is_err());
    }
}
