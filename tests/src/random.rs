//! Random numbers of the machine, for ids and secrets; repeatable ones for
//! files' contents.

use opaque_ke::rand::{CryptoRng, Error, RngCore};

/// 16 bytes for an id.
pub fn id_bytes() -> [u8; 16] {
    let mut bytes = [0; 16];
    MachineRandom.fill_bytes(&mut bytes);
    bytes
}

/// The machine's source of randomness, as `opaque-ke` wants it.
pub struct MachineRandom;

impl RngCore for MachineRandom {
    fn next_u32(&mut self) -> u32 {
        getrandom::u32().expect("the machine has randomness")
    }

    fn next_u64(&mut self) -> u64 {
        getrandom::u64().expect("the machine has randomness")
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("the machine has randomness");
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Error> {
        self.fill_bytes(bytes);
        Ok(())
    }
}

impl CryptoRng for MachineRandom {}

/// `length` bytes that depend on `seed` alone (xorshift64*).
pub fn bytes(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.max(1);
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        bytes.extend_from_slice(&state.wrapping_mul(0x2545_F491_4F6C_DD1D).to_le_bytes());
    }
    bytes.truncate(length);
    bytes
}

/// Bytes that no other call returns, so that no server has a block of them.
pub fn unseen_bytes(length: usize) -> Vec<u8> {
    bytes(MachineRandom.next_u64(), length)
}

/// A number below `end`, which is not 0.
pub fn below(end: u64) -> u64 {
    MachineRandom.next_u64() % end
}
