//! What changed within a line.

use super::encoding::{Class, class};
use blocks::diff::{self, Numbers};
use std::ops::Range;

/// If less than this part of both lines is alike, in percent, the lines have nothing to
/// do with each other, and no words are marked.
const LEAST_ALIKE_PERCENT: usize = 20;

/// The changed stretches of two versions of a line, in order, none of them empty. Their
/// byte offsets lie between characters. Words, runs of white space and other single
/// characters are compared as a whole.
pub fn changed(old: &str, new: &str) -> (Vec<Range<usize>>, Vec<Range<usize>>) {
    if old == new {
        return (Vec::new(), Vec::new());
    }
    let (olds, news) = (tokens(old), tokens(new));
    let mut numbers = Numbers::default();
    let mut ids = |line, tokens: &[Range<usize>]| -> Vec<u32> {
        numbers.of(tokens.iter().map(|token| slice(line, token)))
    };
    let (old_ids, new_ids) = (ids(old, &olds), ids(new, &news));
    let (mut in_old, mut in_new) = (Vec::new(), Vec::new());
    for change in diff::changes(&old_ids, &new_ids) {
        in_old.extend(non_empty(covered(&olds[change.old])));
        in_new.extend(non_empty(covered(&news[change.new])));
    }
    let changed: usize = in_old.iter().chain(&in_new).map(Range::len).sum();
    let both = old.len() + new.len();
    if (both - changed) * 100 < both * LEAST_ALIKE_PERCENT {
        return (non_empty(0..old.len()), non_empty(0..new.len()));
    }
    (in_old, in_new)
}

fn slice<'a>(line: &'a str, token: &Range<usize>) -> &'a str {
    &line[token.clone()]
}

fn non_empty(range: Range<usize>) -> Vec<Range<usize>> {
    if range.is_empty() {
        Vec::new()
    } else {
        vec![range]
    }
}

fn covered(tokens: &[Range<usize>]) -> Range<usize> {
    match (tokens.first(), tokens.last()) {
        (Some(first), Some(last)) => first.start..last.end,
        _ => 0..0,
    }
}

fn tokens(line: &str) -> Vec<Range<usize>> {
    let mut tokens: Vec<Range<usize>> = Vec::new();
    let mut before = Class::Other;
    for (at, char) in line.char_indices() {
        let end = at + char.len_utf8();
        let class = class(char);
        match tokens.last_mut() {
            Some(last) if class != Class::Other && class == before => last.end = end,
            _ => tokens.push(at..end),
        }
        before = class;
    }
    tokens
}
