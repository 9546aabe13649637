//! Markdown, as elements of a closed list that are made by hand: whatever the text says,
//! there is no other element, and no attribute but a link's harmless address.

use super::super::dom;
use crate::state::Drive;
use crate::words::{say, t};
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, Node};
use workers::reading::markdown::{Kind, Mark, Side, is_harmless};

#[component]
pub fn MarkdownView(marks: Vec<Mark>, label: String) -> impl IntoView {
    let node = NodeRef::<html::Div>::new();
    let drive: Drive = expect_context();
    // The name of the file is the page's heading there, and a dialog's elsewhere.
    let above = if untrack(|| drive.is_visited()) { 1 } else { 2 };
    dom::when_drawn(node, move |place| draw(&place, &marks, above));
    view! {
        <div class="viewer-scroll" tabindex="0" role="region" aria-label=label>
            <div node_ref=node class="viewer-paper markdown" dir="auto" data-testid="viewer-markdown"></div>
        </div>
    }
}

/// Puts the marks in the place of what is there, below a heading of the level `above`.
pub fn draw(place: &Element, marks: &[Mark], above: u8) {
    place.set_text_content(None);
    let mut writing = Writing {
        at: vec![place.unchecked_ref::<Node>().clone()],
        above,
        level: above,
    };
    for mark in marks {
        writing.take(mark);
    }
}

struct Writing {
    /// What is open, the innermost last.
    at: Vec<Node>,
    /// The level of the heading that all of it is below, and of the last one.
    above: u8,
    level: u8,
}

impl Writing {
    fn take(&mut self, mark: &Mark) {
        match mark {
            Mark::Open(kind) => {
                let element = self.make(kind);
                if let Some(element) = self.add(element) {
                    self.at.push(element.into());
                } else if let Some(here) = self.at.last().cloned() {
                    self.at.push(here);
                }
            }
            // The first is the place itself.
            Mark::Close if self.at.len() > 1 => {
                self.at.pop();
            }
            Mark::Close => {}
            Mark::Text(text) => self.text(text),
            Mark::Code(text) => {
                let code = element("code", "");
                if let Some(code) = self.add(code) {
                    code.set_text_content(Some(text));
                }
            }
            Mark::Break => {
                self.add(element("br", ""));
            }
            Mark::Rule => {
                self.add(element("hr", ""));
            }
            Mark::Task(done) => self.text(if *done { "☑ " } else { "☐ " }),
            Mark::Picture(words) => {
                let picture = element("span", "markdown-picture");
                if let Some(picture) = self.add(picture) {
                    let words = match words.trim() {
                        "" => t("Picture, not loaded").to_owned(),
                        words => say!("Picture, not loaded: {description}", description = words),
                    };
                    picture.set_text_content(Some(&words));
                }
            }
            Mark::Cut => {
                self.at.truncate(1);
                let note = element("p", "viewer-note");
                if let Some(note) = self.add(note) {
                    note.set_text_content(Some(t("There is more, which is not shown.")));
                }
            }
        }
    }

    fn make(&mut self, kind: &Kind) -> Option<Element> {
        match kind {
            Kind::Paragraph => element("p", ""),
            Kind::Heading(level) => {
                // No level is left out below the viewer's own heading: people go from one
                // to the next.
                self.level = (level + self.above).min(self.level + 1).min(6);
                let tag = ["h2", "h3", "h4", "h5", "h6"][usize::from(self.level.clamp(2, 6) - 2)];
                element(tag, &format!("markdown-{level}"))
            }
            Kind::Quote => element("blockquote", ""),
            Kind::CodeBlock => element("pre", ""),
            Kind::Bullets => element("ul", ""),
            Kind::Numbers(first) => {
                let list = element("ol", "")?;
                let _ = list.set_attribute("start", &first.to_string());
                Some(list)
            }
            Kind::Item => element("li", ""),
            Kind::Table => element("table", ""),
            Kind::TableHead | Kind::Row => element("tr", ""),
            Kind::HeadCell(side) => {
                let head = element("th", side_class(*side))?;
                let _ = head.set_attribute("scope", "col");
                Some(head)
            }
            Kind::Cell(side) => element("td", side_class(*side)),
            Kind::Emphasis => element("em", ""),
            Kind::Strong => element("strong", ""),
            Kind::Struck => element("s", ""),
            Kind::Link(address) if is_harmless(address) => {
                let link = element("a", "link")?;
                let attributes = [
                    ("href", address.as_str()),
                    ("target", "_blank"),
                    ("rel", "noopener noreferrer nofollow"),
                ];
                for (name, value) in attributes {
                    let _ = link.set_attribute(name, value);
                }
                Some(link)
            }
            Kind::Link(_) => element("span", ""),
        }
    }

    fn add(&self, element: Option<Element>) -> Option<Element> {
        let element = element?;
        self.at.last()?.append_child(&element).ok()?;
        Some(element)
    }

    fn text(&self, text: &str) {
        if let Some(here) = self.at.last() {
            let _ = here.append_child(&document().create_text_node(text));
        }
    }
}

fn side_class(side: Side) -> &'static str {
    match side {
        Side::Start => "",
        Side::Middle => "side-middle",
        Side::End => "side-end",
    }
}

fn element(tag: &str, class: &str) -> Option<Element> {
    let element = document().create_element(tag).ok()?;
    if !class.is_empty() {
        element.set_class_name(class);
    }
    Some(element)
}
