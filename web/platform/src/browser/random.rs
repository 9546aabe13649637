//! Random ids and jitter.

/// 16 bytes for an id, which must be impossible to guess.
pub fn id_bytes() -> [u8; 16] {
    let mut bytes = [0; 16];
    // `crypto.getRandomValues` fails for more than 64 KiB only.
    getrandom::fill(&mut bytes).expect("a browser has a source of random bytes");
    bytes
}

/// A number in `0.0..1.0` that spreads retries. Needs no secrecy.
pub fn jitter() -> f64 {
    js_sys::Math::random()
}

/// Whole numbers that JavaScript can hold: enough for an id that is unique in
/// all tabs and restarts of one browser.
pub fn small_id() -> u64 {
    let [a, b, c, d, e, f, g, h, ..] = id_bytes();
    u64::from_le_bytes([a, b, c, d, e, f, g, h]) >> 11
}
