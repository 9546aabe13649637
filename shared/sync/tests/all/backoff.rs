#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use sync::backoff::delay_millis;

#[test]
fn the_first_wait_is_between_a_quarter_and_half_a_second() {
    assert_eq!(delay_millis(0, 0.0), 250);
    assert_eq!(delay_millis(0, 0.999_999), 499);
}

#[test]
fn the_ceiling_doubles_until_thirty_seconds() {
    let ceilings: Vec<u64> = (0..8).map(|failures| delay_millis(failures, 1.0)).collect();
    assert_eq!(
        ceilings,
        [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]
    );
}

#[test]
fn no_number_of_failures_and_no_jitter_leaves_the_bounds() {
    for failures in [0, 1, 5, 16, 17, 63, 64, 65, u32::MAX] {
        for jitter in [-1.0, 0.0, 0.5, 1.0, 7.0, f64::NAN, f64::INFINITY] {
            let wait = delay_millis(failures, jitter);
            assert!(
                (250..=30_000).contains(&wait),
                "{wait} ms after {failures} failures with jitter {jitter}"
            );
        }
    }
}

#[test]
fn jitter_spreads_the_waits() {
    assert!(delay_millis(10, 0.1) < delay_millis(10, 0.9));
}
