//! Patches of zips and gzips by the symbols of their deflate streams.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::random::{self, Xorshift};
use blocks::frame::small_frame;
use blocks::hash::BlockHash;
use blocks::limits::MAX_PATCH_BASES;
use blocks::patch::{
    BadDelta, Base, Documents, MAX_DOCUMENT_BYTES, Patch, Work, apply, apply_within, has_streams,
    may_be_document,
};
use blocks::solid::beginning_of;
use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder};
use std::io::Write;

const KB: usize = 1 << 10;

/// Rows of a table as a spreadsheet has them.
fn table(rows: usize) -> String {
    let mut numbers = Xorshift::new(3);
    let row = |row: usize| {
        let (count, price) = (numbers.below(100_000), numbers.below(9_999));
        format!(
            "<row r=\"{row}\"><c r=\"A{row}\"><v>{count}</v></c><c r=\"B{row}\" t=\"s\"><v>{price}</v></c></row>"
        )
    };
    (1..=rows).map(row).collect()
}

fn deflated(plain: &[u8], level: u32) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::new(level));
    encoder.write_all(plain).unwrap();
    encoder.finish().unwrap()
}

fn gzipped(plain: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::new(6));
    encoder.write_all(plain).unwrap();
    encoder.finish().unwrap()
}

/// A zip of deflated entries. Its sums are not right, and nobody here asks.
fn zip(entries: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut file = Vec::new();
    let mut directory = Vec::new();
    for (name, stream) in entries {
        let place = file.len() as u32;
        let mut known = 8_u16.to_le_bytes().to_vec();
        known.extend([0; 8]);
        known.extend((stream.len() as u32).to_le_bytes());
        known.extend([0; 4]);
        known.extend((name.len() as u16).to_le_bytes());
        known.extend([0; 2]);
        file.extend(b"PK\x03\x04\x14\0\0\0");
        file.extend(&known);
        file.extend(name.bytes());
        file.extend(stream);
        directory.extend(b"PK\x01\x02\x14\0\x14\0\0\0");
        directory.extend(&known);
        directory.extend([0; 10]);
        directory.extend(place.to_le_bytes());
        directory.extend(name.bytes());
    }
    let place = file.len() as u32;
    file.extend(&directory);
    file.extend(b"PK\x05\x06\0\0\0\0");
    for _ in 0..2 {
        file.extend((entries.len() as u16).to_le_bytes());
    }
    file.extend((directory.len() as u32).to_le_bytes());
    file.extend(place.to_le_bytes());
    file.extend([0; 2]);
    file
}

fn blocks(file: &[u8], length: usize) -> Vec<(BlockHash, &[u8])> {
    file.chunks(length)
        .map(|block| (BlockHash::of(block), block))
        .collect()
}

fn rebuilt(patch: &Patch, old: &[(BlockHash, &[u8])], length: usize) -> Vec<u8> {
    assert!(patch.bases.len() <= MAX_PATCH_BASES);
    let named = patch.bases.iter();
    let named = named.map(|base| old.iter().find(|(hash, _)| hash == base).unwrap().1);
    apply(&named.collect::<Vec<_>>(), &patch.delta, length).unwrap()
}

/// The bytes of the smaller of both kinds of patch, of all new blocks.
fn cost(old: &[u8], new: &[u8], block_length: usize) -> (usize, usize) {
    let old = blocks(old, block_length);
    let documents = Documents::of(old.iter().copied(), new.to_vec());
    let base = Base::of(old.iter().copied());
    let (mut smaller, mut ordinary) = (0, 0);
    for (number, block) in new.chunks(block_length).enumerate() {
        if old.iter().any(|(_, known)| *known == block) {
            continue;
        }
        let start = number * block_length;
        let bytes = base.patch(block).delta.len();
        let patch = documents
            .as_ref()
            .and_then(|documents| documents.patch(start..start + block.len()));
        let by_symbols = patch.map(|patch| {
            assert!(has_streams(&patch.delta));
            assert_eq!(rebuilt(&patch, &old, block.len()), block);
            patch.delta.len()
        });
        smaller += by_symbols.unwrap_or(bytes).min(bytes);
        ordinary += bytes;
    }
    (smaller, ordinary)
}

/// A spreadsheet before and after one cell has changed.
fn sheets(level: u32) -> (Vec<u8>, Vec<u8>) {
    let plain = table(9_000);
    let changed = plain
        .replacen("<v>", "<v>1", 4_000)
        .replacen("<v>1", "<v>", 3_999);
    assert_ne!(plain, changed);
    let styles = deflated(table(50).as_bytes(), level);
    let book = |sheet: &str| {
        zip(&[
            ("xl/styles.xml", styles.clone()),
            ("xl/sheet1.xml", deflated(sheet.as_bytes(), level)),
            ("xl/last.xml", styles.clone()),
        ])
    };
    (book(&plain), book(&changed))
}

