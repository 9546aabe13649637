//! The format itself: entries are stored as they are, their names are UTF-8, and
//! sizes and offsets have 64 bits where they need them. Pure: it knows no storage
//! and no clock.

use blocks::number::FileTime;
use std::io::{self, Seek, Write};
use zip::result::ZipResult;
use zip::write::FullFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

/// From 1601, where the clock of NTFS begins, to 1970.
const NTFS_EPOCH_MILLIS: i128 = 11_644_473_600_000;
const NTFS_TICKS_PER_MILLI: i128 = 10_000;

pub struct Writer<W: Write + Seek>(ZipWriter<W>);

/// When a file was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Changed {
    pub at: FileTime,
    /// The same by the person's clock, which is what a zip says first.
    pub local: LocalTime,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LocalTime {
    pub year: i32,
    /// From 1.
    pub month: u8,
    pub day: u8,
    pub hour: u8,
    pub minute: u8,
    pub second: u8,
}

impl<W: Write + Seek> Writer<W> {
    pub fn new(out: W) -> Self {
        Self(ZipWriter::new(out))
    }

    /// What is written to.
    pub fn out(&self) -> Option<&W> {
        self.0.get_ref()
    }

    /// Adds a folder.
    ///
    /// # Errors
    /// The path is taken or has 64 KiB, or what is written to failed. The same
    /// goes for those below.
    pub fn folder(&mut self, path: &str, changed: Changed) -> ZipResult<()> {
        self.0.add_directory(path, options(changed, 0)?)
    }

    /// Begins a file of so many bytes, and ends the one before.
    pub fn file(&mut self, path: &str, size: u64, changed: Changed) -> ZipResult<()> {
        self.0.start_file(path, options(changed, size)?)
    }

    /// Goes on with the file.
    ///
    /// # Errors
    /// What is written to failed, or the file has more bytes than was said.
    pub fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all(bytes)
    }

    /// Takes the file back that was begun last.
    ///
    /// # Errors
    /// What is written to failed.
    pub fn take_back(&mut self) -> ZipResult<()> {
        self.0.abort_file()
    }

    /// Ends the zip.
    ///
    /// # Errors
    /// What is written to failed.
    pub fn finish(self) -> ZipResult<W> {
        self.0.finish()
    }
}

fn options(changed: Changed, size: u64) -> ZipResult<FullFileOptions<'static, 'static>> {
    let options = FullFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .large_file(size >= u64::from(u32::MAX))
        .last_modified_time(dos(changed.local));
    // DOS knows no time zone, and even seconds from 1980 to 2107 only.
    let at_ms = i128::from(changed.at.millis());
    match i32::try_from(at_ms.div_euclid(1_000)) {
        Ok(seconds) => options.with_extended_timestamp(Some(seconds.cast_unsigned()), None, None),
        // That has 32 bits.
        Err(_) => match u64::try_from((at_ms + NTFS_EPOCH_MILLIS) * NTFS_TICKS_PER_MILLI) {
            Ok(ticks) => options.with_ntfs_times(ticks, ticks, ticks),
            Err(_) => Ok(options),
        },
    }
}

