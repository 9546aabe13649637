//! A query as it is typed: words, and filters such as `kind:picture`.
//!
//! A word that looks like a filter and is none is a word like any other.

use super::fold::Folder;
use super::pattern::Pattern;
use blocks::number::FileTime;
use protocol::items::Item;

/// What people tell files apart by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Kind {
    Picture,
    Document,
    Video,
    Sound,
    Archive,
    Code,
    Folder,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Picture,
        Self::Document,
        Self::Video,
        Self::Sound,
        Self::Archive,
        Self::Code,
        Self::Folder,
    ];

    /// The word for it in a query.
    pub fn word(self) -> &'static str {
        match self {
            Self::Picture => "picture",
            Self::Document => "document",
            Self::Video => "video",
            Self::Sound => "sound",
            Self::Archive => "archive",
            Self::Code => "code",
            Self::Folder => "folder",
        }
    }
}

/// What a query has to know of the time where the person is.
#[derive(Clone, Copy)]
pub struct Calendar<'a> {
    /// Now, in milliseconds since 1970.
    pub now_ms: i64,
    /// When today began.
    pub today_ms: i64,
    /// When a day begins, by year, month and day; `None` if there is no such day.
    pub starts: &'a dyn Fn(i32, u8, u8) -> Option<i64>,
}

/// A query.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// What the name has to fit.
    pub pattern: Pattern,
    /// Whether what is in the trash is looked for, and nothing else is.
    pub in_trash: bool,
    /// Whether what the person has starred is looked for, and nothing else is.
    pub starred: bool,
    /// Whether files alone are looked for.
    files_only: bool,
    /// One of these, if there are any.
    kinds: Vec<Kind>,
    /// Not changed before this time…
    since_ms: Option<i64>,
    /// …but before this one.
    until_ms: Option<i64>,
    /// Larger than this…
    over: Option<u64>,
    /// …and smaller than this.
    under: Option<u64>,
    /// Last changed by people in whose names these are.
    by: Vec<String>,
}

/// What filters ask of an item.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    kind: Option<Kind>,
    is_file: bool,
    /// When a file was changed, or a folder made.
    pub changed_ms: i64,
    size: Option<u64>,
    by: Option<&'a str>,
}

impl<'a> Facts<'a> {
    /// Those of an item; `kind` says what a file of a name is.
    pub fn of(item: &'a Item, kind: &dyn Fn(&str) -> Option<Kind>) -> Self {
        let file = item.file.as_ref();
        Self {
            kind: match item.is_folder() {
                true => Some(Kind::Folder),
                false => file.and_then(|_| kind(item.name.as_str())),
            },
            is_file: file.is_some(),
            changed_ms: file
                .map_or(FileTime::of_clock(item.created_at_ms), |file| {
                    file.modified_at_ms
                })
                .millis(),
            size: file.map(|file| file.size),
            by: file.map(|file| file.committed.user_name.as_str()),
        }
    }
}

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

impl Query {
    /// What somebody typed.
    pub fn parse(text: &str, calendar: Calendar<'_>, folder: &mut Folder) -> Self {
        let mut query = Self::default();
        let mut words = Vec::new();
        for token in tokens(text) {
            if query.filter(token, calendar, folder).is_none() {
                words.push(unquoted(token));
            }
        }
        query.pattern = Pattern::new(&words.join(" "), folder);
        query
    }

    /// The files that were changed last.
    pub fn recent() -> Self {
        Self {
            files_only: true,
            ..Self::default()
        }
    }

    /// Whether it asks for nothing.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether filters let an item pass. They say nothing of the trash.
    pub fn admits(&self, facts: &Facts<'_>) -> bool {
        let is_over = |size| self.over.is_none_or(|over| size > over);
        let is_under = |size| self.under.is_none_or(|under| size < under);
        let has_size = self.over.is_some() || self.under.is_some();
        (self.kinds.is_empty() || facts.kind.is_some_and(|kind| self.kinds.contains(&kind)))
            && (!self.files_only || facts.is_file)
            && self.since_ms.is_none_or(|since| facts.changed_ms >= since)
            && self.until_ms.is_none_or(|until| facts.changed_ms < until)
            && (!has_size
                || facts
                    .size
                    .is_some_and(|size| is_over(size) && is_under(size)))
            && (self.by.is_empty() || facts.by.is_some_and(|name| self.is_by(name)))
    }

    fn is_by(&self, name: &str) -> bool {
        let name = Folder::default().folded(name);
        self.by.iter().any(|part| name.contains(part))
    }

