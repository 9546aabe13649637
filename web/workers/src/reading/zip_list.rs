//! What is in a zip, by the list at its end. Nothing is unpacked: a zip that would fill
//! the disk is a list like any other.

use serde::{Deserialize, Serialize};

/// So many entries are shown.
pub const MAX_ENTRIES: usize = 2_000;
/// A list is not read beyond so many bytes.
pub const MAX_DIRECTORY_BYTES: u64 = 4 << 20;
/// The end of a zip lies within its last so many bytes: the record, its comment, and what
/// says where that of a large zip is.
pub const END_BYTES: u64 = (64 << 10) + 22 + 20;

const END: [u8; 4] = *b"PK\x05\x06";
const END_64_PLACE: [u8; 4] = *b"PK\x06\x07";
const END_64: [u8; 4] = *b"PK\x06\x06";
const ENTRY: [u8; 4] = *b"PK\x01\x02";
/// Names are UTF-8.
const IS_UTF8: u16 = 1 << 11;
const IS_ENCRYPTED: u16 = 1;

/// Where the list of entries is in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Directory {
    pub start: u64,
    pub bytes: u64,
    pub entries: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entries {
    pub shown: Vec<Entry>,
    /// How many the zip says there are.
    pub all: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// With its folders.
    pub path: String,
    pub is_folder: bool,
    /// As it says of itself.
    pub size: u64,
    pub is_encrypted: bool,
}

/// Reads the last bytes of a zip of this size; `None` if it is none.
pub fn end(tail: &[u8], size: u64) -> Option<Directory> {
    let before = size.checked_sub(tail.len() as u64)?;
    let at = (0..=tail.len().checked_sub(22)?)
        .rev()
        .find(|at| tail[*at..].starts_with(&END))?;
    let record = &tail[at..];
    let short = Directory {
        start: number(record, 16, 4)?,
        bytes: number(record, 12, 4)?,
        entries: number(record, 10, 2)?,
    };
    let is_large = short.start == u64::from(u32::MAX)
        || short.bytes == u64::from(u32::MAX)
        || short.entries == u64::from(u16::MAX);
    let directory = match at.checked_sub(20) {
        Some(place) if is_large && tail[place..].starts_with(&END_64_PLACE) => {
            let long = number(&tail[place..], 8, 8)?.checked_sub(before)?;
            let long = tail.get(usize::try_from(long).ok()?..)?;
            if !long.starts_with(&END_64) {
                return None;
            }
            Directory {
                start: number(long, 48, 8)?,
                bytes: number(long, 40, 8)?,
                entries: number(long, 32, 8)?,
            }
        }
        _ => short,
    };
    let ends = directory.start.checked_add(directory.bytes)?;
    (ends <= size).then_some(directory)
}

/// Reads the list, or as much of it as is here; `None` if it is none.
pub fn entries(bytes: &[u8], directory: Directory) -> Option<Entries> {
    let mut shown = Vec::new();
    let mut rest = bytes;
    while shown.len() < MAX_ENTRIES && rest.starts_with(&ENTRY) {
        let (flags, size) = (number(rest, 8, 2)? as u16, number(rest, 24, 4)?);
        let name_bytes = number(rest, 28, 2)? as usize;
        let extra_bytes = number(rest, 30, 2)? as usize;
        let comment_bytes = number(rest, 32, 2)? as usize;
        let (Some(name), Some(extra)) = (
            rest.get(46..46 + name_bytes),
            rest.get(46 + name_bytes..46 + name_bytes + extra_bytes),
        ) else {
            break;
        };
        let path = match flags & IS_UTF8 {
            0 => old_name(name),
            _ => String::from_utf8_lossy(name).into_owned(),
        };
        shown.push(Entry {
            is_folder: path.ends_with('/'),
            path,
            size: match size == u64::from(u32::MAX) {
                true => large_size(extra).unwrap_or(size),
                false => size,
            },
            is_encrypted: flags & IS_ENCRYPTED != 0,
        });
        let length = 46 + name_bytes + extra_bytes + comment_bytes;
        rest = rest.get(length..).unwrap_or_default();
    }
    let is_list = !shown.is_empty() || directory.entries == 0;
    is_list.then_some(Entries {
        all: directory.entries.max(shown.len() as u64),
        shown,
    })
}

/// Programs write UTF-8 without saying so; what is none is read as the characters that
/// have those numbers.
fn old_name(name: &[u8]) -> String {
    match std::str::from_utf8(name) {
        Ok(name) => name.to_owned(),
        Err(_) => name.iter().map(|byte| char::from(*byte)).collect(),
    }
}

/// The size in the field for large files, where it comes first.
fn large_size(mut extra: &[u8]) -> Option<u64> {
    loop {
        let (kind, length) = (number(extra, 0, 2)?, number(extra, 2, 2)? as usize);
        if kind == 1 {
            return number(extra, 4, 8);
        }
        extra = extra.get(4 + length..)?;
    }
}

