//! Asks the server again, for what a person waits for.

use crate::bell::Bell;
use crate::failure::Failure;
use crate::ports::{Clock, Random};
use futures_util::future::select;
use std::pin::pin;
use sync::backoff;

/// How often the client asks again after a failure that may pass.
const MAX_FAILURES: u32 = 6;

/// Asks until there is an answer or a refusal, or until a person would have given up. A
/// ring of `again` ends a wait.
///
/// # Errors
/// The last failure of the question.
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

/// Waits before a question is asked again that has failed so often. The wait that the
/// server asked for comes first, and no ring of `again` ends that one.
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
