//! Names and contents of files, by chance.

use super::device::Content;
use super::rng::Rng;
use crate::client::gzipped;
use protocol::name::Name;

/// Few names, some of them the same to a file system.
const NAMES: [&str; 8] = [
    "a",
    "A",
    "b",
    "Caf\u{e9}",
    "CAFE\u{301}",
    "c.txt",
    "C.TXT",
    "d",
];

/// Bytes of a large block: three sub-blocks.
const LARGE_BYTES: usize = 3_000;
/// Bytes of each block of a gzip but the last.
const GZIP_BLOCK_BYTES: usize = 900;

pub fn name(rng: &mut Rng) -> Name {
    let text = rng.pick(&NAMES).copied().unwrap_or("a");
    Name::parse(text).expect("a good name")
}

/// A few blocks, many of them the same as others', and mostly one that is not; or a gzip.
pub fn content(rng: &mut Rng) -> Content {
    if rng.permille(150) {
        return gzip(rng);
    }
    let blocks = 1 + rng.below(5);
    let is_unique = rng.permille(850);
    let mut content: Content = (0..blocks)
        .map(|_| {
            let kind = rng.below(12);
            kind.to_le_bytes()[..1 + (kind % 7) as usize].to_vec()
        })
        .collect();
    if is_unique {
        content.push(rng.draw().to_le_bytes().to_vec());
    }
    if rng.permille(150) {
        content.push(large(rng));
    }
    content
}

/// A block that is worth a patch against another of its kind, or LZ4.
fn large(rng: &mut Rng) -> Vec<u8> {
    let kind = rng.below(4);
    let mut noise = Rng::new(kind);
    let mut block: Vec<u8> = match kind {
        0 => vec![0; LARGE_BYTES],
        _ => (0..LARGE_BYTES).map(|_| noise.draw() as u8).collect(),
    };
    let at = rng.below(LARGE_BYTES as u64 - 16) as usize;
    block[at..at + 16].copy_from_slice(&rng.bytes());
    block
}

/// A gzip of a text of which a line is not like others', so that all of its bits differ and
/// few of its symbols do.
fn gzip(rng: &mut Rng) -> Content {
    let mut noise = Rng::new(rng.below(2));
    let mut lines: Vec<String> = (0..60)
        .map(|line| format!("{line};{:x};open", noise.draw()))
        .collect();
    lines[rng.below(60) as usize] = format!("{:x}", rng.draw());
    let gzip = gzipped(lines.join("\n").as_bytes());
    gzip.chunks(GZIP_BLOCK_BYTES).map(<[u8]>::to_vec).collect()
}
