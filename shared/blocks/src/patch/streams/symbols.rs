//! The symbols of deflate (RFC 1951), each as one number.

use crate::patch::delta::BadDelta;

/// A literal, or a copy of so many bytes from so far back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token(pub u32);

const IS_COPY: u32 = 1 << 31;

/// The shortest copy.
pub const MIN_LENGTH: u32 = 3;
/// From how far back a copy may be.
pub const MAX_DISTANCE: u32 = 32_768;

impl Token {
    pub fn literal(byte: u8) -> Self {
        Self(u32::from(byte))
    }

    /// `length` is from 3 to 258 and `distance` from 1 to 32,768.
    pub fn copy(length: u32, distance: u32) -> Self {
        Self(IS_COPY | (length - MIN_LENGTH) << 16 | (distance - 1))
    }

    pub fn is_copy(self) -> bool {
        self.0 & IS_COPY != 0
    }

    /// Of a literal.
    pub fn byte(self) -> u8 {
        self.0 as u8
    }

    /// The plain bytes that it makes.
    pub fn length(self) -> u32 {
        match self.is_copy() {
            true => (self.0 >> 16 & 0xFF) + MIN_LENGTH,
            false => 1,
        }
    }

    /// Of a copy.
    pub fn distance(self) -> u32 {
        (self.0 & 0x7FFF) + 1
    }

    /// The same copy from elsewhere.
    pub fn at_distance(self, distance: u32) -> Self {
        Self(self.0 & !0x7FFF | (distance - 1))
    }
}

/// A symbol and the bits that follow it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Coded {
    pub symbol: usize,
    pub extra: u32,
    pub extra_bits: u32,
}

/// The end of a block.
pub const END: usize = 256;
/// Symbols of literals and lengths.
pub const LITERALS: usize = 286;
/// Symbols of distances.
pub const DISTANCES: usize = 30;

/// The symbol of a copy's length.
pub fn of_length(length: u32) -> Coded {
    let over = length - MIN_LENGTH;
    match over {
        0..=7 => Coded {
            symbol: 257 + over as usize,
            extra: 0,
            extra_bits: 0,
        },
        255 => Coded {
            symbol: 285,
            extra: 0,
            extra_bits: 0,
        },
        _ => {
            let extra_bits = 29 - over.leading_zeros();
            Coded {
                symbol: (257 + 4 * (extra_bits as usize) + (over >> extra_bits) as usize),
                extra: over & ((1 << extra_bits) - 1),
                extra_bits,
            }
        }
    }
}

/// The symbol of a copy's distance.
pub fn of_distance(distance: u32) -> Coded {
    let over = distance - 1;
    match over {
        0..=3 => Coded {
            symbol: over as usize,
            extra: 0,
            extra_bits: 0,
        },
        _ => {
            let extra_bits = 30 - over.leading_zeros();
            Coded {
                symbol: 2 * (extra_bits as usize) + (over >> extra_bits) as usize,
                extra: over & ((1 << extra_bits) - 1),
                extra_bits,
            }
        }
    }
}

/// The extra bits of a length's symbol, and the length where they are 0.
pub fn length_of(symbol: usize) -> Result<(u32, u32), BadDelta> {
    match symbol {
        257..=264 => Ok((0, symbol as u32 - 257 + MIN_LENGTH)),
        285 => Ok((0, 258)),
        265..=284 => {
            let bits = (symbol as u32 - 261) / 4;
            let top = (symbol as u32 - 261) % 4 + 4;
            Ok((bits, (top << bits) + MIN_LENGTH))
        }
        _ => Err(BadDelta::Streams),
    }
}

/// The extra bits of a distance's symbol, and the distance where they are 0.
pub fn distance_of(symbol: usize) -> Result<(u32, u32), BadDelta> {
    match symbol {
        0..=3 => Ok((0, symbol as u32 + 1)),
        4..=29 => {
            let bits = (symbol as u32 - 2) / 2;
            let top = symbol as u32 % 2 + 2;
            Ok((bits, (top << bits) + 1))
        }
        _ => Err(BadDelta::Streams),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_length_and_distance_has_one_symbol() {
        for length in 3..=258 {
            let coded = of_length(length);
            let (bits, least) = length_of(coded.symbol).unwrap();
            assert_eq!((bits, least + coded.extra), (coded.extra_bits, length));
            assert!(coded.extra < 1 << bits);
        }
        for distance in 1..=MAX_DISTANCE {
            let coded = of_distance(distance);
            let (bits, least) = distance_of(coded.symbol).unwrap();
            assert_eq!((bits, least + coded.extra), (coded.extra_bits, distance));
            assert!(coded.extra < 1 << bits);
        }
        // The ends that RFC 1951 names.
        assert_eq!(of_length(10).symbol, 264);
        assert_eq!(of_length(11).symbol, 265);
        assert_eq!(of_length(257).symbol, 284);
        assert_eq!(of_distance(4).symbol, 3);
        assert_eq!(of_distance(5).symbol, 4);
        assert_eq!(of_distance(24_577).symbol, 29);
        let copy = Token::copy(258, 32_768);
        assert_eq!((copy.length(), copy.distance()), (258, 32_768));
        assert_eq!(copy.at_distance(1), Token::copy(258, 1));
    }
}
