//! From an answer's status and text to a value or a failure.

use crate::failure::Failure;
use protocol::problem::{ErrorBody, Problem};
use serde::de::DeserializeOwned;

/// Reads an answer.
///
/// # Errors
/// `Refused` with the server's reason. `Unreachable` where the text is not
/// what this API sends: it then comes from something between, or is torn.
pub fn read_answer<T: DeserializeOwned>(status: u16, text: &str) -> Result<T, Failure> {
    if (200..300).contains(&status) {
        return serde_json::from_str(text).map_err(|_| Failure::Unreachable);
    }
    match serde_json::from_str::<ErrorBody>(text) {
        // A newer server's code: its status still tells whether to try again.
        Ok(ErrorBody {
            problem: Problem::Unknown,
            ..
        }) if status >= 500 => Err(Failure::Unreachable),
        Ok(body) => Err(Failure::Refused(body.problem)),
        // Of something in between, which had no patience or was asked too much.
        Err(_) if status >= 500 || matches!(status, 408 | 429) => Err(Failure::Unreachable),
        Err(_) => Err(Failure::Refused(Problem::Unknown)),
    }
}

#[cfg(test)]
mod tests {
    use super::read_answer;
    use crate::failure::Failure;
    use protocol::accounts::Server;
    use protocol::problem::Problem;

    fn failure(status: u16, text: &str) -> Failure {
        read_answer::<Server>(status, text).expect_err("a failure")
    }

    #[test]
    fn a_success_is_read() {
        let server: Server = read_answer(200, r#"{"sign_up_open":true,"later":1}"#).unwrap();
        assert!(server.sign_up_open);
    }

    #[test]
    fn a_torn_success_is_no_success() {
        assert_eq!(failure(200, r#"{"sign_up_o"#), Failure::Unreachable);
    }

    #[test]
    fn a_problem_keeps_its_fields() {
        let text = r#"{"code":"too_many_requests","message":"…","retry_after_seconds":7}"#;
        let failure = failure(429, text);
        assert!(failure.is_passing());
        assert_eq!(failure.asked_wait_millis(), 7_000);
    }

    #[test]
    fn a_problem_of_a_newer_server_is_told_apart_by_its_status() {
        let text = r#"{"code":"melted","message":"…"}"#;
        assert_eq!(failure(503, text), Failure::Unreachable);
        assert_eq!(failure(418, text), Failure::Refused(Problem::Unknown));
    }

    #[test]
    fn a_page_of_something_in_between_is_no_refusal() {
        for status in [408, 429, 502, 504, 524] {
            assert_eq!(failure(status, "<html>Timeout"), Failure::Unreachable);
        }
        assert_eq!(failure(404, "<html>"), Failure::Refused(Problem::Unknown));
    }
}