    /// Takes a word as a filter; `None` if it is none.
    fn filter(&mut self, token: &str, calendar: Calendar<'_>, folder: &mut Folder) -> Option<()> {
        let (key, value) = token.split_once(':')?;
        let value = unquoted(value);
        match key.to_ascii_lowercase().as_str() {
            "kind" => {
                let kinds = Kind::ALL.into_iter();
                let mut named = kinds.filter(|kind| kind.word().eq_ignore_ascii_case(&value));
                self.kinds.push(named.next()?);
            }
            "changed" => {
                let since = match value.to_ascii_lowercase().as_str() {
                    "today" => calendar.today_ms,
                    "week" => calendar.now_ms - 7 * DAY_MS,
                    "month" => calendar.now_ms - 30 * DAY_MS,
                    "year" => calendar.now_ms - 365 * DAY_MS,
                    _ => return None,
                };
                self.since_ms = self.since_ms.max(Some(since));
            }
            "after" => self.since_ms = self.since_ms.max(Some(day(&value, calendar)?)),
            "before" => {
                let until = day(&value, calendar)?;
                self.until_ms = Some(self.until_ms.map_or(until, |known| known.min(until)));
            }
            "size" => {
                if let Some(over) = value.strip_prefix('>') {
                    self.over = self.over.max(Some(bytes(over)?));
                } else {
                    let under = bytes(value.strip_prefix('<')?)?;
                    self.under = Some(self.under.map_or(under, |known| known.min(under)));
                }
            }
            "by" if !value.is_empty() => self.by.push(folder.folded(&value)),
            "is" if value.eq_ignore_ascii_case("starred") => self.starred = true,
            "in" if value.eq_ignore_ascii_case("trash") => self.in_trash = true,
            _ => return None,
        }
        Some(())
    }
}

/// The words of a text, each with its quotes. What is in quotes is one word.
pub fn tokens(text: &str) -> Vec<&str> {
    let mut is_quoted = false;
    let ends = |c: char| {
        is_quoted ^= c == '"';
        c.is_whitespace() && !is_quoted
    };
    text.split(ends).filter(|token| !token.is_empty()).collect()
}

/// The text with a filter in it, or without it if it was in it. One of the same name gives
/// way, unless it is one of several that add up.
pub fn toggled(text: &str, filter: &str) -> String {
    let has = tokens(text)
        .into_iter()
        .any(|token| token.eq_ignore_ascii_case(filter));
    let key = filter.split_once(':').map_or(filter, |(key, _)| key);
    let gives_way = |token: &str| match token.split_once(':') {
        Some((other, _)) if key != "kind" => other.eq_ignore_ascii_case(key),
        _ => token.eq_ignore_ascii_case(filter),
    };
    let mut kept: Vec<&str> = tokens(text);
    kept.retain(|token| !gives_way(token));
    if !has {
        kept.push(filter);
    }
    kept.join(" ")
}

fn unquoted(token: &str) -> String {
    token.replace('"', "")
}

/// When a day of the form `2026-01-31` begins.
fn day(text: &str, calendar: Calendar<'_>) -> Option<i64> {
    let mut parts = text.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let is_plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if parts.next().is_some() || year.len() != 4 || ![year, month, day].into_iter().all(is_plain) {
        return None;
    }
    (calendar.starts)(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
}

/// A size: `10MB`, `1.5 GB` in quotes, `800`. Units count in thousands, as those that are
/// shown do; `KiB` and such count in 1,024.
fn bytes(text: &str) -> Option<u64> {
    let text = text.trim().to_ascii_lowercase();
    let digits = text.find(|c: char| c != '.' && !c.is_ascii_digit());
    let (number, unit) = text.split_at(digits.unwrap_or(text.len()));
    let factor: u64 = match unit.trim() {
        "" | "b" => 1,
        "k" | "kb" => 1_000,
        "m" | "mb" => 1_000_000,
        "g" | "gb" => 1_000_000_000,
        "t" | "tb" => 1_000_000_000_000,
        "kib" => 1 << 10,
        "mib" => 1 << 20,
        "gib" => 1 << 30,
        "tib" => 1 << 40,
        _ => return None,
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let whole = whole.parse::<u64>().ok()?.checked_mul(factor)?;
    let mut of_fraction = 0;
    let mut unit = factor;
    for digit in fraction.chars() {
        unit /= 10;
        of_fraction += u64::from(digit.to_digit(10)?) * unit;
    }
    whole.checked_add(of_fraction)
}
