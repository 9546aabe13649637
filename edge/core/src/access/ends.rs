//! When access ends that the owner of a space has given: by itself, or with the owner's
//! account, whichever comes first. What keeps access from being used says the same in SQL,
//! in the batch that it guards: `lasts!` of the statements.

use protocol::ids::UnixMillis;

/// The end of a grant or link that was given `own`, of an owner whose account ends then.
/// `None` is no end.
pub fn sooner(own: Option<UnixMillis>, account: Option<UnixMillis>) -> Option<UnixMillis> {
    [own, account].into_iter().flatten().min()
}

#[cfg(test)]
mod tests {
    use super::sooner;

    #[test]
    fn access_ends_with_whichever_comes_first() {
        assert_eq!(sooner(None, None), None);
        assert_eq!(sooner(Some(1), None), Some(1));
        assert_eq!(sooner(None, Some(2)), Some(2));
        assert_eq!(sooner(Some(1), Some(2)), Some(1));
        assert_eq!(sooner(Some(3), Some(2)), Some(2));
    }
}
