//! Blocks of whoever has only a folder: they send them for receipts, name what they have
//! sent and what their files have, and get what those have. Of the rest of the drive, no
//! answer tells whether a block is there.

use super::attempt::{BAD_PATCH, BAD_REQUEST, MISSING, NO_BLOCK};
use super::front::{Request, reply};
use super::one_folder::{Drive, copy_of, file};
use super::tries::NO_ID;
use super::world::{ANNS, BOBS_FOLDER, OF_FOLDER, READS_FOLDER};
use crate::stage::THEN;
use blocks::chunk::SizeClass;
use blocks::frame::{Codec, Frame, carrying_head, parse};
use blocks::hash::BlockHash;
use blocks::manifest::{BlockRef, Manifest};
use driftless_tests::client::{
    change_trashed, commit_of, framed, frames, manifest, operation_id, patched, solid,
};
use driftless_tests::drive::{new_conflict, resolve};
use driftless_tests::random::id_bytes;
use protocol::blocks::Fetch;
use protocol::conflicts::Choice;
use protocol::content::Receipted;
use protocol::files::{BlocksStored, ProposalAnswer};
use protocol::ids::{ItemId, UnixMillis};
use protocol::items::{Item, ItemChanged};
use protocol::limits::{MAX_OF_FILES, RECEIPT_MILLIS};
use protocol::problem::{ErrorBody, Problem};
use protocol::receipts::{Receipt, Receipts};
use serde_json::{Value as Json, json};
use std::collections::HashMap;

/// A block that nobody has ever stored, as long as the one outside, "two of ann".
const NEVER: &[u8] = b"two of eve";
const OUTSIDE: &[u8] = b"two of ann";

const HOUR: u64 = 60 * 60 * 1_000;

/// A content of these blocks, as receipts are shown for it.
fn of_blocks(blocks: &[&[u8]], receipts: &HashMap<BlockHash, Receipt>) -> Json {
    let blocks: Vec<BlockRef> = blocks
        .iter()
        .map(|block| BlockRef {
            hash: BlockHash::of(block),
            length: block.len() as u32,
        })
        .collect();
    let size = blocks.iter().map(|block| u64::from(block.length)).sum();
    let content = Manifest {
        size,
        size_class: SizeClass::for_size(size),
        blocks,
        ..manifest(b"")
    };
    shown(content, receipts)
}

fn shown(content: Manifest, receipts: &HashMap<BlockHash, Receipt>) -> Json {
    let find = |hash: &BlockHash| receipts.get(hash).copied();
    json!(Receipted::with(content.into(), find))
}

fn commit(base: u64, content: Json) -> Json {
    let mut commit = json!(commit_of(base, b""));
    commit["content"] = content;
    commit
}

impl Drive {
    fn sends(&self, digit: char, route: &str, body: Vec<u8>, now: UnixMillis) -> (u16, Vec<u8>) {
        let request = Request {
            body,
            ..self.request(digit, route, &Json::Null)
        };
        let reply = reply(&self.world, &request, now);
        (reply.status, reply.body)
    }

    /// Uploads blocks, for their receipts.
    fn stores(
        &self,
        digit: char,
        blocks: &[&[u8]],
        now: UnixMillis,
    ) -> HashMap<BlockHash, Receipt> {
        let (status, told) = self.sends(digit, "POST blocks", frames(blocks), now);
        assert_eq!(status, 200, "{}", String::from_utf8_lossy(&told));
        let told: BlocksStored = serde_json::from_slice(&told).unwrap();
        assert_eq!((told.stored, told.already_stored), (blocks.len() as u32, 0));
        let receipts = told.receipts.expect("receipts").0.into_iter();
        let hashes = blocks.iter().map(|block| BlockHash::of(block));
        let receipts = hashes
            .zip(receipts)
            .filter_map(|(hash, it)| Some((hash, it?)));
        receipts.collect()
    }

    fn content(&self, id: ItemId) -> Vec<u8> {
        self.world.server.content(&self.ann, id, None).unwrap()
    }

    /// The blocks that a request is told to be missing.
    fn misses(&self, route: &str, body: &Json) -> Vec<BlockHash> {
        match self.asks(route, body) {
            Err(Problem::BlocksMissing { missing_blocks }) => missing_blocks,
            other => panic!("{route} {body}: {other:?}"),
        }
    }

