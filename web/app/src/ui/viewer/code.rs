//! Text: words in lines as long as the window, or source text with numbers and colours.
//! All of it is in the document at once, a lot of lines at a time, so that the browser
//! finds in it and draws only what is in sight.

use futures_util::future::abortable;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::cell::Cell;
use web_sys::Element;
use workers::reading::colours::{Stretch, colour};

/// Lines of one element; the worker that colours them sends as many at once.
const LOT_LINES: usize = 200;
/// A longer text has no colours: it would be a page of a hundred thousand elements.
const COLOURED_BYTES: usize = 400 << 10;

/// `language` is the ending of a source text's name.
#[component]
pub fn TextView(text: String, language: Option<String>, label: String) -> impl IntoView {
    let text = text.replace("\r\n", "\n");
    // What ends the last line begins no other one.
    let text = text.strip_suffix('\n').unwrap_or(&text).to_owned();
    let node = NodeRef::<html::Div>::new();
    let is_code = language.is_some();
    let lots = lots(&text);
    if let Some(language) = language.filter(|_| text.len() <= COLOURED_BYTES) {
        let (colouring, stop) = abortable(async move {
            let next = Cell::new(0);
            let take = |lines: Vec<Vec<Stretch>>| {
                let lot = next.replace(next.get() + 1);
                if let Some(lot) = lot_of(node, lot) {
                    fill(&lot, &lines);
                }
            };
            // Without colours it is the same text.
            let _ = colour(&language, &text, take).await;
        });
        spawn_local(async move {
            let _ = colouring.await;
        });
        on_cleanup(move || stop.abort());
    }
    let mut first = 1;
    let lots = lots
        .into_iter()
        .map(|lot| {
            let numbers = is_code.then(|| numbers(first, lot.lines));
            first += lot.lines;
            view! {
                <div class="code-lot">
                    {numbers.map(|numbers| view! { <pre class="code-numbers" aria-hidden="true">{numbers}</pre> })}
                    <pre class="code-lines">{lot.text}</pre>
                </div>
            }
        })
        .collect::<Vec<_>>();
    view! {
        <div
            node_ref=node
            class="viewer-scroll viewer-text"
            class:viewer-code=is_code
            tabindex="0"
            role="region"
            aria-label=label
            data-testid="viewer-text"
        >
            {lots}
        </div>
    }
}

struct Lot {
    lines: usize,
    text: String,
}

fn lots(text: &str) -> Vec<Lot> {
    let lines: Vec<&str> = text.split('\n').collect();
    let lots = lines.chunks(LOT_LINES).map(|lines| Lot {
        lines: lines.len(),
        text: lines.join("\n"),
    });
    lots.collect()
}

fn numbers(first: usize, lines: usize) -> String {
    let numbers: Vec<String> = (first..first + lines)
        .map(|line| line.to_string())
        .collect();
    numbers.join("\n")
}

fn lot_of(node: NodeRef<html::Div>, lot: usize) -> Option<Element> {
    let lots = node.try_get_untracked()??.children();
    let lot = lots.item(u32::try_from(lot).ok()?)?;
    lot.last_element_child()
}

/// Puts the same text in its place, in stretches.
fn fill(lot: &Element, lines: &[Vec<Stretch>]) {
    let document = document();
    let filled = document.create_document_fragment();
    let add = |text: &str| {
        let _ = filled.append_child(&document.create_text_node(text));
    };
    for (nth, line) in lines.iter().enumerate() {
        if nth > 0 {
            add("\n");
        }
        for stretch in line {
            if !stretch.kind.starts_with("hljs-") {
                add(&stretch.text);
                continue;
            }
            if let Ok(span) = document.create_element("span") {
                span.set_class_name(&stretch.kind);
                span.set_text_content(Some(&stretch.text));
                let _ = filled.append_child(&span);
            }
        }
    }
    lot.set_text_content(None);
    let _ = lot.append_child(&filled);
}

#[cfg(test)]
mod tests {
    use super::{LOT_LINES, lots, numbers};

    #[test]
    fn every_line_is_in_a_lot_once_and_has_its_number() {
        let text: String = (1..=LOT_LINES + 3)
            .map(|line| format!("\nline {line}"))
            .collect();
        let text = &text[1..];
        let lots = lots(text);
        assert_eq!(
            lots.iter().map(|lot| lot.lines).collect::<Vec<_>>(),
            [LOT_LINES, 3]
        );
        let all: Vec<&str> = lots.iter().map(|lot| lot.text.as_str()).collect();
        assert_eq!(all.join("\n"), text);
        assert_eq!(numbers(201, 3), "201\n202\n203");
        assert_eq!(super::lots("").len(), 1);
    }
}
