//! What the legs cost on the native model, in microseconds:
//! `cargo run --release -p driftless-tests --bin bench-model`.
//!
//! Each number is the mean of some thousand calls in one space that holds a
//! thousand files of one block and one file of four hundred.

use blocks::hash::BlockHash;
use blocks::manifest::BlockRef;
use driftless_tests::client::{commit_of, frames, manifest, new_file, operation_id};
use driftless_tests::model::legs::Device;
use driftless_tests::model::server::Server;
use driftless_tests::random::id_bytes;
use protocol::files::{Commit, Proposal};
use protocol::ids::{DeviceId, UserId};
use protocol::limits::DEFAULT_QUOTA_BYTES;
use std::time::Instant;

const CALLS: u32 = 5_000;
const FILES: u32 = 1_000;
const BLOCKS: u64 = 400;

fn main() {
    let started = Instant::now();
    let server = Server::new();
    println!("{:>8.1}  a new server", micros(started, 1));
    let who = Device {
        folder: None,
        root: None,
        space: server.new_space(DEFAULT_QUOTA_BYTES),
        user: UserId::from_random([1; 16]),
        user_name: "ann".into(),
        id: DeviceId::from_random(id_bytes()),
        name: "Laptop".into(),
        limits: driftless_core::room::Limits::default(),
    };
    let block = |n: u64| n.to_le_bytes().to_vec();
    let body = |n: u64| frames(&[&block(n)]);
    let store = |i| {
        let stored = server.store_blocks(&who, 1, body(u64::from(i)));
        stored.expect("stored");
    };
    time("store a block", CALLS, store);
    time("store a block that is there", CALLS, store);
    let mut files = Vec::new();
    time("create a file of one block", FILES, |i| {
        let content = manifest(&block(u64::from(i)));
        let file = new_file(None, &format!("file {i}"), Some(content));
        files.push(server.create_file(&who, 1, file).expect("created").item.id);
    });
    time("commit a file of one block", CALLS, |i| {
        let base = u64::from(i / FILES) + 1;
        let commit = commit_of(base, &block(u64::from(i)));
        let file = files[(i % FILES) as usize];
        drop(server.commit(&who, 1, file, commit).expect("committed"));
    });
    let hashes: Vec<BlockHash> = (0..BLOCKS).map(|n| BlockHash::of(&block(n))).collect();
    let proposal = |version: u32, hashes: &[BlockHash]| Proposal {
        current_version: u64::from(version),
        new_block_hashes: hashes.to_vec(),
        new_bytes: None,
    };
    time("propose one block", CALLS, |_| {
        let one = proposal(CALLS / FILES + 1, &hashes[..1]);
        drop(server.propose(&who, files[0], one).expect("fine"));
    });

    let mut content = manifest(b"");
    content.size = 8 * BLOCKS;
    let refer = |n: u64| BlockRef {
        hash: BlockHash::of(&block(n)),
        length: 8,
    };
    content.blocks = (0..BLOCKS).map(refer).collect();
    let large = new_file(None, "large", Some(content.clone()));
    let large = server.create_file(&who, 1, large).expect("created").item.id;
    let few = CALLS / 10;
    time("commit one of 400 blocks", few, |i| {
        content.blocks[200] = refer(BLOCKS + u64::from(i));
        let commit = Commit {
            operation_id: operation_id(),
            base_version: u64::from(i) + 1,
            content: content.clone(),
        };
        drop(server.commit(&who, 1, large, commit).expect("committed"));
    });
    time("propose 400 blocks", few, |_| {
        let proposal = proposal(few + 1, &hashes);
        drop(server.propose(&who, large, proposal).expect("fine"));
    });
    time("the manifest of an old version of 400 blocks", few, |i| {
        let version = Some(u64::from(i) + 1);
        drop(server.manifest(&who, large, version).expect("there"));
    });

    let first = server.changes(&who, None, None).expect("a page");
    let end = server.changes(&who, Some(&first.next_token), None);
    let mut token = end.expect("a page").next_token;
    time("changes: nothing new", CALLS, |_| {
        let page = server.changes(&who, Some(&token), None).expect("a page");
        token = page.next_token;
    });
    time("changes: a listing of 1,000 items", 100, |_| {
        drop(server.changes(&who, None, None).expect("a page"));
    });
    time("clear all of this", 1, |_| server.clear());
    time("clear a server of one space", few, |_| {
        server.new_space(1);
        server.clear();
    });
}

fn time(what: &str, calls: u32, mut call: impl FnMut(u32)) {
    let started = Instant::now();
    (0..calls).for_each(&mut call);
    println!("{:>8.1}  {what}", micros(started, calls));
}

fn micros(since: Instant, calls: u32) -> f64 {
    since.elapsed().as_secs_f64() * 1e6 / f64::from(calls)
}
