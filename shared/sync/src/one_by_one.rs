//! Filling a set or a map.

/// What `collect` makes of these, filled one by one. `collect` sorts all of them first, and
/// each kind of set or map that is made so brings 4 kB for a sort of its own into the page.
pub fn one_by_one<C: Default + Extend<T>, T>(all: impl IntoIterator<Item = T>) -> C {
    let mut filled = C::default();
    filled.extend(all);
    filled
}
