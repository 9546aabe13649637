//! The order of names in a real browser, and how long a long list takes.

use app::ui::collate::{insert, sort};
use platform::browser::clock;
use platform::browser::collator::Collator;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen_test]
fn names_stand_as_people_of_any_language_read_them() {
    let expected = [
        "_notes",
        "1.txt",
        "2.txt",
        "10.txt",
        "Äpfel",
        "apple",
        "chapter 02",
        "chapter 2",
        "chapter 10",
        "Zebra",
    ];
    let mut names: Vec<&str> = expected.into_iter().rev().collect();
    sort(&Collator::new(), &mut names, |name| name);
    assert_eq!(names, expected);
}

type Shape = fn(usize) -> String;

#[wasm_bindgen_test]
fn a_hundred_thousand_names_are_sorted_in_the_blink_of_an_eye() {
    let collator = Collator::new();
    let shapes: [(&str, Shape); 2] = [
        ("IMG_4711.jpg", |n| format!("IMG_{n}.jpg")),
        ("Straße 4711 – Übersicht (3).pdf", |n| {
            format!("Straße {} – Übersicht ({}).pdf", n / 7, n % 7)
        }),
    ];
    for (what, shape) in shapes {
        let mut names: Vec<String> = (0..100_000).map(|n| shape(n * 7_919 % 100_000)).collect();
        let started = clock::running_ms();
        sort(&collator, &mut names, |name| name);
        let sorted = clock::running_ms();
        insert(
            &collator,
            &mut names,
            vec![shape(5).replace('5', "5b")],
            |name| name,
        );
        let inserted = clock::running_ms();
        wasm_bindgen_test::console_log!(
            "100,000 names as {what}: {} ms; one more: {} ms",
            sorted - started,
            inserted - sorted
        );
        // Unoptimised, on a machine that does other things as well.
        assert!(sorted - started < 10_000 && inserted - sorted < 1_000);
    }
}
