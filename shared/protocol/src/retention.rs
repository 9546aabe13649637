//! How long the past is kept. `GET` and `PATCH /api/v1/retention`: which versions of its
//! files a space keeps, and for how long what is in its trash. The operator sets what holds
//! for all, and the owner of a space what holds for theirs.

use serde::{Deserialize, Serialize};

/// What a space keeps. Nothing of it may be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Retention {
    /// Which versions stay that nobody has pinned; null: all of them.
    #[serde(deserialize_with = "Option::deserialize")]
    #[cfg_attr(feature = "openapi", schema(required))]
    pub versions: Option<KeptVersions>,
    /// After so many days in the trash an item is deleted for good; null: never. 1 to
    /// [`MAX_DAYS`].
    #[serde(deserialize_with = "Option::deserialize")]
    #[cfg_attr(feature = "openapi", schema(required))]
    pub trash_days: Option<u64>,
}

/// How many of the versions of a file are kept: the older, the fewer. The newest one always
/// is, with whatever else was the newest at any moment of the time for which all are kept,
/// and the newest of those that are older than all these times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct KeptVersions {
    /// All of so many days. 1 to [`MAX_DAYS`].
    pub all_days: u64,
    /// The newest of each hour, for so many days; at least `all_days`, as each of the
    /// following is at least the one before it.
    pub hourly_days: u64,
    /// The newest of each day.
    pub daily_days: u64,
    /// The newest of each week.
    pub weekly_days: u64,
}

/// The longest time that can be set: a hundred years.
pub const MAX_DAYS: u64 = 36_500;

impl Default for KeptVersions {
    fn default() -> Self {
        Self {
            all_days: 1,
            hourly_days: 7,
            daily_days: 30,
            weekly_days: 365,
        }
    }
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            versions: Some(KeptVersions::default()),
            trash_days: Some(30),
        }
    }
}

impl Retention {
    /// Nothing goes by itself.
    pub const EVERYTHING: Self = Self {
        versions: None,
        trash_days: None,
    };

    /// Checks the numbers.
    ///
    /// # Errors
    /// What is wrong with them, in words.
    pub fn check(&self) -> Result<(), String> {
        if let Some(kept) = &self.versions {
            let KeptVersions {
                all_days,
                hourly_days,
                daily_days,
                weekly_days,
            } = *kept;
            let days = [all_days, hourly_days, daily_days, weekly_days];
            if all_days == 0 {
                return Err("all versions are kept for 1 day at least".to_owned());
            }
            if !days.is_sorted() {
                return Err("fewer versions can't be kept for a shorter time".to_owned());
            }
            if weekly_days > MAX_DAYS {
                return Err(format!("no time is longer than {MAX_DAYS} days"));
            }
        }
        match self.trash_days {
            Some(days) if !(1..=MAX_DAYS).contains(&days) => Err(format!(
                "what is in the trash is kept for 1 to {MAX_DAYS} days"
            )),
            _ => Ok(()),
        }
    }
}

/// The answer to both requests: what holds for a space.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SpaceRetention {
    /// What it keeps.
    pub retention: Retention,
    /// Whether its owner has set that.
    pub is_own: bool,
    /// What it would keep if its owner had set nothing.
    pub otherwise: Retention,
}

/// `PATCH /api/v1/retention`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChangeRetention {
    /// What the space keeps from now on; null: what the operator has set, whatever that is.
    #[serde(deserialize_with = "Option::deserialize")]
    #[cfg_attr(feature = "openapi", schema(required))]
    pub retention: Option<Retention>,
}
