//! Randomness, all of it from the platform's cryptographic source.

use crate::error::Failure;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;

/// # Errors
/// The platform has no randomness.
pub fn bytes<const N: usize>() -> Result<[u8; N], Failure> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(Failure::NoRandomness)?;
    Ok(bytes)
}

/// A generator for OPAQUE, freshly seeded.
///
/// # Errors
/// The platform has no randomness.
pub fn generator() -> Result<ChaCha20Rng, Failure> {
    Ok(ChaCha20Rng::from_seed(bytes()?))
}