#[test]
fn a_changed_cell_costs_little_whatever_the_level() {
    for level in [1, 6, 9] {
        let (old, new) = sheets(level);
        assert!(old.len() > 100 * KB, "{}", old.len());
        let (bytes, ordinary) = cost(&old, &new, 1_024 * KB);
        assert!(ordinary > 20 * KB, "level {level}: {ordinary}");
        assert!(bytes < 2_500, "level {level}: {bytes}");
    }
}

#[test]
fn a_stream_that_is_cut_into_blocks_costs_little_more() {
    let (old, new) = sheets(6);
    for length in [16 * KB, 37 * KB + 11, 64 * KB] {
        let (bytes, ordinary) = cost(&old, &new, length);
        assert!(bytes < ordinary / 8, "{length}: {bytes} of {ordinary}");
    }
}

#[test]
fn a_gzip_has_one_stream() {
    let plain = table(9_000);
    let mut changed = plain.clone();
    changed.insert_str(1_000, "what nobody has written before");
    let (bytes, ordinary) = cost(
        &gzipped(plain.as_bytes()),
        &gzipped(changed.as_bytes()),
        1_024 * KB,
    );
    assert!(
        bytes < 4_000 && 20 * bytes < ordinary,
        "{bytes} of {ordinary}"
    );
}

/// Noise is stored, and a few bytes have the codes that deflate has fixed.
#[test]
fn blocks_of_all_types_come_out() {
    let mut plain = random::bytes(7, 90 * KB);
    plain.extend(table(2_000).bytes());
    let mut changed = plain.clone();
    changed[100 * KB] ^= 1;
    changed.extend(b"the end");
    let of = |plain: &[u8]| {
        zip(&[
            ("noise", deflated(plain, 6)),
            ("short", deflated(&plain[plain.len() - 40..], 6)),
            ("none", deflated(&[], 6)),
        ])
    };
    let (bytes, ordinary) = cost(&of(&plain), &of(&changed), 256 * KB);
    assert!(bytes < ordinary / 4, "{bytes} of {ordinary}");
}

#[test]
fn what_has_nothing_in_common_is_not_said_by_symbols() {
    let (old, _) = sheets(6);
    let (bytes, ordinary) = cost(&old, &random::bytes(1, 200 * KB), 256 * KB);
    assert_eq!(bytes, ordinary);
    let other = zip(&[("another", deflated(table(900).as_bytes(), 6))]);
    assert!(Documents::of(blocks(&old, 64 * KB), other).is_none());
    // The same file has nothing that differs.
    assert!(Documents::of(blocks(&old, 64 * KB), old.clone()).is_none());
}

/// Its symbols are counted, and not its 16 MiB.
#[test]
fn a_bomb_is_never_unpacked() {
    let zeros = vec![0; 1 << 20];
    let bomb = |end: &[u8]| {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::new(6));
        for _ in 0..16 {
            encoder.write_all(&zeros).unwrap();
        }
        encoder.write_all(end).unwrap();
        zip(&[("bomb", encoder.finish().unwrap())])
    };
    let (old, new) = (bomb(b""), bomb(b"more"));
    let (bytes, _) = cost(&old, &new, 1_024 * KB);
    assert!(bytes < 400, "{bytes}");
}

#[test]
fn whoever_allows_no_work_refuses() {
    let (old, new) = sheets(6);
    let old_blocks = blocks(&old, 1_024 * KB);
    let documents = Documents::of(old_blocks.iter().copied(), new.clone()).unwrap();
    let patch = documents.patch(0..new.len()).unwrap();
    let refused = apply_within(&[&old], &patch.delta, new.len(), &mut Work::none());
    assert_eq!(refused, Err(BadDelta::Work));
    let mut work = Work::of_a_request();
    let mut made = 0;
    while apply_within(&[&old], &patch.delta, new.len(), &mut work).is_ok() {
        made += 1;
    }
    assert!((8..400).contains(&made), "{made}");
    let larger = apply(&[&old], &patch.delta, (1 << 20) + 1);
    assert_eq!(
        larger,
        Err(BadDelta::TooLarge {
            length: (1 << 20) + 1
        })
    );
    let shorter = apply(&[&old], &patch.delta, new.len() - 1);
    assert!(shorter.is_err());
}

/// The request goes as frames then.
#[test]
fn no_solid_body_has_a_patch_by_symbols() {
    let (old, new) = sheets(6);
    let documents = Documents::of(blocks(&old, 1_024 * KB), new.clone()).unwrap();
    let frame_of = |patch| small_frame(BlockHash::of(&new), &new, Some(patch)).unwrap();
    let by_symbols = frame_of(documents.patch(0..new.len()).unwrap());
    let ordinary = frame_of(Base::of(blocks(&old, 1_024 * KB)).patch(&new));
    assert!(beginning_of(&[Some(&ordinary.bytes)]).is_some());
    assert!(beginning_of(&[Some(&by_symbols.bytes)]).is_none());
    assert!(beginning_of(&[Some(&ordinary.bytes), Some(&by_symbols.bytes)]).is_none());
}

