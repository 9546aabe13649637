//! Markdown as a list of marks, of which the page makes elements. There is none for
//! scripts, for raw HTML (which is text) and for pictures from elsewhere; links lead to
//! the web or to a mail program, or are text.

use pulldown_cmark::{
    Alignment, CodeBlockKind, Event, HeadingLevel, LinkType, MetadataBlockKind, Options, Parser,
    Tag,
};
use serde::{Deserialize, Serialize};

/// More marks are not shown: the page would be slow with them.
const MAX_MARKS: usize = 20_000;

/// What is in more things than so many is shown in the last of them.
const MAX_DEPTH: usize = 40;

/// One thing after the other, as in the text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// Something begins, and ends with the [`Mark::Close`] that belongs to it.
    Open(Kind),
    Close,
    Text(String),
    /// Code within a line.
    Code(String),
    /// A line ends within a paragraph, where it was meant to.
    Break,
    Rule,
    /// Whether a task is done.
    Task(bool),
    /// A picture that is not loaded, by its description.
    Picture(String),
    /// There is more than is shown.
    Cut,
}

/// What begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Paragraph,
    /// From 1 to 6.
    Heading(u8),
    Quote,
    CodeBlock,
    Bullets,
    /// Counted from this.
    Numbers(u64),
    Item,
    Table,
    TableHead,
    Row,
    HeadCell(Side),
    Cell(Side),
    Emphasis,
    Strong,
    Struck,
    /// Only to an address that [`is_harmless`].
    Link(String),
}

/// On which side of its column a cell stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    Start,
    Middle,
    End,
}

/// Whether a link may lead there: to the web or to a mail program.
pub fn is_harmless(address: &str) -> bool {
    let scheme = address.split_once(':').map(|(scheme, _)| scheme);
    let scheme = scheme.unwrap_or_default().to_ascii_lowercase();
    matches!(scheme.as_str(), "http" | "https" | "mailto")
        && !address.contains(|c: char| c.is_control() || c.is_whitespace())
}

/// Takes a text apart.
pub fn read(text: &str) -> Vec<Mark> {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS;
    let mut writing = Writing::default();
    for event in Parser::new_ext(text, options) {
        if writing.marks.len() >= MAX_MARKS {
            writing.end_early();
            break;
        }
        writing.take(event);
    }
    writing.marks
}

#[derive(Default)]
struct Writing {
    marks: Vec<Mark>,
    /// For each thing that is open in the text, whether there is a mark of it.
    open: Vec<bool>,
    /// How many of them have one.
    depth: usize,
    sides: Vec<Alignment>,
    /// The place of the next cell in its row.
    column: usize,
    in_head: bool,
    /// How many pictures are open, and what is said in them.
    pictures: usize,
    described: String,
}

impl Writing {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(Tag::Image { .. }) => self.pictures += 1,
            Event::End(pulldown_cmark::TagEnd::Image) => {
                self.pictures = self.pictures.saturating_sub(1);
                if self.pictures == 0 {
                    let described = std::mem::take(&mut self.described);
                    self.marks.push(Mark::Picture(described));
                }
            }
            // Of what is in a picture, only its words count.
            _ if self.pictures > 0 => {
                if let Event::Text(text) | Event::Code(text) = event {
                    self.described.push_str(&text);
                }
            }
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text)
            | Event::Html(text)
            | Event::InlineHtml(text)
            | Event::InlineMath(text)
            | Event::DisplayMath(text)
            | Event::FootnoteReference(text) => self.text(text.into_string()),
            Event::Code(text) => self.marks.push(Mark::Code(text.into_string())),
            Event::SoftBreak => self.text("\n".to_owned()),
            Event::HardBreak => self.marks.push(Mark::Break),
            Event::Rule => self.marks.push(Mark::Rule),
            Event::TaskListMarker(done) => self.marks.push(Mark::Task(done)),
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        let kind = match tag {
            Tag::Paragraph => Some(Kind::Paragraph),
            Tag::Heading { level, .. } => Some(Kind::Heading(number(level))),
            Tag::BlockQuote(_) => Some(Kind::Quote),
            Tag::CodeBlock(CodeBlockKind::Indented | CodeBlockKind::Fenced(_))
            | Tag::HtmlBlock
            | Tag::MetadataBlock(MetadataBlockKind::YamlStyle | MetadataBlockKind::PlusesStyle) => {
                Some(Kind::CodeBlock)
            }
            Tag::List(None) => Some(Kind::Bullets),
            Tag::List(Some(first)) => Some(Kind::Numbers(first)),
            Tag::Item => Some(Kind::Item),
            Tag::Table(sides) => {
                self.sides = sides;
                Some(Kind::Table)
            }
            Tag::TableHead => {
                (self.column, self.in_head) = (0, true);
                Some(Kind::TableHead)
            }
            Tag::TableRow => {
                (self.column, self.in_head) = (0, false);
                Some(Kind::Row)
            }
            Tag::TableCell => {
                let side = self.side();
                self.column += 1;
                Some(match self.in_head {
                    true => Kind::HeadCell(side),
                    false => Kind::Cell(side),
                })
            }
            Tag::Emphasis => Some(Kind::Emphasis),
            Tag::Strong => Some(Kind::Strong),
            Tag::Strikethrough => Some(Kind::Struck),
            Tag::Link {
                link_type,
                dest_url,
                ..
            } => {
                let address = match link_type {
                    LinkType::Email => format!("mailto:{dest_url}"),
                    _ => dest_url.into_string(),
                };
                is_harmless(&address).then_some(Kind::Link(address))
            }
            _ => None,
        };
        let kind = kind.filter(|_| self.depth < MAX_DEPTH);
        self.depth += usize::from(kind.is_some());
        self.open.push(kind.is_some());
        self.marks.extend(kind.map(Mark::Open));
    }

    fn end(&mut self, _: pulldown_cmark::TagEnd) {
        if self.open.pop() == Some(true) {
            self.depth -= 1;
            self.marks.push(Mark::Close);
        }
    }

    fn text(&mut self, text: String) {
        match self.marks.last_mut() {
            Some(Mark::Text(before)) => before.push_str(&text),
            _ => self.marks.push(Mark::Text(text)),
        }
    }

    fn side(&self) -> Side {
        match self.sides.get(self.column) {
            Some(Alignment::Center) => Side::Middle,
            Some(Alignment::Right) => Side::End,
            _ => Side::Start,
        }
    }

    fn end_early(&mut self) {
        let open = self.open.drain(..).filter(|is_marked| *is_marked);
        let closes = open.map(|_| Mark::Close).collect::<Vec<_>>();
        self.marks.extend(closes);
        self.marks.push(Mark::Cut);
    }
}

