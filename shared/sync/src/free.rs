//! A name that nothing has.

use protocol::name::Name;

/// Names that are tried before it gets absurd.
const MOST: u32 = 1_000;

/// The first of these names that is free. `nth` makes them, from 1 on.
pub fn free_name(is_free: impl Fn(&Name) -> bool, nth: impl Fn(u32) -> Name) -> Name {
    let mut names = (1..MOST).map(&nth);
    names.find(is_free).unwrap_or_else(|| nth(MOST))
}