    fn to_inner(&self, what: &str) -> String {
        format!("POST files/{}/{what}", self.inner.id)
    }
}

#[test]
fn a_large_file_goes_up_in_parts_and_is_then_committed() {
    let drive = Drive::new();
    let blocks: Vec<Vec<u8>> = (0..1_600_u32).map(|n| n.to_le_bytes().to_vec()).collect();
    let blocks: Vec<&[u8]> = blocks.iter().map(Vec::as_slice).collect();
    let mut receipts = HashMap::new();
    let new = file(Some(drive.folder), of_blocks(&blocks, &receipts));
    assert_eq!(drive.misses("POST files", &new).len(), blocks.len());
    for (part, blocks) in blocks.chunks(64).enumerate() {
        // It takes its time: half an hour for each part.
        let now = THEN - 20 * HOUR + part as u64 * HOUR / 2;
        receipts.extend(drive.stores(OF_FOLDER, blocks, now));
    }
    let new = file(Some(drive.folder), of_blocks(&blocks, &receipts));
    let made: ItemChanged = drive.gets("POST files", new);
    assert_eq!(drive.content(made.item.id), blocks.concat());
    // The same in a batch, beside one that lacks a receipt.
    let mut some = receipts.clone();
    some.remove(&BlockHash::of(blocks[7]));
    let mut batch = [&receipts, &some].map(|receipts| {
        let mut new = file(Some(drive.folder), of_blocks(&blocks[..64], receipts));
        new["operation_id"] = json!(operation_id());
        new["id"] = json!(ItemId::from_random(id_bytes()));
        new
    });
    batch[0]["name"] = json!("in a batch");
    batch[1]["name"] = json!("refused in a batch");
    let alone = json!({"files": [batch[1]]});
    drive.is_refused("POST files/batch", &alone, MISSING);
    // What was shown for one file counts for the others of its batch.
    let both: Json = {
        let body = json!({"files": batch}).to_string().into_bytes();
        let (_, told) = drive.sends(OF_FOLDER, "POST files/batch", body, THEN);
        serde_json::from_slice(&told).unwrap()
    };
    assert!(both["results"][0]["item"].is_object(), "{both}");
}

#[test]
fn a_small_change_sends_what_is_new_and_names_what_the_file_has_in_any_version() {
    let drive = Drive::new();
    let receipts = drive.stores(OF_FOLDER, &[b"three"], THEN);
    let spliced = |insert: &[&[u8]]| {
        let mut content = of_blocks(insert, &receipts);
        let insert = content["blocks"].take();
        let content = content.as_object_mut().unwrap();
        content.remove("blocks");
        let size = 5 + content["size"].as_u64().unwrap();
        content.insert("size".into(), json!(size));
        let base = json!({"item": drive.inner.id, "version": 2});
        content.insert("base".into(), base);
        content.insert("splices".into(), json!([{"at": 1, "insert": insert}]));
        json!(content)
    };
    // Version 2 is "newer". "in the folder" is of version 1, and "second" of a conflict.
    let content = spliced(&[b"three", b"in the folder", b"second"]);
    let proposed = [b"three".as_slice(), b"in the folder", b"second", b"other"];
    let hashes = proposed.map(BlockHash::of);
    let proposal = json!({"current_version": 2, "new_block_hashes": hashes});
    let told: ProposalAnswer = drive.gets(&drive.to_inner("sync"), proposal);
    assert_eq!(told.missing_blocks, [hashes[0], hashes[3]]);
    let next = commit(2, content);
    let made: ItemChanged = drive.gets(&drive.to_inner("commit"), next.clone());
    assert_eq!(
        drive.content(made.item.id),
        b"newerthreein the foldersecond"
    );
    // A repeat without receipts, or with those that are too old, is the same change.
    let mut bare = next.clone();
    bare["content"].as_object_mut().unwrap().remove("receipts");
    let again: ItemChanged = drive.gets(&drive.to_inner("commit"), bare);
    assert_eq!(again, made);
    // A merge, and a version that came second.
    let merged = json!({
        "operation_id": operation_id(), "seen_version": 3, "choice": "merged",
        "content": of_blocks(&[b"merged", b"newer"], &drive.stores(OF_FOLDER, &[b"merged"], THEN)),
    });
    let mut second = json!(new_conflict(b""));
    let receipts = drive.stores(OF_FOLDER, &[b"late"], THEN);
    second["content"] = of_blocks(&[b"late"], &receipts);
    let _: Json = drive.gets(&drive.to_inner("conflicts"), second);
    let route = format!("POST conflicts/{}/resolve", drive.conflict);
    let _: Json = drive.gets(&route, merged);
    assert_eq!(drive.content(made.item.id), b"mergednewer");
}

