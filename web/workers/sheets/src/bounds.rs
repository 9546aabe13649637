//! A spreadsheet is a zip of XML, and a small zip may say a lot. What is unpacked is
//! counted before anything is read: the sizes that a zip declares are believed only where
//! they are too large already.

use std::io::{Cursor, Read, copy, sink};
use zip::ZipArchive;
use zip::read::ZipFile;

/// The most bytes of XML that are read of one file.
pub const MAX_UNPACKED_BYTES: u64 = 256 << 20;
/// The most entries.
const MAX_ENTRIES: usize = 10_000;

/// Whether a zip may be read: `false` for what is none, too.
pub fn is_bounded(bytes: &[u8]) -> bool {
    is_within(bytes, MAX_UNPACKED_BYTES)
}

fn is_within(bytes: &[u8], most: u64) -> bool {
    let Ok(mut archive) = ZipArchive::new(Cursor::new(bytes)) else {
        return false;
    };
    if archive.len() > MAX_ENTRIES {
        return false;
    }
    let mut declared = 0_u64;
    for nth in 0..archive.len() {
        if let Ok(entry) = archive.by_index_raw(nth)
            && is_read(&entry)
        {
            declared = declared.saturating_add(entry.size());
        }
    }
    if declared > most {
        return false;
    }
    let mut left = most;
    for nth in 0..archive.len() {
        let Ok(entry) = archive.by_index(nth) else {
            return false;
        };
        if !is_read(&entry) {
            continue;
        }
        // One that is torn or lies about its sum is broken.
        match copy(&mut entry.take(left + 1), &mut sink()) {
            Ok(count) if count <= left => left -= count,
            _ => return false,
        }
    }
    true
}

/// Pictures and the like are not.
fn is_read<R: Read + ?Sized>(entry: &ZipFile<'_, R>) -> bool {
    let Ok(name) = entry.name() else {
        // Nobody asks for it by a name.
        return false;
    };
    let name = name.to_ascii_lowercase();
    name.ends_with(".xml") || name.ends_with(".rels") || name == "mimetype"
}

#[cfg(test)]
mod tests {
    use super::is_within;
    use std::io::{Cursor, Write};
    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    fn zipped(name: &str, bytes: &[u8]) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        writer
            .start_file(name, SimpleFileOptions::default())
            .unwrap();
        writer.write_all(bytes).unwrap();
        writer.finish().unwrap().into_inner()
    }

    #[test]
    fn what_would_unpack_to_too_much_is_turned_away() {
        let zip = zipped("xl/sheet.xml", &[b' '; 100_000]);
        assert!(zip.len() < 1_000);
        assert!(is_within(&zip, 100_000));
        assert!(!is_within(&zip, 99_999));
        assert!(!is_within(b"PK no zip", 100_000));
        // What is not read is not counted.
        assert!(is_within(&zipped("media/a.png", &[0; 100_000]), 10));
    }

    /// The size that it declares is not the one that it has.
    #[test]
    fn a_zip_that_lies_about_its_sizes_is_turned_away() {
        let mut zip = zipped("xl/sheet.xml", &[b' '; 100_000]);
        let real = 100_000_u32.to_le_bytes();
        let mut lies = 0;
        for at in 0..zip.len() - 4 {
            if zip[at..at + 4] == real {
                zip[at..at + 4].copy_from_slice(&10_u32.to_le_bytes());
                lies += 1;
            }
        }
        assert!(lies >= 1);
        assert!(!is_within(&zip, 50_000));
    }
}
