//! What travels and what is stored, against a running server:
//! 1. an edit of a large file lacks few blocks, and only those are stored
//! 2. after many small edits every version is whole
//! 3. a small edit is one request, whose metadata does not grow with the file

use blocks::hash::BlockHash;
use driftless_tests::client::{blocks_by_hash, commit_of, frames, manifest};
use driftless_tests::live::person;
use driftless_tests::random;
use protocol::content::{Base, Content, Spliced};
use protocol::items::ItemChanged;
use protocol::limits::TARGET_PACK_BYTES;
use protocol::paths;

fn hashes(bytes: &[u8]) -> Vec<BlockHash> {
    manifest(bytes).blocks.iter().map(|b| b.hash).collect()
}

#[test]
#[ignore = "needs a running server: npm test starts one"]
fn an_edit_of_a_large_file_lacks_few_blocks() {
    let ann = person();
    let mut bytes = random::unseen_bytes(20 << 20);
    let file = ann.client.put_file(None, "large", &bytes).unwrap().item.id;
    let used = ann.client.me().unwrap().space.stored_bytes;
    assert_eq!(used, 20 << 20);

    // An insertion near the front moves every byte behind it.
    bytes.splice(1_000..1_000, b"a hundred bytes or so".iter().copied());
    let blocks = hashes(&bytes);
    let missing = ann
        .client
        .propose(file, 1, blocks.clone())
        .unwrap()
        .missing_blocks;
    assert!(
        (1..=3).contains(&missing.len()),
        "{} of {} blocks are missing",
        missing.len(),
        blocks.len()
    );
    ann.client
        .upload(&bytes, &manifest(&bytes), &missing)
        .unwrap();
    let nothing = ann.client.propose(file, 1, blocks).unwrap();
    assert_eq!(nothing.missing_blocks, []);
    ann.client.commit(file, &commit_of(1, &bytes)).unwrap();
    assert!(ann.client.content(file, None).unwrap() == bytes);

    let lengths: u64 = manifest(&bytes)
        .blocks
        .iter()
        .filter(|block| missing.contains(&block.hash))
        .map(|block| u64::from(block.length))
        .sum();
    assert_eq!(
        ann.client.me().unwrap().space.stored_bytes,
        used + lengths,
        "stored is what was missing and nothing else"
    );
}

/// Many versions of one file, each a small change: every one stays whole.
#[test]
#[ignore = "needs a running server: npm test starts one"]
fn many_small_edits_keep_every_version_whole() {
    let ann = person();
    let mut bytes = random::unseen_bytes(TARGET_PACK_BYTES);
    let file = ann.client.put_file(None, "file", &bytes).unwrap().item.id;
    let mut versions = vec![bytes.clone()];
    for base in 1..=8 {
        let at = (base as usize * 474_747) % bytes.len();
        match base % 3 {
            0 => bytes.truncate(bytes.len() - 300_000),
            1 => drop(bytes.splice(at..at, random::unseen_bytes(10_000))),
            _ => bytes[at] ^= 0xFF,
        }
        ann.client.put_version(file, base, &bytes).unwrap();
        versions.push(bytes.clone());
    }
    for (expected, version) in versions.iter().zip(1..) {
        let read = ann.client.content(file, Some(version)).unwrap();
        assert!(read == *expected, "version {version}");
    }
}

/// A small edit of a file whose base is known: one request, and its metadata does
/// not grow with the file.
#[test]
#[ignore = "needs a running server: npm test starts one"]
fn a_small_edit_is_one_request() {
    let ann = person();
    let mut bytes = random::unseen_bytes(100 << 20);
    let file = ann.client.put_file(None, "large", &bytes).unwrap().item.id;
    let old = manifest(&bytes);
    bytes[50 << 20] ^= 0xFF;
    let new = manifest(&bytes);
    let base = Base {
        item: file,
        version: 1,
    };
    let spliced = Content::Spliced(Spliced::of(&new, base, &old.blocks));
    let inserted = spliced.named().into_owned();
    let commit = commit_of(1, b"").with_content(spliced);
    let blocks = blocks_by_hash(&bytes, &new);
    let wanted: Vec<&[u8]> = inserted.iter().map(|block| blocks[&block.hash]).collect();
    let metadata = serde_json::to_vec(&commit).unwrap().len();
    let whole = serde_json::to_vec(&new).unwrap().len();
    println!(
        "{} blocks: an edit of {} of them takes {metadata} bytes of metadata, the whole list {whole}",
        old.blocks.len(),
        inserted.len()
    );
    assert!(old.blocks.len() > 300 && metadata < 2_000);
    let path = paths::commit(file);
    let carried = frames(&wanted);
    let reply = ann.client.send_carrying(&path, &commit, &carried);
    let changed: ItemChanged = reply.unwrap().json().unwrap();
    assert_eq!(changed.item.version(), 2);
    assert!(ann.client.content(file, None).unwrap() == bytes);
}
