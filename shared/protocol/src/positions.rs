//! Where a device stands in several drives at once, as one string: the `since_token` of a
//! poll that waits for all of them.
//!
//! `CURSOR~ROOT.CURSOR~ROOT.CURSOR`: the cursor of the person's own drive, or nothing, and
//! that of each root. A cursor alone is no list, and means what it always did.

use crate::cursor::BadCursor;
use crate::ids::ItemId;
use crate::limits::MAX_POLLED_ROOTS;
use std::fmt;
use std::str::FromStr;

/// Stands before each root. No cursor has it, and no address has to escape it.
const SEPARATOR: char = '~';

/// What a device has seen of one drive, or of one thing that is shared with its person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    /// What is shared; `None` for the person's own drive.
    pub root: Option<ItemId>,
    /// The cursor as the server gave it out. Whether it is any good is for whoever looks
    /// at that drive.
    pub cursor: String,
}

/// Positions in different drives: the own one first, if it is there, and from 1 to
/// [`MAX_POLLED_ROOTS`] others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Positions(Vec<Position>);

impl Positions {
    /// Whether a `since_token` is a list, and no cursor.
    pub fn are_in(token: &str) -> bool {
        token.contains(SEPARATOR)
    }

    /// A list of these.
    ///
    /// # Errors
    /// They are too many or too few, or two are of one drive.
    pub fn new(all: Vec<Position>) -> Result<Self, BadCursor> {
        let (own, roots): (Vec<_>, Vec<_>) = all.into_iter().partition(|one| one.root.is_none());
        let is_again = |(at, one): (usize, &Position)| {
            let mut before = roots.iter().take(at);
            before.any(|other| other.root == one.root)
        };
        let is_whole = own.len() <= 1 && (1..=MAX_POLLED_ROOTS).contains(&roots.len());
        if !is_whole || roots.iter().enumerate().any(is_again) {
            return Err(BadCursor);
        }
        Ok(Self(own.into_iter().chain(roots).collect()))
    }
}

impl IntoIterator for Positions {
    type Item = Position;
    type IntoIter = std::vec::IntoIter<Position>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl fmt::Display for Positions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|one| match one.root {
            None => f.write_str(&one.cursor),
            Some(root) => write!(f, "{SEPARATOR}{root}.{}", one.cursor),
        })
    }
}

impl FromStr for Positions {
    type Err = BadCursor;

    fn from_str(text: &str) -> Result<Self, BadCursor> {
        let mut parts = text.split(SEPARATOR);
        let own = parts.next().filter(|own| !own.is_empty());
        let mut all: Vec<Position> = own
            .map(|own| Position {
                root: None,
                cursor: own.to_owned(),
            })
            .into_iter()
            .collect();
        for part in parts.take(MAX_POLLED_ROOTS + 1) {
            let (root, cursor) = part.split_once('.').ok_or(BadCursor)?;
            if cursor.is_empty() {
                return Err(BadCursor);
            }
            all.push(Position {
                root: Some(root.parse().map_err(|_| BadCursor)?),
                cursor: cursor.to_owned(),
            });
        }
        Self::new(all)
    }
}