/// A number of so many bytes, the lowest first.
fn number(bytes: &[u8], at: usize, length: usize) -> Option<u64> {
    let bytes = bytes.get(at..at + length)?.iter().rev();
    Some(bytes.fold(0, |number, byte| (number << 8) | u64::from(*byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(name: &str, flags: u16, size: u32, extra: &[u8]) -> Vec<u8> {
        let mut bytes = ENTRY.to_vec();
        bytes.extend([0; 4]);
        bytes.extend(flags.to_le_bytes());
        bytes.extend([0; 14]);
        bytes.extend(size.to_le_bytes());
        bytes.extend((name.len() as u16).to_le_bytes());
        bytes.extend((extra.len() as u16).to_le_bytes());
        bytes.extend([0; 14]);
        bytes.extend(name.as_bytes());
        bytes.extend(extra);
        bytes
    }

    fn end_of(entries: u16, bytes: u32, start: u32) -> Vec<u8> {
        let mut end = END.to_vec();
        end.extend([0; 6]);
        end.extend(entries.to_le_bytes());
        end.extend(bytes.to_le_bytes());
        end.extend(start.to_le_bytes());
        end.extend([0; 2]);
        end
    }

    #[test]
    fn the_list_is_found_at_the_end_and_read() {
        let list = [
            entry("a/", 0, 0, &[]),
            entry("a/über.txt", IS_UTF8, 12, &[]),
            entry("secret", IS_ENCRYPTED, 7, &[]),
        ]
        .concat();
        let whole = [list.clone(), end_of(3, list.len() as u32, 0)].concat();
        let directory = end(&whole, whole.len() as u64).unwrap();
        assert_eq!(
            directory,
            Directory {
                start: 0,
                bytes: list.len() as u64,
                entries: 3
            }
        );
        let entries = entries(&list, directory).unwrap();
        let told = entries
            .shown
            .iter()
            .map(|one| (one.path.as_str(), one.size, one.is_folder, one.is_encrypted));
        let told: Vec<_> = told.collect();
        assert_eq!(
            told,
            [
                ("a/", 0, true, false),
                ("a/über.txt", 12, false, false),
                ("secret", 7, false, true)
            ]
        );
    }

    #[test]
    fn a_large_zip_has_its_numbers_elsewhere() {
        let mut extra = vec![9, 0, 1, 0, 5, 1, 0, 8, 0];
        extra.extend((10_u64 << 40).to_le_bytes());
        let list = entry("bomb", 0, u32::MAX, &extra);
        let mut whole = list.clone();
        let mut long = END_64.to_vec();
        long.extend([0; 28]);
        long.extend(1_u64.to_le_bytes());
        long.extend((list.len() as u64).to_le_bytes());
        long.extend(0_u64.to_le_bytes());
        let at = whole.len() as u64;
        whole.extend(long);
        whole.extend(END_64_PLACE);
        whole.extend([0; 4]);
        whole.extend(at.to_le_bytes());
        whole.extend([0; 4]);
        whole.extend(end_of(u16::MAX, u32::MAX, u32::MAX));
        let directory = end(&whole, whole.len() as u64).unwrap();
        assert_eq!(
            directory,
            Directory {
                start: 0,
                bytes: list.len() as u64,
                entries: 1
            }
        );
        assert_eq!(entries(&list, directory).unwrap().shown[0].size, 10 << 40);
    }

    #[test]
    fn what_is_no_zip_or_is_cut_off_is_no_list() {
        assert_eq!(end(b"", 0), None);
        assert_eq!(end(&[0; 100], 100), None);
        // It says that its list is beyond its end.
        assert_eq!(end(&end_of(1, 1_000, 50), 22), None);
        // And that it is at the end of all numbers.
        assert_eq!(end(&end_of(1, u32::MAX - 1, u32::MAX - 1), 22), None);
        let directory = Directory {
            start: 0,
            bytes: 9,
            entries: 1,
        };
        assert_eq!(entries(b"PK\x03\x04zzzzz", directory), None);
        let whole = entry("name", 0, 1, &[]);
        for length in 0..whole.len() {
            assert!(entries(&whole[..length], directory).is_none(), "{length}");
        }
        assert_eq!(entries(&whole, directory).unwrap().shown.len(), 1);
    }

    #[test]
    fn only_so_many_are_shown() {
        let list = entry("x", 0, 1, &[]).repeat(MAX_ENTRIES + 9);
        let directory = Directory {
            start: 0,
            bytes: list.len() as u64,
            entries: (MAX_ENTRIES + 9) as u64,
        };
        let entries = entries(&list, directory).unwrap();
        assert_eq!(
            (entries.shown.len(), entries.all),
            (MAX_ENTRIES, (MAX_ENTRIES + 9) as u64)
        );
    }
}
