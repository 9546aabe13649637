//! Numbers that come back as they were. JSON's readers and D1 pass every number
//! through a double, which keeps whole numbers apart only up to [`MAX_EXACT`]. A
//! larger number comes back as another one, or can't be read. So every number that a
//! row or a statement holds has one of these types, and a request with another number
//! is refused.

use serde::{Deserialize, Deserializer, Serialize};

/// The largest whole number that a double does not mistake for another: 2^53 - 1.
pub const MAX_EXACT: u64 = (1 << 53) - 1;

/// A whole number from -[`MAX_EXACT`] to [`MAX_EXACT`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Exact(i64);

impl Exact {
    /// The number as a double, which is how it travels.
    pub fn as_double(self) -> f64 {
        self.0 as f64
    }
}

/// A number larger than [`MAX_EXACT`] becomes [`MAX_EXACT`].
impl From<u64> for Exact {
    fn from(count: u64) -> Self {
        Self(count.min(MAX_EXACT) as i64)
    }
}

impl From<FileTime> for Exact {
    fn from(time: FileTime) -> Self {
        Self(time.0)
    }
}

/// Reads a count of a request: for `#[serde(deserialize_with)]`.
///
/// # Errors
/// The number is larger than [`MAX_EXACT`], negative or not whole.
pub fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let count = u64::deserialize(deserializer)?;
    if count > MAX_EXACT {
        let why = format!("{count} is larger than {MAX_EXACT}, the largest number taken");
        return Err(serde::de::Error::custom(why));
    }
    Ok(count)
}

/// When a file was last changed on the device where it came from, by that device's
/// clock: in milliseconds since 1970, negative for a time before. It is always a
/// time that JavaScript's dates can hold.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = i64))]
#[serde(try_from = "i64", into = "i64")]
pub struct FileTime(i64);

/// No date of JavaScript can hold the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is not a time from -{max} to {max} milliseconds after 1970", max = FileTime::MAX_MILLIS)]
pub struct BadTime(i64);

impl FileTime {
    /// 100 million days, which is as far as JavaScript's dates go in either
    /// direction.
    pub const MAX_MILLIS: i64 = 8_640_000_000_000_000;

    /// The nearest time that a date can hold.
    pub const fn nearest(millis: i64) -> Self {
        if millis > Self::MAX_MILLIS {
            Self(Self::MAX_MILLIS)
        } else if millis < -Self::MAX_MILLIS {
            Self(-Self::MAX_MILLIS)
        } else {
            Self(millis)
        }
    }

    /// The nearest time to a double, as JavaScript gives times; 1970 for NaN.
    pub fn nearest_to(millis: f64) -> Self {
        Self::nearest(millis as i64)
    }

    /// The time of a clock that counts from 1970 on.
    pub fn of_clock(millis: u64) -> Self {
        Self(millis.min(Self::MAX_MILLIS as u64) as i64)
    }

    /// Milliseconds since 1970.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Milliseconds since 1970, for clocks that know no time before 1970: earlier
    /// times become 0.
    pub const fn since_1970(self) -> u64 {
        if self.0 > 0 { self.0 as u64 } else { 0 }
    }
}

const _: () = assert!(FileTime::MAX_MILLIS as u64 <= MAX_EXACT);

impl TryFrom<i64> for FileTime {
    type Error = BadTime;

    fn try_from(millis: i64) -> Result<Self, BadTime> {
        let time = Self::nearest(millis);
        if time.0 == millis {
            Ok(time)
        } else {
            Err(BadTime(millis))
        }
    }
}

impl From<FileTime> for i64 {
    fn from(time: FileTime) -> Self {
        time.0
    }
}

/// Every number of this size is a time.
impl From<i32> for FileTime {
    fn from(millis: i32) -> Self {
        Self(i64::from(millis))
    }
}