fn number(level: HeadingLevel) -> u8 {
    match level {
        HeadingLevel::H1 => 1,
        HeadingLevel::H2 => 2,
        HeadingLevel::H3 => 3,
        HeadingLevel::H4 => 4,
        HeadingLevel::H5 => 5,
        HeadingLevel::H6 => 6,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened(marks: &[Mark]) -> Vec<Kind> {
        let kinds = marks.iter().filter_map(|mark| match mark {
            Mark::Open(kind) => Some(kind.clone()),
            _ => None,
        });
        kinds.collect()
    }

    /// As many ends as beginnings, and never more of them than there were.
    fn is_balanced(marks: &[Mark]) -> bool {
        let mut depth = 0_usize;
        for mark in marks {
            match mark {
                Mark::Open(_) => depth += 1,
                Mark::Close if depth == 0 => return false,
                Mark::Close => depth -= 1,
                _ => {}
            }
        }
        depth == 0
    }

    #[test]
    fn headings_lists_tables_and_tasks_are_what_they_are() {
        let marks = read(
            "# One\n\n- [x] done\n- [ ] open\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n\n~~no~~ `x`",
        );
        assert!(is_balanced(&marks));
        let kinds = opened(&marks);
        assert_eq!(kinds[0], Kind::Heading(1));
        for kind in [
            Kind::Bullets,
            Kind::TableHead,
            Kind::Cell(Side::End),
            Kind::Struck,
        ] {
            assert!(kinds.contains(&kind), "{kind:?} in {kinds:?}");
        }
        assert!(marks.contains(&Mark::Task(true)) && marks.contains(&Mark::Task(false)));
        assert!(marks.contains(&Mark::Code("x".into())));
    }

    #[test]
    fn links_lead_to_the_web_or_are_text() {
        let hostile = [
            "[x](javascript:alert(1))",
            "[x](JaVaScRiPt:alert(1))",
            "[x](data:text/html,<script>alert(1)</script>)",
            "[x](vbscript:x)",
            "[x](/api/v1/accounts/me)",
            "[x](&#106;avascript:alert(1))",
            "<javascript:alert(1)>",
        ];
        for text in hostile {
            let kinds = opened(&read(text));
            assert_eq!(kinds, [Kind::Paragraph], "{text}");
        }
        assert_eq!(
            opened(&read("[x](https://example.org/)"))[1],
            Kind::Link("https://example.org/".into())
        );
        assert_eq!(
            opened(&read("<a@example.org>"))[1],
            Kind::Link("mailto:a@example.org".into())
        );
        assert!(!is_harmless("java\nscript:alert(1)"));
        assert!(!is_harmless("https://a b"));
    }

    #[test]
    fn raw_html_is_text_and_pictures_are_their_words() {
        let marks = read(
            "<script>alert(1)</script>\n\nA <b onclick=x>bold</b> one\n\n![a *cat*](https://evil.example/a.png)",
        );
        assert!(is_balanced(&marks));
        let known = [Kind::CodeBlock, Kind::Paragraph, Kind::Paragraph];
        assert_eq!(opened(&marks), known);
        assert!(marks.contains(&Mark::Picture("a cat".into())));
        assert!(marks.contains(&Mark::Text("<script>alert(1)</script>\n".into())));
        assert!(
            !marks
                .iter()
                .any(|mark| format!("{mark:?}").contains("evil"))
        );
    }

    #[test]
    fn what_is_nested_without_an_end_is_bounded() {
        for text in [
            ">".repeat(30_000),
            "- ".repeat(5_000),
            "*a ".repeat(30_000),
            "[".repeat(30_000),
        ] {
            let marks = read(&format!("{text}x"));
            assert!(is_balanced(&marks));
            let mut depth = 0_usize;
            for mark in &marks {
                match mark {
                    Mark::Open(_) => depth += 1,
                    Mark::Close => depth -= 1,
                    _ => {}
                }
                assert!(depth <= MAX_DEPTH);
            }
        }
    }

    #[test]
    fn a_long_text_is_cut_and_says_so() {
        let marks = read(&"- a\n\n".repeat(20_000));
        assert!(marks.len() <= MAX_MARKS + MAX_DEPTH + 1);
        assert!(is_balanced(&marks));
        assert_eq!(marks.last(), Some(&Mark::Cut));
        assert_ne!(read("a").last(), Some(&Mark::Cut));
    }
}
