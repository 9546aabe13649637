//! The words of a query: whether a name fits them, how well, and where.
//!
//! A name fits if each word is somewhere in it, in whatever order. A word of several
//! letters may have typos; then it has to be the beginning of something, or nearly
//! everything would fit.

use super::fold::{Folder, Traced};
use std::ops::Range;

/// Letters from which on a word may have one typo, and two.
const LETTERS_FOR_TYPOS: [usize; 2] = [4, 8];
/// A longer word has to be right: what it is compared with is kept on the stack.
const MAX_FORGIVEN: usize = 48;

/// How a word is in a name, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fit {
    /// It is the name, or all of it but the ending.
    Exact,
    /// The name begins with it.
    Prefix,
    /// Something in the name begins with it.
    WordStart,
    /// It is within a word.
    Infix,
    /// Something in the name begins nearly so.
    Typo,
}

/// How well a name fits, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rank {
    /// Of the words, the one that fits worst.
    pub worst: Fit,
    /// How far all words together are from the best.
    pub sum: u16,
}

impl Rank {
    const BEST: Self = Self {
        worst: Fit::Exact,
        sum: 0,
    };
}

/// The words that are looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pattern {
    /// All of it, as it is typed.
    whole: String,
    words: Vec<Word>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Word {
    text: String,
    letters: Vec<char>,
    mask: u64,
    /// How many are forgiven.
    typos: usize,
}

/// Which letters are in a folded text. Two letters may share a bit, so a text without a
/// bit does not have the letter, and one with the bit may have it.
pub fn mask(text: &str) -> u64 {
    text.bytes().fold(0, |mask, byte| mask | bit(byte))
}

fn bit(byte: u8) -> u64 {
    1 << match byte {
        b'a'..=b'z' => byte - b'a',
        b'0'..=b'9' => 26 + byte - b'0',
        other => 36 + other % 28,
    }
}

impl Pattern {
    /// The words of a text.
    pub fn new(text: &str, folder: &mut Folder) -> Self {
        let folded = folder.folded(text);
        let words: Vec<&str> = folded.split_whitespace().collect();
        Self {
            whole: words.join(" "),
            words: words.into_iter().map(Word::new).collect(),
        }
    }

    /// Whether every name fits, since no word is looked for.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// How well a folded name fits, if it does. `letters` is its [`mask`].
    pub fn rank(&self, name: &str, letters: u64) -> Option<Rank> {
        if self.is_empty() {
            return Some(Rank::BEST);
        }
        let mut rank = Rank::BEST;
        for word in &self.words {
            let (fit, _) = word.find(name, letters)?;
            rank.worst = rank.worst.max(fit);
            rank.sum += fit as u16;
        }
        if name.starts_with(&self.whole) {
            let is_all = name.len() == self.whole.len() || stem(name) == self.whole;
            rank.worst = if is_all { Fit::Exact } else { Fit::Prefix };
        }
        Some(rank)
    }

    /// What of a name fits: bytes of the name as it is, in order, without overlaps.
    /// Nothing, if it does not fit.
    pub fn ranges(&self, name: &str, folder: &mut Folder) -> Vec<Range<usize>> {
        let traced = Traced::of(name, folder);
        let letters = mask(&traced.text);
        let mut found = Vec::with_capacity(self.words.len());
        for word in &self.words {
            let Some((_, range)) = word.find(&traced.text, letters) else {
                return Vec::new();
            };
            found.extend(traced.origin(&range));
        }
        found.sort_unstable_by_key(|range| (range.start, range.end));
        let mut apart: Vec<Range<usize>> = Vec::with_capacity(found.len());
        for range in found {
            match apart.last_mut() {
                Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
                _ => apart.push(range),
            }
        }
        apart
    }
}

impl Word {
    fn new(text: &str) -> Self {
        let letters: Vec<char> = text.chars().collect();
        let alphabetic = letters.iter().filter(|c| c.is_alphabetic()).count();
        let forgiven = LETTERS_FOR_TYPOS.iter().filter(|&&from| alphabetic >= from);
        let typos = match letters.len() > MAX_FORGIVEN {
            true => 0,
            false => forgiven.count(),
        };
        Self {
            mask: mask(text),
            text: text.to_owned(),
            letters,
            typos,
        }
    }

    /// The best of its places in a folded name.
    fn find(&self, name: &str, letters: u64) -> Option<(Fit, Range<usize>)> {
        if self.mask & !letters == 0 {
            let as_it_is = self.find_as_it_is(name);
            return as_it_is.or_else(|| self.find_with_typos(name));
        }
        match self.may_have_typos(letters) {
            true => self.find_with_typos(name),
            false => None,
        }
    }

