//! How long to wait before a request is tried again.

/// The most that the first wait takes, in milliseconds.
const BASE_MILLIS: u64 = 500;
/// The longest wait in milliseconds: someone who comes back online looks for
/// their files within half a minute.
const CAP_MILLIS: u64 = 30_000;

/// The wait before attempt number `failures + 1`, in milliseconds: exponential
/// with full jitter (Brooker, "Exponential Backoff And Jitter", 2015), so that
/// clients which failed together do not come back together. `jitter` is a
/// random number in `0.0..1.0`.
pub fn delay_millis(failures: u32, jitter: f64) -> u64 {
    let ceiling = BASE_MILLIS
        .saturating_mul(1 << failures.min(16))
        .min(CAP_MILLIS);
    let floor = BASE_MILLIS / 2;
    floor + ((ceiling - floor) as f64 * jitter.clamp(0.0, 1.0)) as u64
}
