//! The scope of a token: everything, or only reading.

use protocol::devices::Scope;
use protocol::paths::{FETCH_BLOCKS, FETCH_SIGNATURES, LINKS, OPENINGS, SIGN_OUT};

/// Whether a scope permits a request. A token that may only read may use the methods
/// that change nothing. It may also send two requests that read and need a body, and
/// end its own session. To say that one has a file open changes nothing that anybody owns:
/// whoever may only look at it says so, too, and that it is for no token is said elsewhere.
/// A new route that changes something is refused until it is
/// listed here. It is not told the keys of links, some of which let one change something.
pub fn permits(scope: Scope, changes_state: bool, path: &str) -> bool {
    match scope {
        Scope::Full => true,
        Scope::ReadOnly => {
            let reads = [FETCH_BLOCKS, FETCH_SIGNATURES, OPENINGS, SIGN_OUT].contains(&path);
            (!changes_state && path != LINKS) || reads
        }
        // This release does not know the scope, or the row contradicts itself.
        Scope::Unknown => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::paths;

    #[test]
    fn a_token_that_may_only_read_changes_nothing() {
        let changes = |path| permits(Scope::ReadOnly, true, path);
        assert!(permits(Scope::ReadOnly, false, paths::CHANGES));
        assert!(changes(FETCH_BLOCKS) && changes(FETCH_SIGNATURES));
        assert!(changes(SIGN_OUT));
        assert!(!permits(Scope::ReadOnly, false, LINKS));
        for path in [
            paths::FOLDERS,
            paths::FILES,
            paths::FILES_BATCH,
            paths::BLOCKS,
            paths::ACCESS_TOKENS,
            paths::PASSWORD_FINISH,
            "/api/v1/blocks/fetch/",
            "/api/v1/of/the/future",
        ] {
            assert!(!changes(path), "{path}");
        }
        assert!(!permits(Scope::Unknown, false, paths::CHANGES));
    }
}