    /// Whether so few of its letters are missing that typos explain it, each time that it
    /// has them. A letter that is not ASCII has several bytes, which are not told apart.
    fn may_have_typos(&self, letters: u64) -> bool {
        let missing = self.text.bytes().filter(|&byte| letters & bit(byte) == 0);
        self.typos > 0 && (!self.is_ascii() || missing.count() <= self.typos)
    }

    fn is_ascii(&self) -> bool {
        self.letters.len() == self.text.len()
    }

    fn find_as_it_is(&self, name: &str) -> Option<(Fit, Range<usize>)> {
        let range = |at: usize| at..at + self.text.len();
        let mut infix = None;
        for at in places(name.as_bytes(), self.text.as_bytes()) {
            if at == 0 {
                return Some((Fit::Prefix, range(0)));
            }
            if is_word_start(name.as_bytes(), at) {
                return Some((Fit::WordStart, range(at)));
            }
            infix = infix.or(Some(at));
        }
        Some((Fit::Infix, range(infix?)))
    }

    /// The beginning of something in the name that has the fewest typos, the first of
    /// several.
    fn find_with_typos(&self, name: &str) -> Option<(Fit, Range<usize>)> {
        if self.typos == 0 {
            return None;
        }
        let mut best: Option<(usize, Range<usize>)> = None;
        let mut at = 0;
        while at < name.len() {
            if is_word_start(name.as_bytes(), at)
                && let Some(rest) = name.get(at..)
                && let Some((typos, length)) = self.nearest_prefix(rest)
                && best.as_ref().is_none_or(|(fewest, _)| typos < *fewest)
            {
                best = Some((typos, at..at + length));
            }
            at += 1;
        }
        best.map(|(_, range)| (Fit::Typo, range))
    }

    /// How many typos lead from the word to the nearest beginning of `text`, and how long
    /// that is in bytes: letters left out, added, mistaken, or two in the wrong order
    /// (optimal string alignment). `None` if there are more than are forgiven.
    fn nearest_prefix(&self, text: &str) -> Option<(usize, usize)> {
        let width = self.letters.len() + 1;
        // One row for each character of the text, and the two above it.
        let mut two_up = [0; MAX_FORGIVEN + 1];
        let mut up: [u8; MAX_FORGIVEN + 1] = std::array::from_fn(|place| place as u8);
        let mut here = [0; MAX_FORGIVEN + 1];
        let mut least_up = 0;
        let (mut best, mut before, mut length) = (None, None, 0);
        let most = self.letters.len() + self.typos;
        for (count, c) in (1u8..).zip(text.chars().take(most)) {
            here[0] = count;
            let mut least = count;
            for place in 1..width {
                let letter = self.letters[place - 1];
                let mut cost = up[place - 1] + u8::from(letter != c);
                cost = cost.min(up[place] + 1).min(here[place - 1] + 1);
                if place > 1 && before == Some(letter) && self.letters[place - 2] == c {
                    cost = cost.min(two_up[place - 2] + 1);
                }
                here[place] = cost;
                least = least.min(cost);
            }
            length += c.len_utf8();
            before = Some(c);
            let typos = usize::from(here[width - 1]);
            let is_better = best.is_none_or(|(fewest, _)| typos < fewest);
            if typos <= self.typos && is_better {
                best = Some((typos, length));
            }
            // Two letters in the wrong order reach over a row, so both have to be hopeless.
            if usize::from(least.min(least_up)) > self.typos {
                break;
            }
            least_up = least;
            std::mem::swap(&mut two_up, &mut up);
            std::mem::swap(&mut up, &mut here);
        }
        best
    }
}

/// Where a text is in another one, also where it overlaps itself.
fn places<'a>(within: &'a [u8], text: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
    let last = (within.len() + 1).saturating_sub(text.len());
    (0..last).filter(move |&at| within[at] == text[0] && within[at..].starts_with(text))
}

/// Whether something begins at a byte of a folded text: a word after what is none, or a
/// number beside letters.
pub fn is_word_start(text: &[u8], at: usize) -> bool {
    let kind = |byte: u8| match byte {
        b'0'..=b'9' => Some(true),
        b'a'..=b'z' | 0x80.. => Some(false),
        _ => None,
    };
    let here = kind(text[at]);
    here.is_some() && (at == 0 || kind(text[at - 1]) != here)
}

/// A folded name without its ending.
fn stem(name: &str) -> &str {
    match name.rfind('.') {
        Some(dot) if dot > 0 => &name[..dot],
        _ => name,
    }
}
