//! Whole numbers as LEB128: seven bits a byte, the lowest first.

/// Why a number can't be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BadVarint {
    /// The bytes end in the middle.
    Torn,
    /// The number is larger than it may be.
    TooLarge,
}

/// Appends a number.
pub(crate) fn put(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// Takes the next number.
pub(crate) fn take(bytes: &mut &[u8]) -> Result<u64, BadVarint> {
    let mut number = 0_u64;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = bytes.split_first().ok_or(BadVarint::Torn)?;
        *bytes = rest;
        let bits = u64::from(byte & 0x7F);
        if bits << shift >> shift != bits {
            return Err(BadVarint::TooLarge);
        }
        number |= bits << shift;
        if byte < 0x80 {
            return Ok(number);
        }
    }
    Err(BadVarint::TooLarge)
}

/// Takes the next number, which must not be more than `most`.
pub(crate) fn take_length(bytes: &mut &[u8], most: usize) -> Result<usize, BadVarint> {
    let number = usize::try_from(take(bytes)?).map_err(|_| BadVarint::TooLarge)?;
    if number > most {
        return Err(BadVarint::TooLarge);
    }
    Ok(number)
}

/// A number with a sign as one without, small where it is near zero.
pub(crate) fn zigzag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)) as u64
}

/// The number that [`zigzag`] has made this of.
pub(crate) fn unzigzag(number: u64) -> i64 {
    (number >> 1) as i64 ^ -((number & 1) as i64)
}