#[test]
fn a_receipt_is_worth_nothing_for_another_block_or_person_or_too_late() {
    let drive = Drive::new();
    let in_folder = Some(drive.folder);
    let outside = BlockHash::of(OUTSIDE);
    let own = drive.stores(OF_FOLDER, &[b"own"], THEN);
    let of_own = own[&BlockHash::of(b"own")];
    let bobs = drive.stores(BOBS_FOLDER, &[OUTSIDE], THEN);
    let later = Receipt {
        until_hour: of_own.until_hour + 1,
        ..of_own
    };
    let none = Receipt {
        mac: [0; 16],
        ..of_own
    };
    for receipt in [of_own, bobs[&outside], later, none] {
        let receipts = HashMap::from([(outside, receipt)]);
        let new = file(in_folder, of_blocks(&[OUTSIDE], &receipts));
        assert_eq!(drive.misses("POST files", &new), [outside]);
    }
    let receipts = HashMap::from([(BlockHash::of(b"own"), later)]);
    let new = file(in_folder, of_blocks(&[b"own"], &receipts));
    drive.is_refused("POST files", &new, MISSING);
    // A day old, and almost.
    let old = drive.stores(OF_FOLDER, &[b"day old"], THEN - RECEIPT_MILLIS);
    let new = file(in_folder, of_blocks(&[b"day old"], &old));
    drive.is_refused("POST files", &new, MISSING);
    let receipts = drive.stores(OF_FOLDER, &[b"younger"], THEN + HOUR - RECEIPT_MILLIS);
    let new = file(in_folder, of_blocks(&[b"younger"], &receipts));
    let _: ItemChanged = drive.gets("POST files", new);
    // Sent by a token that only reads, it is not even taken.
    let (status, _) = drive.sends(READS_FOLDER, "POST blocks", frames(&[b"x"]), THEN);
    assert_eq!(status, 403);
}

#[test]
fn a_token_that_was_revoked_has_nothing_of_its_receipts() {
    let drive = Drive::new();
    let receipts = drive.stores(OF_FOLDER, &[b"own"], THEN);
    let new = file(Some(drive.folder), of_blocks(&[b"own"], &receipts));
    let connection = drive.world.server.db.connection();
    let revoke = "UPDATE devices SET revoked_at = 1 WHERE scope = 'folder'";
    assert!(connection.execute(revoke, ()).unwrap() > 0);
    assert_eq!(
        drive.asks("POST files", &new).unwrap_err(),
        Problem::SessionEnded
    );
    let (status, _) = drive.sends(OF_FOLDER, "POST blocks", frames(&[b"own"]), THEN);
    assert_eq!(status, 401);
}

/// What a request is answered, where the block is called the same in all answers.
fn told_of(drive: &Drive, request: &Request, block: &[u8]) -> (u16, String, String) {
    let reply = reply(&drive.world, request, THEN);
    let body = String::from_utf8_lossy(&reply.body);
    let body = body.replace(&BlockHash::of(block).to_string(), "it");
    (reply.status, format!("{:?}", reply.headers), body)
}

fn as_frame(frame: &Frame<'_>, hash: BlockHash) -> Vec<u8> {
    framed(Codec::Patch, hash, frame.payload)
}