#[test]
fn documents_are_known_by_their_first_bytes() {
    let (old, _) = sheets(6);
    assert!(may_be_document(&old, old.len() as u64));
    assert!(may_be_document(&gzipped(b"x"), 30));
    assert!(!may_be_document(&old, MAX_DOCUMENT_BYTES + 1));
    assert!(!may_be_document(b"%PDF-1.7", 100));
    assert!(!may_be_document(b"", 0));
}

#[cfg(not(target_arch = "wasm32"))]
mod properties {
    use super::*;
    use proptest::prelude::*;

    type Edits = Vec<(prop::sample::Index, usize, Vec<u8>)>;

    fn edits(most: usize) -> impl Strategy<Value = Edits> {
        let inserted = prop::collection::vec(any::<u8>(), 0..40);
        let edit = (any::<prop::sample::Index>(), 0..60_usize, inserted);
        prop::collection::vec(edit, 0..most)
    }

    fn edited(base: &[u8], edits: &Edits) -> Vec<u8> {
        let mut target = base.to_vec();
        for (at, removed, inserted) in edits {
            let at = at.index(target.len() + 1);
            let end = (at + removed).min(target.len());
            target.splice(at..end, inserted.iter().copied());
        }
        target
    }

    /// A text, noise or both.
    fn plain() -> impl Strategy<Value = Vec<u8>> {
        (0..400_usize, 0..3_000_usize, any::<u64>()).prop_map(|(rows, noise, seed)| {
            let mut plain = table(rows).into_bytes();
            let noise = random::bytes(seed, noise);
            let at = (seed as usize) % (plain.len() + 1);
            plain.splice(at..at, noise);
            plain
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(96))]

        /// However the file was edited and cut, what is made makes it.
        #[test]
        fn patches_of_edited_documents_come_out(
            plain in plain(),
            edits in edits(6),
            levels in (0..10_u32, 0..10_u32),
            block_length in 900..40_000_usize,
        ) {
            let changed = edited(&plain, &edits);
            let of = |plain: &[u8], level| zip(&[
                ("a", deflated(plain, level)),
                ("b", deflated(&plain[..plain.len() / 3], level)),
            ]);
            cost(&of(&plain, levels.0), &of(&changed, levels.1), block_length);
            cost(&gzipped(&plain), &gzipped(&changed), block_length);
        }

        /// Files that only look like documents.
        #[test]
        fn patches_of_broken_documents_come_out(
            plain in plain(),
            old_edits in edits(4),
            new_edits in edits(4),
            block_length in 900..40_000_usize,
        ) {
            let file = zip(&[("a", deflated(&plain, 6)), ("b", deflated(&plain, 1))]);
            let (mut old, mut new) = (edited(&file, &old_edits), edited(&file, &new_edits));
            for file in [&mut old, &mut new] {
                file.truncate(200_000);
            }
            cost(&old, &new, block_length);
        }

        /// Other bytes never come out with the block's hash, nor more than its length.
        #[test]
        fn a_damaged_delta_is_refused_or_seen_by_hashing(
            plain in plain(),
            edits in edits(4),
            damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
            cut in any::<prop::sample::Index>(),
        ) {
            let changed = edited(&plain, &edits);
            let (old, new) = (gzipped(&plain), gzipped(&changed));
            let documents = Documents::of(blocks(&old, 1 << 20), new.clone());
            let patch = documents.and_then(|documents| documents.patch(0..new.len()));
            let Some(Patch { delta, .. }) = patch else {
                return Ok(());
            };
            let mut damaged = delta.clone();
            for (at, byte) in damage {
                let at = at.index(damaged.len());
                damaged[at] = byte;
            }
            let cut = &delta[..cut.index(delta.len())];
            for delta in [damaged.as_slice(), cut] {
                if let Ok(made) = apply(&[&old], delta, new.len()) {
                    prop_assert_eq!(made.len(), new.len());
                }
            }
        }

        /// Bytes that nobody has made, against a base that is a stream.
        #[test]
        fn no_bytes_are_more_than_refused(
            delta in prop::collection::vec(any::<u8>(), 0..300),
            length in 0..5_000_usize,
        ) {
            let base = gzipped(table(300).as_bytes());
            // An empty rest, so that all others are read as symbols.
            let mut symbols = vec![4, 0];
            symbols.extend(&delta);
            let mut any = vec![4];
            any.extend(delta);
            for delta in [symbols, any] {
                if let Ok(made) = apply(&[&base], &delta, length) {
                    prop_assert_eq!(made.len(), length);
                }
            }
        }
    }
}
