//! Merging two sides of a conflict.

mod changed_lines;
mod draft;
#[cfg(not(target_arch = "wasm32"))]
mod edited;
#[cfg(not(target_arch = "wasm32"))]
mod encodings;
mod ends;
mod pieces;
#[cfg(not(target_arch = "wasm32"))]
mod properties;
mod ranges;
mod regions;
mod rows;
mod text;
mod words;

use merge::{Merge, Text};

/// What is written here is UTF-8.
fn text(chars: &str) -> Text {
    Text::decode(chars.as_bytes()).expect("UTF-8 without NUL is text")
}

fn merge(base: &str, first: &str, second: &str) -> Merge {
    Merge::new(text(base), text(first), text(second))
}

/// The result, as characters.
fn result(merge: &Merge) -> Option<String> {
    let merged = merge.result().ok()?;
    Some(String::from_utf8(merged.bytes).expect("the sides are UTF-8"))
}

/// `count` lines that differ.
fn numbered(count: usize) -> Vec<String> {
    (0..count).map(|line| format!("line {line}\n")).collect()
}