/// All that can be asked about a block whose bytes, or whose name alone, are known.
fn guesses(drive: &Drive, block: &[u8]) -> Vec<Request> {
    let (hash, inner, in_folder) = (BlockHash::of(block), drive.inner.id, Some(drive.folder));
    let mut asked = Vec::new();
    let mut ask = |route: &str, body: &Json| asked.push(drive.request(OF_FOLDER, route, body));
    let content = json!(manifest(block));
    let spliced = {
        let mut spliced = copy_of(inner, 2);
        let insert = json!([[hash, block.len()]]);
        spliced["size"] = json!(5 + block.len());
        spliced["splices"] = json!([{"at": 0, "insert": insert}]);
        spliced
    };
    let receipts = Receipts(vec![Some(Receipt {
        until_hour: u32::MAX,
        mac: [7; 16],
    })]);
    let mut forged = content.clone();
    forged["receipts"] = json!(receipts);
    for content in [content, spliced, forged] {
        let new = file(in_folder, content.clone());
        ask("POST files", &new);
        ask("POST files/batch", &json!({"files": [new]}));
        ask(&drive.to_inner("commit"), &commit(2, content.clone()));
        let mut second = json!(new_conflict(b"newer"));
        second["content"] = content.clone();
        ask(&drive.to_inner("conflicts"), &second);
        let mut merged = json!(resolve(2, Choice::KeepMine));
        merged["choice"] = json!("merged");
        merged["content"] = content;
        ask(
            &format!("POST conflicts/{}/resolve", drive.conflict),
            &merged,
        );
    }
    for new_bytes in [json!(10), json!(null), json!(1_u64 << 40)] {
        let proposal = json!({
            "current_version": 2, "new_block_hashes": [hash], "new_bytes": new_bytes,
        });
        ask(&drive.to_inner("sync"), &proposal);
    }
    let outside = drive.world.ann.file.to_string();
    for of in [inner.to_string(), outside.clone(), NO_ID.to_owned()] {
        let fetch = json!({"want": [hash], "of": [of]});
        ask("POST blocks/fetch", &fetch);
        let fetch = json!({"want": [BlockHash::of(b"newer"), hash], "of": [inner, of]});
        ask("POST blocks/fetch", &fetch);
        let signed = json!({"blocks": [[hash, 1_024]], "of": [of]});
        ask("POST blocks/signatures", &signed);
    }
    ask(&format!("GET blocks/{hash}"), &Json::Null);
    // As the base of a patch, and as what a patch says to make, which it does not.
    let based = patched(&[block], b"made of it");
    let made = patched(&[b"newer"], b"newer, and more");
    let made = as_frame(&parse(&made).unwrap()[0], hash);
    for (body, of) in [(&based, &outside), (&made, &inner.to_string())] {
        let mut request = drive.request(OF_FOLDER, "POST blocks", &Json::Null);
        request.body.clone_from(body);
        asked.push(request.clone());
        request.query = vec![("of", of.clone())];
        asked.push(request.clone());
        request.query = vec![("of", format!("{of},{inner}"))];
        asked.push(request);
        let next = commit(2, json!(manifest(block))).to_string().into_bytes();
        let mut request = drive.request(OF_FOLDER, &drive.to_inner("commit"), &Json::Null);
        request.body = [carrying_head(&next).as_slice(), body].concat();
        request.carries = true;
        asked.push(request);
    }
    asked
}

