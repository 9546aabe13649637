//! Names that a zip can be unpacked by anywhere. A name of the drive is one that
//! some file system can hold; what is in a zip is unpacked on any.

use std::collections::HashSet;

/// Bytes of a name, on nearly every file system.
const MAX_BYTES: usize = protocol::limits::MAX_NAME_BYTES;

/// What Windows keeps for devices, whatever extension follows.
const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "conin$", "conout$"];
/// These with one digit behind them.
const NUMBERED_DEVICES: [&str; 2] = ["com", "lpt"];

/// The names of one folder of a zip, no two of which are one on some disk.
pub struct TakenNames<'a> {
    /// What names have in common that are one on a disk that minds no case.
    fold: &'a dyn Fn(&str) -> String,
    keys: HashSet<String>,
}

impl<'a> TakenNames<'a> {
    pub fn new(fold: &'a dyn Fn(&str) -> String) -> Self {
        Self {
            fold,
            keys: HashSet::new(),
        }
    }

    /// The name by which this one goes into the zip: itself if every disk takes
    /// it beside those before it. A number tells those apart that are one.
    pub fn take(&mut self, name: &str) -> String {
        let name = safe(name);
        let mut numbered = name.clone();
        let mut number = 1;
        while !self.keys.insert((self.fold)(&numbered)) {
            number += 1;
            numbered = with_number(&name, number);
        }
        numbered
    }
}

/// The name without what some system takes for a separator, a device or a stream,
/// or drops without a word.
fn safe(name: &str) -> String {
    let is_hostile = |c: char| c.is_control() || "<>:\"/\\|?*".contains(c);
    let mut safe: String = name
        .chars()
        .map(|c| if is_hostile(c) { '_' } else { c })
        .collect();
    // This is also what becomes of “.” and “..”.
    if safe.ends_with(['.', ' ']) || safe.is_empty() {
        safe.pop();
        safe.push('_');
    }
    if is_device(&safe) {
        safe.insert(0, '_');
    }
    cut(&safe, MAX_BYTES).to_owned()
}

fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default();
    let stem = stem.trim_end().to_ascii_lowercase();
    let is_numbered = |device: &&str| {
        let number = stem.strip_prefix(*device);
        // The raised digits count as well.
        number.is_some_and(|number| {
            number.chars().count() == 1
                && number
                    .chars()
                    .all(|c| c.is_ascii_digit() || "¹²³".contains(c))
        })
    };
    DEVICES.contains(&stem.as_str()) || NUMBERED_DEVICES.iter().any(is_numbered)
}

fn with_number(name: &str, number: u32) -> String {
    let (stem, extension) = match name.rfind('.') {
        Some(dot) if dot > 0 => name.split_at(dot),
        _ => (name, ""),
    };
    let suffix = format!(" ({number}){extension}");
    let room = MAX_BYTES.saturating_sub(suffix.len());
    // Only an extension of absurd length is cut here.
    cut(&format!("{}{suffix}", cut(stem, room)), MAX_BYTES).to_owned()
}

fn cut(text: &str, bytes: usize) -> &str {
    let mut end = text.len().min(bytes);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::{MAX_BYTES, TakenNames};

    fn fold(name: &str) -> String {
        name.to_uppercase().to_lowercase()
    }

    fn taken(names: &[&str]) -> Vec<String> {
        let mut taken = TakenNames::new(&fold);
        names.iter().map(|name| taken.take(name)).collect()
    }

    #[test]
    fn ordinary_names_stay_as_they_are() {
        let names = [
            "a.txt",
            ".profile",
            "Übung (2).pdf",
            "日本",
            "a  b",
            "common",
        ];
        assert_eq!(taken(&names), names);
    }

    #[test]
    fn no_name_leads_out_of_the_folder_that_a_zip_is_unpacked_into() {
        let hostile = ["..", ".", "/etc", "..\\..\\x", "C:\\x", "a\nb"];
        let safe = ["._", "_", "_etc", ".._.._x", "C__x", "a_b"];
        assert_eq!(taken(&hostile), safe);
    }

    #[test]
    fn names_that_windows_keeps_for_itself_are_others_in_a_zip() {
        let hostile = [
            "CON",
            "nul.txt",
            "Com1",
            "lpt¹.doc",
            "a.",
            "b ",
            "what?.txt",
        ];
        let safe = [
            "_CON",
            "_nul.txt",
            "_Com1",
            "_lpt¹.doc",
            "a_",
            "b_",
            "what_.txt",
        ];
        assert_eq!(taken(&hostile), safe);
        let fine = ["com10", "console.txt", "com", "null"];
        assert_eq!(taken(&fine), fine);
    }

    #[test]
    fn names_that_are_one_on_some_disk_are_numbered() {
        let names = ["a.txt", "A.TXT", "a (2).txt", "Maße", "MASSE", "x?", "x*"];
        let told_apart = [
            "a.txt",
            "A (2).TXT",
            "a (2) (2).txt",
            "Maße",
            "MASSE (2)",
            "x_",
            "x_ (2)",
        ];
        assert_eq!(taken(&names), told_apart);
    }

    #[test]
    fn a_number_fits_into_the_longest_name() {
        let long = format!("{}.txt", "ä".repeat(125));
        let both = taken(&[&long, &long]);
        assert_eq!(both[0], long);
        assert!(both[1].len() <= MAX_BYTES && both[1].ends_with(" (2).txt"));
    }
}
