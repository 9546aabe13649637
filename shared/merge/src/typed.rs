//! What a person typed in a region's place, compared with the lines that they saw there.
//! Lines that they did not touch keep their ends and their bytes.

use super::pieces::LineEnd;
use super::regions::Region;
use super::result::Decided;
use super::session::{LineOrigin, Merge};
use super::text::{Lines, Text};
use blocks::diff::{Numbers, changes};
use std::collections::HashMap;
use std::ops::Range;

impl Merge {
    /// The lines with which an editor begins: those of the result, or both sides to choose
    /// from.
    pub(super) fn start(&self, region: usize) -> Vec<Decided<'_>> {
        let Some(known) = self.regions.get(region) else {
            return Vec::new();
        };
        self.decided(region).unwrap_or_else(|| {
            let first = whole(&self.first, &known.first);
            let first = first.map(|line| Decided {
                end: self.ends.of_first(line.end),
                ..line
            });
            let second = whole(&self.second, &known.second);
            let second = second.map(|line| Decided {
                end: self.ends.of_second(line.end),
                ..line
            });
            first.chain(second).collect()
        })
    }

    /// A typed text in lines. If the region is a part of a line, so is the typed text.
    pub(super) fn typed_lines(&self, region: &Region, text: String) -> Lines {
        let texts = [
            (&self.base, &region.base),
            (&self.first, &region.first),
            (&self.second, &region.second),
        ];
        let mut lasts = texts.iter().filter(|(_, range)| !range.is_empty());
        if lasts.any(|(text, range)| text.lines.goes_on(range.end - 1)) {
            Lines::open(text)
        } else {
            Lines::new(text)
        }
    }

    /// A typed text with its line ends, which a text field does not keep. An unchanged line
    /// ends as it did, a line in the place of another ends as that one, and a new line
    /// ends as most lines do.
    pub(super) fn with_ends(&self, region: usize, typed: &str) -> Option<String> {
        let lines = self.typed_lines(self.regions.get(region)?, typed.to_owned());
        let start = self.start(region);
        let ends = self.start_ends(&start);
        let before = start.iter().map(Decided::content).collect();
        let beside = beside(before, &lines);
        let mut text = String::with_capacity(typed.len());
        for (index, beside) in beside.iter().enumerate() {
            text.push_str(lines.content(index));
            if lines.end(index) != LineEnd::None {
                let (Beside::Same(was) | Beside::InPlace(was)) = beside else {
                    text.push_str(self.usual_end().as_str());
                    continue;
                };
                let was = ends.get(*was).filter(|end| **end != LineEnd::None);
                text.push_str(was.unwrap_or(&self.usual_end()).as_str());
            }
        }
        Some(text)
    }

    fn start_ends(&self, start: &[Decided<'_>]) -> Vec<LineEnd> {
        start.iter().map(|line| line.end).collect()
    }

    /// For each typed line in a region's place, the line of a file that says the same.
    pub(super) fn sources(
        &self,
        region: &Region,
        typed: &Lines,
    ) -> Vec<Option<(LineOrigin, usize)>> {
        let of = |origin, range: &Range<usize>| range.clone().map(move |line| (origin, line));
        let sides =
            of(LineOrigin::First, &region.first).chain(of(LineOrigin::Second, &region.second));
        let sides: Vec<(LineOrigin, usize)> = sides.collect();
        let content =
            |(origin, line): &(LineOrigin, usize)| self.text(*origin).lines.content(*line);
        let beside = beside(sides.iter().map(content).collect(), typed);
        let mut all: HashMap<&str, (LineOrigin, usize)> = HashMap::new();
        // What both files and their base have is taken from the first.
        let base = of(LineOrigin::Base, &region.base).collect::<Vec<_>>();
        for line in sides.iter().chain(&base) {
            all.entry(content(line)).or_insert(*line);
        }
        let source = |(index, beside): (usize, &Beside)| match beside {
            Beside::Same(line) => sides.get(*line).copied(),
            _ => all.get(typed.content(index)).copied(),
        };
        beside.iter().enumerate().map(source).collect()
    }

    pub(super) fn text(&self, origin: LineOrigin) -> &Text {
        match origin {
            LineOrigin::Base => &self.base,
            LineOrigin::First => &self.first,
            LineOrigin::Second => &self.second,
        }
    }
}

fn whole<'a>(text: &'a Text, range: &Range<usize>) -> impl Iterator<Item = Decided<'a>> {
    range.clone().map(|index| Decided {
        lines: &text.lines,
        index,
        end: text.lines.end(index),
        source: Some((text, index)),
    })
}

/// Where a line of a new text was in the old one.
pub(super) enum Beside {
    Same(usize),
    /// Another line stood there.
    InPlace(usize),
    New,
}

pub(super) fn beside(old: Vec<&str>, new: &Lines) -> Vec<Beside> {
    let mut numbers = Numbers::default();
    let old = numbers.of(old.into_iter());
    let new = numbers.of((0..new.len()).map(|line| new.content(line)));
    let mut beside = Vec::with_capacity(new.len());
    let mut at_old = 0;
    for change in changes(&old, &new) {
        while beside.len() < change.new.start {
            beside.push(Beside::Same(at_old));
            at_old += 1;
        }
        let mut olds = change.old.clone();
        for _ in change.new {
            beside.push(olds.next().map_or(Beside::New, Beside::InPlace));
        }
        at_old = change.old.end;
    }
    while beside.len() < new.len() {
        beside.push(Beside::Same(at_old));
        at_old += 1;
    }
    beside
}
