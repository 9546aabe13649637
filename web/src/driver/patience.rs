//! Asking the server again, for what a person waits for.

use crate::browser::{clock, random};
use crate::failure::Failure;
use crate::state::Drive;
use futures_util::future::select;
use std::pin::pin;
use sync::backoff;

/// How often the server is asked again that was not reached.
const MAX_FAILURES: u32 = 6;

/// Asks until there is an answer, or for so long that a person would have given
/// up.
///
/// # Errors
/// Those of the question.
pub async fn patiently<T>(
    drive: Drive,
    ask: impl AsyncFn() -> Result<T, Failure>,
) -> Result<T, Failure> {
    let mut failures = 0;
    loop {
        match ask().await {
            Err(failure) if failure.is_passing() && failures < MAX_FAILURES => {
                failures += 1;
                clock::sleep(failure.asked_wait_millis()).await;
                let wait = backoff::delay_millis(failures, random::jitter());
                let again = drive.driver().again.next();
                select(pin!(clock::sleep(wait)), pin!(again)).await;
            }
            outcome => return outcome,
        }
    }
}