/// The nearest moment that DOS has.
fn dos(local: LocalTime) -> DateTime {
    let LocalTime { year, .. } = local;
    let first = || DateTime::from_date_and_time(1980, 1, 1, 0, 0, 0);
    let last = || DateTime::from_date_and_time(2107, 12, 31, 23, 59, 58);
    let date = match u16::try_from(year) {
        Ok(year @ 1980..=2107) => DateTime::from_date_and_time(
            year,
            local.month,
            local.day,
            local.hour,
            local.minute,
            local.second,
        ),
        _ if year < 1980 => first(),
        _ => last(),
    };
    date.unwrap_or_default()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::{Changed, LocalTime, Writer};
    use blocks::number::FileTime;
    use std::io::{self, Cursor, Read, Seek, SeekFrom, Write};
    use zip::{CompressionMethod, ZipArchive};

    pub(crate) const CHANGED: Changed = Changed {
        at: FileTime::nearest(1_795_844_103_456),
        local: LocalTime {
            year: 2026,
            month: 11,
            day: 28,
            hour: 6,
            minute: 35,
            second: 3,
        },
    };

    fn read(bytes: &[u8], name: &str) -> Vec<u8> {
        let mut archive = ZipArchive::new(Cursor::new(bytes)).unwrap();
        let mut content = Vec::new();
        archive
            .by_name(name)
            .unwrap()
            .read_to_end(&mut content)
            .unwrap();
        content
    }

    #[test]
    fn files_and_empty_folders_come_out_as_they_went_in() {
        let mut writer = Writer::new(Cursor::new(Vec::new()));
        writer.folder("Übung", CHANGED).unwrap();
        writer.file("Übung/äöü.txt", 11, CHANGED).unwrap();
        writer.append(b"hello ").unwrap();
        writer.append(b"world").unwrap();
        writer.file("empty", 0, CHANGED).unwrap();
        let bytes = writer.finish().unwrap().into_inner();
        assert_eq!(read(&bytes, "Übung/äöü.txt"), b"hello world");
        assert_eq!(read(&bytes, "empty"), b"");
        let mut archive = ZipArchive::new(Cursor::new(&bytes)).unwrap();
        assert!(archive.by_name("Übung/").unwrap().is_dir());
        let file = archive.by_name("Übung/äöü.txt").unwrap();
        assert_eq!(file.compression(), CompressionMethod::Stored);
        let time = file.last_modified().unwrap();
        assert_eq!(
            (time.year(), time.month(), time.minute(), time.second()),
            (2026, 11, 35, 2)
        );
        // Whoever reads a zip as a stream finds size and CRC before the bytes, not
        // behind them; and the names are said to be UTF-8.
        let flags = |at: usize| u16::from_le_bytes([bytes[at + 6], bytes[at + 7]]);
        assert_eq!(flags(0), 1 << 11);
    }

    #[test]
    fn a_file_that_is_taken_back_leaves_nothing() {
        let mut writer = Writer::new(Cursor::new(Vec::new()));
        writer.file("a", 3, CHANGED).unwrap();
        writer.append(b"aaa").unwrap();
        writer.file("b", 3_000, CHANGED).unwrap();
        writer.append(&[7; 2_000]).unwrap();
        writer.take_back().unwrap();
        writer.file("c", 3, CHANGED).unwrap();
        writer.append(b"ccc").unwrap();
        let bytes = writer.finish().unwrap().into_inner();
        assert_eq!(ZipArchive::new(Cursor::new(&bytes)).unwrap().len(), 2);
        assert_eq!(
            (read(&bytes, "a"), read(&bytes, "c")),
            (b"aaa".to_vec(), b"ccc".to_vec())
        );
    }

    #[test]
    fn dates_that_dos_has_not_are_kept_beside_the_nearest_that_it_has() {
        let times = [
            (-2_208_988_800_000, 1900, 1980),
            (4_102_444_800_000, 2100, 2100),
            (95_617_584_000_000, 5000, 2107),
        ];
        for (at_ms, year, dos) in times {
            let at = FileTime::nearest(at_ms);
            let local = LocalTime {
                year,
                ..CHANGED.local
            };
            let mut writer = Writer::new(Cursor::new(Vec::new()));
            writer.file("a", 0, Changed { at, local }).unwrap();
            let bytes = writer.finish().unwrap().into_inner();
            let mut archive = ZipArchive::new(Cursor::new(&bytes)).unwrap();
            let file = archive.by_name("a").unwrap();
            assert_eq!(file.last_modified().unwrap().year(), dos);
            assert!(!file.extra_data().unwrap_or_default().is_empty());
        }
    }

    /// Keeps what is no zero: a file of gigabytes in no memory to speak of.
    #[derive(Default)]
    struct Sparse {
        pieces: std::collections::BTreeMap<u64, Vec<u8>>,
        at: u64,
        end: u64,
    }

    impl Write for Sparse {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if bytes.len() < 1 << 20 {
                self.pieces.insert(self.at, bytes.to_vec());
            }
            self.at += bytes.len() as u64;
            self.end = self.end.max(self.at);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Read for Sparse {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let count = into.len().min((self.end - self.at) as usize);
            let into = &mut into[..count];
            into.fill(0);
            // A header is mended by later pieces inside of it, which are shorter.
            let (from, to) = (self.at, self.at + count as u64);
            let before = self.pieces.range(..from).rev().take(64);
            let pieces: Vec<_> = before.chain(self.pieces.range(from..to)).collect();
            let mut pieces = pieces;
            pieces.sort_by_key(|(at, _)| **at);
            for (&at, piece) in pieces {
                for (place, byte) in (at..).zip(piece) {
                    if (from..to).contains(&place) {
                        into[(place - from) as usize] = *byte;
                    }
                }
            }
            self.at += count as u64;
            Ok(count)
        }
    }

    impl Seek for Sparse {
        fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
            self.at = match to {
                SeekFrom::Start(at) => at,
                SeekFrom::End(offset) => self.end.saturating_add_signed(offset),
                SeekFrom::Current(offset) => self.at.saturating_add_signed(offset),
            };
            Ok(self.at)
        }
    }

    #[test]
    fn a_file_of_more_than_4_gib_and_one_behind_it_have_their_sizes_and_places() {
        let (piece, size) = (vec![0; 16 << 20], (4 << 30) + (16 << 20));
        let mut writer = Writer::new(Sparse::default());
        writer.file("large", size, CHANGED).unwrap();
        for _ in 0..size / piece.len() as u64 {
            writer.append(&piece).unwrap();
        }
        writer.file("behind", 5, CHANGED).unwrap();
        writer.append(b"small").unwrap();
        let mut archive = ZipArchive::new(writer.finish().unwrap()).unwrap();
        let large = archive.by_name("large").unwrap();
        assert_eq!((large.size(), large.compressed_size()), (size, size));
        drop(large);
        let mut behind = archive.by_name("behind").unwrap();
        assert!(behind.header_start() > size);
        let mut content = Vec::new();
        // With its CRC checked.
        behind.read_to_end(&mut content).unwrap();
        assert_eq!(content, b"small");
    }

    #[test]
    fn more_than_65_535_files_are_all_there() {
        const FILES: usize = 70_000;
        let mut writer = Writer::new(Cursor::new(Vec::new()));
        for n in 0..FILES {
            writer.file(&format!("{n}"), 0, CHANGED).unwrap();
        }
        let bytes = writer.finish().unwrap().into_inner();
        assert_eq!(ZipArchive::new(Cursor::new(bytes)).unwrap().len(), FILES);
    }
}
