//! One file of `deliberate/`.

use crate::text::replace;
use std::fmt::Write;
use std::fs;
use std::path::Path;

/// What stands for the switch in the lines of a bug.
const BUG: &str = "BUG";
/// The second line of a bug that only several people can show.
const SEVERAL_PEOPLE: &str = "several people";

/// A deliberate bug.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bug {
    pub name: String,
    /// What goes wrong.
    pub breaks: String,
    /// Whether it takes several people to show it.
    pub takes_people: bool,
    pub(crate) changes: Vec<Change>,
}

/// A piece of source text, and what stands there in the copy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Change {
    /// From the root of the workspace.
    pub file: String,
    old: String,
    new: String,
}

/// Every bug, by name.
///
/// # Errors
/// A file can't be read as a bug.
pub fn all() -> Result<Vec<Bug>, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("deliberate");
    let told = |error| format!("{}: {error}", folder.display());
    let mut bugs = Vec::new();
    for entry in fs::read_dir(&folder).map_err(told)? {
        let path = entry.map_err(told)?.path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let text = fs::read_to_string(&path).map_err(told)?;
        bugs.push(Bug::read(&name, &text)?);
    }
    bugs.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(bugs)
}

/// A row for each bug, in Markdown.
pub fn table(bugs: &[Bug]) -> String {
    let mut table = String::from("| bug | what it does |\n| --- | --- |\n");
    for Bug { name, breaks, .. } in bugs {
        // Writing to a string can't fail.
        let _ = writeln!(table, "| `{name}` | {breaks} |");
    }
    table
}

impl Bug {
    /// The first line says what goes wrong. The next one may be `several people`, if it takes
    /// them to show it. Then come changes: the file, unless it is
    /// that of the change before; after `-` what stands there, and after `+` what stands
    /// there with the bug.
    ///
    /// # Errors
    /// What is missing.
    pub fn read(name: &str, text: &str) -> Result<Self, String> {
        let told = |why: &str| format!("the deliberate bug {name}: {why}");
        let (breaks, rest) = text.split_once('\n').unwrap_or((text, ""));
        let (takes_people, rest) = match rest.strip_prefix(SEVERAL_PEOPLE) {
            Some(rest) => (true, rest),
            None => (false, rest),
        };
        let mut changes: Vec<Change> = Vec::new();
        for line in rest.lines().filter(|line| !line.is_empty()) {
            let (sign, rest) = line.split_at(line.ceil_char_boundary(1));
            let piece = rest.strip_prefix(' ').unwrap_or(rest);
            match (sign, changes.last_mut()) {
                ("-", Some(last)) if last.new.is_empty() => push(&mut last.old, piece),
                ("-", Some(last)) => {
                    let file = last.file.clone();
                    changes.push(Change {
                        file,
                        ..Change::default()
                    });
                    let last = changes.last_mut();
                    last.into_iter().for_each(|last| push(&mut last.old, piece));
                }
                ("+", Some(last)) => push(&mut last.new, piece),
                ("-" | "+", None) => return Err(told("the first change names no file")),
                _ => changes.push(Change {
                    file: line.to_owned(),
                    ..Change::default()
                }),
            }
        }
        if breaks.is_empty() {
            return Err(told("the first line does not say what goes wrong"));
        }
        if changes.is_empty() {
            return Err(told("it changes nothing"));
        }
        if changes.iter().any(|change| !change.new.contains(BUG)) {
            return Err(told("a change does not ask for BUG"));
        }
        Ok(Self {
            name: name.to_owned(),
            breaks: breaks.to_owned(),
            takes_people,
            changes,
        })
    }

    /// Puts a change of this bug into the text of its file.
    pub(crate) fn put(&self, change: &Change, text: &mut String) -> Result<(), String> {
        let Self { name, .. } = self;
        let new = change.new.replace(BUG, &format!("::bugs::is({name:?})"));
        replace(text, &change.old, &new).map_err(|why| self.told(change, &why))
    }

    /// Why a change can't be made.
    pub(crate) fn told(&self, change: &Change, why: &str) -> String {
        let (name, file) = (&self.name, &change.file);
        format!("the deliberate bug {name} does not fit {file} any more: {why}")
    }
}

fn push(piece: &mut String, line: &str) {
    if !piece.is_empty() {
        piece.push('\n');
    }
    piece.push_str(line);
}
