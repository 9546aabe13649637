//! Asking the server again, for what a person waits for.

use crate::bell::Bell;
use crate::failure::Failure;
use crate::ports::{Clock, Random};
use futures_util::future::select;
use std::pin::pin;
use sync::backoff;

/// How often the client asks again when the server was not reached.
const MAX_FAILURES: u32 = 6;

/// Asks until there is an answer, or until a person would have given up. A ring of
/// `again` ends a wait.
///
/// # Errors
/// Those of the question.
pub async fn patiently<T>(
    platform: &(impl Clock + Random),
    again: &Bell,
    ask: impl AsyncFn() -> Result<T, Failure>,
) -> Result<T, Failure> {
    let mut failures = 0;
    loop {
        match ask().await {
            Err(failure) if failure.is_passing() && failures < MAX_FAILURES => {
                failures += 1;
                wait_for_another_try(platform, again, failures, &failure).await;
            }
            outcome => return outcome,
        }
    }
}

/// Waits before what has failed so often is tried again.
pub async fn wait_for_another_try(
    platform: &(impl Clock + Random),
    again: &Bell,
    failures: u32,
    last: &Failure,
) {
    platform.sleep(last.asked_wait_millis()).await;
    let wait = backoff::delay_millis(failures, platform.jitter());
    select(pin!(platform.sleep(wait)), pin!(again.next())).await;
}