/// Who knows or guesses a hash, or what a file may say, learns nothing of whether the
/// drive has it outside of the folder.
#[test]
fn no_answer_tells_whether_the_rest_of_the_drive_has_a_block() {
    let drive = Drive::new();
    assert_eq!(drive.world.ann.block, BlockHash::of(OUTSIDE));
    let before = drive.world.everything();
    let stored = guesses(&drive, OUTSIDE);
    let never = guesses(&drive, NEVER);
    assert!(stored.len() > 30 && stored.len() == never.len());
    for (stored, never) in stored.iter().zip(&never) {
        let told = told_of(&drive, stored, OUTSIDE);
        assert_eq!(told, told_of(&drive, never, NEVER), "{}", stored.path);
        let is_refused = told.0 >= 400 || told.2.contains(r#""missing_blocks":["it"]"#);
        assert!(is_refused, "{} {}", stored.path, told.2);
    }
    assert!(before == drive.world.everything());
    // Who sends its bytes has them, and is told the same.
    let answers = [OUTSIDE, NEVER].map(|block| {
        let (status, told) = drive.sends(OF_FOLDER, "POST blocks", frames(&[block]), THEN);
        let mut told: Json = serde_json::from_slice(&told).unwrap();
        let receipts = told["receipts"].take();
        assert_eq!((status, receipts.as_str().unwrap().len()), (200, 27));
        told
    });
    assert_eq!(answers[0], answers[1]);
}

#[test]
fn a_drive_that_is_almost_full_does_not_tell_either_at_an_upload() {
    let drive = Drive::new();
    let connection = drive.world.server.db.connection();
    let full = "UPDATE spaces SET quota_bytes = needed_bytes WHERE id = ?1";
    connection
        .execute(full, [drive.ann.space.to_string()])
        .unwrap();
    let told = [OUTSIDE, NEVER].map(|block| {
        let (status, told) = drive.sends(OF_FOLDER, "POST blocks", frames(&[block]), THEN);
        assert_eq!(status, 507);
        told
    });
    assert_eq!(told[0], told[1]);
}

#[test]
fn blocks_are_given_for_the_files_that_have_them_as_long_as_they_are_in_the_folder() {
    let drive = Drive::new();
    let fetch = |of: &[ItemId], want: &[&[u8]]| Fetch {
        want: want.iter().map(|block| BlockHash::of(block)).collect(),
        of: of.to_vec(),
        ..Fetch::default()
    };
    let sends = |what: &Fetch| {
        let body = json!(what).to_string().into_bytes();
        drive.sends(READS_FOLDER, "POST blocks/fetch", body, THEN)
    };
    let inner = drive.inner.id;
    // Of its versions and its conflict, for a token that only reads too.
    let all: [&[u8]; 3] = [b"newer", b"second", b"in the folder"];
    let (status, told) = sends(&fetch(&[inner], &all));
    assert_eq!((status, told), (200, frames(&all)));
    let signed = json!({"blocks": [[BlockHash::of(b"newer"), 1_024]], "of": [inner]});
    let body = signed.to_string().into_bytes();
    let (status, _) = drive.sends(OF_FOLDER, "POST blocks/signatures", body, THEN);
    assert_eq!(status, 200);
    // Not without the file, and not by way of another one.
    let other = drive.world.ann.file;
    for of in [vec![], vec![other], vec![drive.folder]] {
        drive.is_refused("POST blocks/fetch", &json!(fetch(&of, &all)), NO_BLOCK);
    }
    let many = vec![inner; MAX_OF_FILES + 1];
    drive.is_refused("POST blocks/fetch", &json!(fetch(&many, &all)), BAD_REQUEST);
    // Whoever has the whole drive need not say, and may say anything.
    let (status, _) = {
        let body = json!(fetch(&many, &[OUTSIDE])).to_string().into_bytes();
        drive.sends(ANNS, "POST blocks/fetch", body, THEN)
    };
    assert_eq!(status, 200);
    // Moved out, moved in again, and deleted for good.
    drive.move_by_ann(inner, None);
    drive.is_refused("POST blocks/fetch", &json!(fetch(&[inner], &all)), NO_BLOCK);
    let again = file(Some(drive.folder), json!(manifest(b"newer")));
    drive.is_refused("POST files", &again, MISSING);
    drive.move_by_ann(inner, Some(drive.folder));
    assert_eq!(sends(&fetch(&[inner], &all)).0, 200);
    let server = &drive.world.server;
    let item = server.item(&drive.ann, inner).unwrap();
    let gone: Item = server
        .trash(&drive.ann, THEN, inner, change_trashed(&item))
        .unwrap()
        .item;
    assert_eq!(sends(&fetch(&[inner], &all)).0, 200);
    let mut delete = json!(change_trashed(&gone));
    delete["with_open_conflicts"] = json!(true);
    let _: Json = drive.gets(&format!("DELETE items/{inner}"), delete);
    drive.is_refused("POST blocks/fetch", &json!(fetch(&[inner], &all)), NO_BLOCK);
}

#[test]
fn a_patch_goes_up_and_down_only_against_what_the_files_have() {
    let drive = Drive::new();
    let inner = drive.inner.id;
    let old: Vec<u8> = (0..4_000_u32).flat_map(|n| n.to_le_bytes()).collect();
    let change = |n: u8| {
        let mut new = old.clone();
        new[100] ^= n;
        new
    };
    let receipts = drive.stores(OF_FOLDER, &[&old], THEN);
    let next = commit(2, of_blocks(&[&old], &receipts));
    let _: ItemChanged = drive.gets(&drive.to_inner("commit"), next);
    // With a commit, where the file says what it may be of.
    let first = change(1);
    let next = commit(3, json!(manifest(&first)));
    let told = drive.carries(&drive.to_inner("commit"), &next, &patched(&[&old], &first));
    assert!(told.is_ok(), "{told:?}");
    // Before it, where the request has to.
    let second = change(2);
    let body = patched(&[&first], &second);
    let refused = drive.sends(OF_FOLDER, "POST blocks", body.clone(), THEN);
    assert_eq!(refused.0, 422);
    let told: ErrorBody = serde_json::from_slice(&refused.1).unwrap();
    assert!(matches!(told.problem, Problem::PatchRefused { .. }));
    let mut request = drive.request(OF_FOLDER, "POST blocks", &Json::Null);
    request.query = vec![("of", inner.to_string())];
    request.body = body;
    let told = reply(&drive.world, &request, THEN);
    assert_eq!(told.status, 200);
    let told: BlocksStored = serde_json::from_slice(&told.body).unwrap();
    let receipt = told.receipts.unwrap().0[0].unwrap();
    let receipts = HashMap::from([(BlockHash::of(&second), receipt)]);
    let next = commit(4, of_blocks(&[&second], &receipts));
    let _: ItemChanged = drive.gets(&drive.to_inner("commit"), next);
    assert!(drive.content(inner) == second);
    request.query = vec![("of", "x".to_owned())];
    assert_eq!(reply(&drive.world, &request, THEN).status, 400);
    // The same in a solid body, which names neither block; it is told nothing else of a base
    // that is elsewhere than of one that is nowhere.
    let elsewhere = [&old[..], b"elsewhere"].concat();
    let (server, ann) = (&drive.world.server, &drive.ann);
    server
        .store_blocks(ann, THEN, frames(&[&elsewhere]))
        .unwrap();
    let in_solid = |base: &[u8], of: ItemId| {
        let mut request = drive.request(OF_FOLDER, "POST blocks", &Json::Null);
        request.query = vec![("of", of.to_string())];
        request.body = solid(&[patched(&[base], &[base, b"more"].concat())]);
        let told = reply(&drive.world, &request, THEN);
        (told.status, String::from_utf8(told.body).unwrap())
    };
    assert_eq!(in_solid(&second, inner).0, 200);
    let nowhere = [&old[..], b"nowhere"].concat();
    assert_eq!(in_solid(&elsewhere, inner), in_solid(&nowhere, inner));
    assert_eq!(in_solid(&elsewhere, inner).0, 400);
    // Down: as a patch of what the file has.
    let fetch = |want: &[u8], base: &[u8]| {
        let fetch = Fetch {
            want: vec![BlockHash::of(want)],
            bases: vec![BlockHash::of(base).short()],
            of: vec![inner],
            ..Fetch::default()
        };
        let body = json!(fetch).to_string().into_bytes();
        let (status, told) = drive.sends(OF_FOLDER, "POST blocks/fetch", body, THEN);
        assert_eq!(status, 200);
        told
    };
    assert!(fetch(&second, &first).len() < 1_000);
    // And not of what is outside, although the server has kept one: it would name it.
    let (outside, third) = (change(3), change(4));
    let server = &drive.world.server;
    server
        .store_blocks(&drive.ann, THEN, frames(&[&outside]))
        .unwrap();
    let patch = patched(&[&outside], &third);
    server.store_blocks(&drive.ann, THEN, patch).unwrap();
    let mut next = commit_of(5, b"");
    next.content = manifest(&third);
    server.commit(&drive.ann, THEN, inner, next).unwrap();
    let whole = fetch(&third, &outside);
    assert!(whole.len() > 1_000);
    let named = BlockHash::of(&outside);
    assert!(!whole.windows(32).any(|part| part == named.as_bytes()));
    let refused = drive.carries(
        &drive.to_inner("commit"),
        &commit(6, json!(manifest(&first))),
        &patched(&[&outside], &first),
    );
    let problem = refused.unwrap_err();
    assert_eq!((problem.status(), "patch_refused"), BAD_PATCH);
}

#[test]
fn whoever_has_the_whole_drive_is_answered_as_ever() {
    let drive = Drive::new();
    let (_, told) = drive.sends(ANNS, "POST blocks", frames(&[OUTSIDE, NEVER]), THEN);
    assert_eq!(told, br#"{"stored":1,"already_stored":1}"#);
}
