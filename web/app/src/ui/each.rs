//! Lists whose rows stay while their keys do.
//!
//! Leptos compiles its `For` anew for every list, 8 kB each. These are one, for
//! rows of which it only knows how to make them.

use leptos::prelude::*;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher, Hash};
use std::sync::Arc;

struct Line {
    /// The hash of its key: of a thousand rows, two are alike once in 10¹³ lists.
    key: u64,
    view: Box<dyn FnOnce(ReadSignal<usize>) -> AnyView + Send>,
}

/// A view for each item. A row is made anew where its key is.
#[component]
pub fn Each<T, K, V>(
    each: impl Fn() -> Vec<T> + Send + 'static,
    key: fn(&T) -> K,
    children: impl Fn(T) -> V + Send + Sync + 'static,
) -> impl IntoView
where
    T: Send + 'static,
    K: Hash + 'static,
    V: IntoView + 'static,
{
    numbered(each, key, move |_, item| children(item).into_any())
}

/// The same, for rows that show where they stand, counted from 0.
pub fn numbered<T: Send + 'static, K: Hash + 'static>(
    each: impl Fn() -> Vec<T> + Send + 'static,
    key: fn(&T) -> K,
    row: impl Fn(ReadSignal<usize>, T) -> AnyView + Send + Sync + 'static,
) -> AnyView {
    let row = Arc::new(row);
    lines(Box::new(move || {
        let line = |item: T| Line {
            key: BuildHasherDefault::<DefaultHasher>::default().hash_one(key(&item)),
            view: {
                let row = row.clone();
                Box::new(move |place| row(place, item))
            },
        };
        each().into_iter().map(line).collect()
    }))
}

fn lines(each: Box<dyn Fn() -> Vec<Line> + Send>) -> AnyView {
    view! {
        <ForEnumerate
            each
            key=|line| line.key
            children=|place, line| (line.view)(place)
        />
    }
    .into_any()
}
