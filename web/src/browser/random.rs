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
