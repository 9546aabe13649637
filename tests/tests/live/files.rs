//! Files and their content, against a running server:
//! 1. what is read is what was written, to the byte
//! 2. ranges, conditions and HEAD
//! 3. download headers: names of every kind, and no script can run

use blocks::frame::lz4_payload;
use blocks::hash::BlockHash;
use blocks::manifest::{BlockRef, Manifest};
use blocks::number::FileTime;
use driftless_tests::client::{
    Client, MODIFIED_AT, Reply, compressed, frames, item_id, manifest, new_file,
};
use driftless_tests::live::{Person, person};
use driftless_tests::random;
use protocol::batches::ItemsChanged;
use protocol::ids::ItemId;
use protocol::paths;
use protocol::problem::Problem;

/// A person with one file.
fn with_file(name: &str, bytes: &[u8]) -> (Person, ItemId) {
    let ann = person();
    let file = ann.client.put_file(None, name, bytes).unwrap().item.id;
    (ann, file)
}

fn read(client: &Client, file: ItemId, headers: &[(&str, &str)]) -> Reply {
    client
        .send("GET", &paths::content(file, None), headers, None)
        .unwrap()
}

#[test]
#[ignore = "needs a running server: npm test starts one"]
fn what_is_read_is_what_was_written() {
    let ann = person();
    for length in [1, 65_537, 3_000_000] {
        let bytes = random::unseen_bytes(length);
        let made = ann
            .client
            .put_file(None, &format!("{length}.bin"), &bytes)
            .unwrap();
        let head = made.item.file.unwrap();
        assert_eq!((head.version, head.size), (1, length as u64));
        assert_eq!(head.modified_at_ms, MODIFIED_AT);
        let read = ann.client.content(made.item.id, None).unwrap();
        assert!(read == bytes, "{length} bytes");
    }
}

/// A file of more packs than one request may read, and of a block many times over:
/// the server asks itself for the parts.
#[test]
#[ignore = "needs a running server: npm test starts one"]
fn a_download_from_many_packs_comes_whole() {
    let ann = person();
    let (mut bytes, mut blocks) = (Vec::new(), Vec::new());
    for _ in 0..90 {
        let block = random::unseen_bytes(3_000);
        ann.client.store_blocks(&[&block]).unwrap();
        for part in [&block[..], &block[..]] {
            blocks.push(BlockRef {
                hash: BlockHash::of(part),
                length: part.len() as u32,
            });
            bytes.extend_from_slice(part);
        }
    }
    let content = Manifest {
        size: bytes.len() as u64,
        modified_at_ms: FileTime::nearest(-86_400_000),
        blocks,
        ..manifest(b"")
    };
    let file = new_file(None, "scattered", Some(content));
    let made = ann.client.new_file(&file).unwrap().item;
    assert_eq!(made.file.unwrap().modified_at_ms.millis(), -86_400_000);
    // The second time, its blocks may have been put together.
    for _ in 0..2 {
        let reply = ann.client.get(&paths::content(made.id, None)).unwrap();
        let reply = reply.success().unwrap();
        assert!(reply.body == bytes, "{} bytes", reply.body.len());
    }
    let range = "bytes=5-250001";
    let part = read(&ann.client, made.id, &[("range", range)]);
    assert_eq!((part.status, part.body.len()), (206, 249_997));
    assert!(part.body == bytes[5..250_002]);
}

#[test]
#[ignore = "needs a running server: npm test starts one"]
fn blocks_are_read_one_by_one() {
    let bytes = random::unseen_bytes(700_000);
    let (ann, _) = with_file("file", &bytes);
    let mut rest = bytes.as_slice();
    for block in manifest(&bytes).blocks {
        let (expected, after) = rest.split_at(block.length as usize);
        rest = after;
        let reply = ann
            .client
            .get(&paths::block(block.hash))
            .unwrap()
            .success()
            .unwrap();
        assert!(reply.body == expected);
        assert_eq!(BlockHash::of(&reply.body), block.hash);
    }
}

#[test]
#[ignore = "needs a running server: npm test starts one"]
fn ranges() {
    // Long enough to span several blocks and packs.
    let bytes = random::unseen_bytes(6_000_000);
    let (ann, file) = with_file("file", &bytes);
    let size = bytes.len();
    for (range, start, end) in [
        ("bytes=0-0", 0, 1),
        ("bytes=0-99", 0, 100),
        ("bytes=100-", 100, size),
        ("bytes=-1", size - 1, size),
        ("bytes=-500", size - 500, size),
        ("bytes=-99999999", 0, size),
        ("bytes=5999999-", size - 1, size),
        ("bytes=5999990-99999999", size - 10, size),
        ("bytes=1000000-4999999", 1_000_000, 5_000_000),
        ("bytes=0-5999999", 0, size),
    ] {
        let reply = read(&ann.client, file, &[("range", range)]);
        assert_eq!(reply.status, 206, "{range}");
        assert_eq!(
            reply.header("content-range"),
            format!("bytes {start}-{}/{size}", end - 1),
            "{range}"
        );
        assert!(reply.body == bytes[start..end], "{range}");
    }
    // Around each boundary of two blocks.
    let mut at = 0;
    for block in &manifest(&bytes).blocks[..6] {
        at += block.length as usize;
        let range = format!("bytes={}-{}", at - 2, at + 1);
        let reply = read(&ann.client, file, &[("range", &range)]);
        assert_eq!(reply.status, 206);
        assert_eq!(reply.body, bytes[at - 2..at + 2]);
    }
    let whole = read(&ann.client, file, &[]);
    assert_eq!(whole.status, 200);
    assert_eq!(whole.header("accept-ranges"), "bytes");
    assert!(whole.body == bytes);
}

#[test]
#[ignore = "needs a running server: npm test starts one"]
fn a_range_outside_of_the_file_is_416() {
    let (ann, file) = with_file("file", b"0123456789");
    let empty = ann.client.new_empty_file(None, "empty").unwrap().item.id;
    for (file, range, size) in [
        (file, "bytes=10-", 10),
        (file, "bytes=10-20", 10),
        (file, "bytes=-0", 10),
        (empty, "bytes=0-", 0),
    ] {
        let reply = read(&ann.client, file, &[("range", range)]);
        assert_eq!(
            reply.problem(),
            Problem::RangeNotSatisfiable { size },
            "{range}"
        );
        assert_eq!(reply.header("content-range"), format!("bytes */{size}"));
    }
}

/// RFC 9110: a range that can't be read is ignored.
#[test]
#[ignore = "needs a running server: npm test starts one"]
fn a_range_that_makes_no_sense_is_ignored() {
    let (ann, file) = with_file("file", b"0123456789");
    for range in ["bytes=5-2", "bytes=x-", "lines=0-1", "bytes=", "bytes=-"] {
        let reply = read(&ann.client, file, &[("range", range)]);
        assert_eq!(reply.status, 200, "{range}");
        assert_eq!(reply.body, b"0123456789", "{range}");
    }
}

#[test]
#[ignore = "needs a running server: npm test starts one"]
fn a_reader_that_has_it_gets_304_until_it_changes() {
    let (ann, file) = with_file("file", b"first");
    let tag = read(&ann.client, file, &[]).header("etag").to_owned();
    assert!(tag.starts_with('"') && tag.ends_with('"'), "{tag:?}");
    let several = format!("\"other\", {tag}");
    for condition in [tag.as_str(), &several, &format!("W/{tag}"), "*"] {
        let reply = read(&ann.client, file, &[("if-none-match", condition)]);
        assert_eq!((reply.status, reply.body.len()), (304, 0), "{condition}");
        assert_eq!(reply.header("etag"), tag);
    }
    ann.client.put_version(file, 1, b"second").unwrap();
    let reply = read(&ann.client, file, &[("if-none-match", &tag)]);
    assert_eq!((reply.status, reply.body), (200, b"second".to_vec()));
    assert_ne!(reply.headers["etag"], tag.as_str());

    // A download that was interrupted must not go on in another version.
    let headers = [("range", "bytes=2-"), ("if-range", tag.as_str())];
    let reply = read(&ann.client, file, &headers);
    assert_eq!((reply.status, reply.body), (200, b"second".to_vec()));
}

#[test]
#[ignore = "needs a running server: npm test starts one"]
fn head_says_what_get_would() {
    let (ann, file) = with_file("file.txt", b"0123456789");
    let get = read(&ann.client, file, &[]);
    let head = ann
        .client
        .send("HEAD", &paths::content(file, None), &[], None)
        .unwrap();
    assert_eq!((head.status, head.body.len()), (200, 0));
    for name in [
        "etag",
        "content-length",
        "content-type",
        "content-disposition",
        "accept-ranges",
    ] {
        assert_eq!(head.header(name), get.header(name), "{name}");
    }
    assert_eq!(head.header("content-length"), "10");
}

/// Stored as LZ4 or not, in several packs: the answers are the same.
#[test]
#[ignore = "needs a running server: npm test starts one"]
fn compressed_blocks_are_sent_as_what_they_are() {
    let ann = person();
    let text = |n: u8| vec![n; 1_500_000];
    let parts = (0..3).map(|n| [random::unseen_bytes(2_000_000), text(n)].concat());
    let bytes = parts.collect::<Vec<_>>().concat();
    let content = manifest(&bytes);
    let mut rest = bytes.as_slice();
    let (mut bodies, mut as_lz4) = (vec![Vec::new()], 0);
    for (i, block) in content.blocks.iter().enumerate() {
        let (block, after) = rest.split_at(block.length as usize);
        rest = after;
        if i % 9 == 8 {
            bodies.push(Vec::new());
        }
        let body = bodies.last_mut().unwrap();
        match lz4_payload(block) {
            Some(_) => {
                as_lz4 += 1;
                body.extend(compressed(block));
            }
            None => body.extend(frames(&[block])),
        }
    }
    assert!(bodies.len() > 2 && as_lz4 >= 3 && as_lz4 + 3 <= content.blocks.len());
    for body in bodies {
        ann.client.store_frames(&body).unwrap().success().unwrap();
    }
    let file = new_file(None, "file", Some(content));
    let file = ann.client.new_file(&file).unwrap().item.id;
    let get = read(&ann.client, file, &[]);
    assert!(get.status == 200 && get.body == bytes);
    assert_eq!(get.header("content-length"), bytes.len().to_string());
    let head = ann
        .client
        .send("HEAD", &paths::content(file, None), &[], None)
        .unwrap();
    for name in ["etag", "content-length"] {
        assert_eq!(head.header(name), get.header(name), "{name}");
    }
    for (start, end) in [(0, 10), (1_850_000, 4_000_000), (3_450_000, 9_999_999)] {
        let range = format!("bytes={start}-{}", end - 1);
        let reply = read(&ann.client, file, &[("range", &range)]);
        assert_eq!(reply.status, 206);
        assert!(reply.body == bytes[start..end], "{range}");
    }
}

/// A stored SVG or HTML ran in the app's origin elsewhere
/// (GHSA-mmpx-jh39-wrv6, CVE-2025-52902).
#[test]
#[ignore = "needs a running server: npm test starts one"]
fn content_cannot_run_in_the_apps_origin() {
    let script = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>";
    let ann = person();
    for name in ["evil.svg", "evil.html", "evil.xhtml", "evil.js", "evil.pdf"] {
        let file = ann.client.put_file(None, name, script).unwrap().item.id;
        let reply = read(&ann.client, file, &[]);
        let policy = reply.header("content-security-policy");
        assert!(policy.contains("sandbox"), "{name}: {policy:?}");
        assert!(!policy.contains("allow-scripts"), "{name}: {policy}");
        assert!(!policy.contains("allow-same-origin"), "{name}: {policy}");
        assert_eq!(reply.header("x-content-type-options"), "nosniff");
        assert!(
            reply
                .header("content-disposition")
                .starts_with("attachment"),
            "{name}: {reply:?}"
        );
    }
}

#[test]
#[ignore = "needs a running server: npm test starts one"]
fn odd_names_survive_content_disposition() {
    let ann = person();
    for name in [
        "plain.txt",
        "with spaces.txt",
        "quote\"and;semicolon.txt",
        "per%41cent.txt",
        "apostrophe's.txt",
        "emoji 🦀.txt",
        "עברית.txt",
        "naïve – dash.txt",
        "comma,=.txt",
    ] {
        let file = ann.client.put_file(None, name, b"x").unwrap().item.id;
        let reply = read(&ann.client, file, &[]);
        let value = reply.header("content-disposition").to_owned();
        assert!(value.is_ascii(), "{value:?}");
        // RFC 8187: `filename*=UTF-8''` and percent-encoding.
        let (_, encoded) = value
            .split_once("filename*=UTF-8''")
            .unwrap_or_else(|| panic!("{name:?}: {value:?}"));
        let encoded = encoded.split(';').next().unwrap().trim();
        assert!(
            encoded
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"!#$&+-.^_`|~%".contains(&b)),
            "{value:?}"
        );
        assert_eq!(percent_decode(encoded), name, "{value:?}");
    }
}

fn percent_decode(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        if *first == b'%' {
            let digits = std::str::from_utf8(&after[..2]).unwrap();
            bytes.push(u8::from_str_radix(digits, 16).unwrap());
            rest = &after[2..];
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    String::from_utf8(bytes).unwrap()
}

/// A list of changes in which one can't be read: the others are made.
#[test]
#[ignore = "needs a running server: npm test starts one"]
fn one_bad_change_of_a_batch_refuses_no_other() {
    let ann = person();
    let operation = driftless_tests::client::operation_id;
    let (one, other) = (
        ann.client.put_file(None, "one", b"1").unwrap().item,
        ann.client.put_file(None, "other", b"2").unwrap().item,
    );
    let body = serde_json::json!({"changes": [
        {"item": one.id, "change": "trash", "operation_id": operation(), "base_place_version": 1},
        {"item": "no id", "change": "trash", "operation_id": operation(), "base_place_version": 1},
        {"item": other.id, "change": "shred", "operation_id": operation(), "base_place_version": 1},
        {"item": other.id, "change": "move", "operation_id": operation(), "base_place_version": 1,
            "parent": null, "name": "\u{200B}"},
        {},
        {"item": other.id, "change": "move", "operation_id": operation(), "base_place_version": 1,
            "parent": null, "name": "renamed"},
    ]});
    let reply = ann
        .client
        .send_json("POST", paths::ITEMS_BATCH, &body)
        .unwrap();
    let changed: ItemsChanged = reply.json().unwrap();
    let ends: Vec<Result<_, Problem>> = changed.results.into_iter().map(Result::from).collect();
    assert!(ends[0].is_ok() && ends[5].is_ok(), "{ends:?}");
    for end in [&ends[1], &ends[2], &ends[4]] {
        assert!(matches!(end, Err(Problem::BadJson { .. })), "{end:?}");
    }
    assert!(
        matches!(&ends[3], Err(Problem::BadName { .. })),
        "{:?}",
        ends[3]
    );
    assert_eq!(ann.client.item(other.id).unwrap().name.as_str(), "renamed");
    let reply = ann
        .client
        .get(&paths::ITEMS_BATCH.replace("batch", "x"))
        .unwrap();
    assert_eq!(reply.problem(), Problem::NoSuchItem);
}

/// No name holds what splits a header.
#[test]
#[ignore = "needs a running server: npm test starts one"]
fn names_with_line_breaks_or_direction_overrides_are_refused() {
    let ann = person();
    for bad in [
        "a\r\nb",
        "a\u{202E}fdp.exe",
        "a/b",
        "..",
        "",
        "a\0",
        "\u{2800}",
    ] {
        let body = serde_json::json!({
            "operation_id": driftless_tests::client::operation_id(),
            "id": item_id(), "parent": null, "name": bad,
        });
        for path in [paths::FILES, paths::FOLDERS] {
            let reply = ann.client.send_json("POST", path, &body).unwrap();
            assert!(
                matches!(reply.problem(), Problem::BadName { .. }),
                "{bad:?}: {reply:?}"
            );
        }
    }
}

/// RFC 9110: ranges are GET's, and so are their refusals.
#[test]
#[ignore = "needs a running server: npm test starts one"]
fn head_ignores_ranges() {
    let (ann, file) = with_file("file", b"0123456789");
    for range in ["bytes=2-4", "bytes=99-"] {
        let path = paths::content(file, None);
        let head = ann.client.send("HEAD", &path, &[("range", range)], None);
        let head = head.unwrap();
        assert_eq!((head.status, head.body.len()), (200, 0), "{range}");
        assert_eq!(head.header("content-length"), "10", "{range}");
        assert_eq!(head.header("content-range"), "", "{range}");
    }
}

/// Dates and tags, each alone; the order among them is tested natively.
#[test]
#[ignore = "needs a running server: npm test starts one"]
fn conditions_are_looked_at() {
    let (ann, file) = with_file("file", b"0123456789");
    let whole = read(&ann.client, file, &[]);
    let (tag, date) = (whole.header("etag"), whole.header("last-modified"));
    assert!(date.ends_with(" GMT"), "{date:?}");
    let long_ago = "Sun, 06 Nov 1994 08:49:37 GMT";
    for (name, value, status) in [
        ("if-match", tag, 200),
        ("if-match", "\"another\"", 412),
        ("if-unmodified-since", date, 200),
        ("if-unmodified-since", long_ago, 412),
        ("if-modified-since", date, 304),
        ("if-modified-since", long_ago, 200),
        ("if-none-match", tag, 304),
    ] {
        let reply = read(&ann.client, file, &[(name, value)]);
        assert_eq!(reply.status, status, "{name}: {value}");
    }
    // The date of a first version is that of these bytes only.
    for condition in [tag, date] {
        let headers = [("range", "bytes=2-4"), ("if-range", condition)];
        let reply = read(&ann.client, file, &headers);
        assert_eq!((reply.status, reply.body), (206, b"234".to_vec()));
    }
    let headers = [("range", "bytes=2-4"), ("if-range", long_ago)];
    assert_eq!(read(&ann.client, file, &headers).status, 200);
}

/// What can change is not in what never changes.
#[test]
#[ignore = "needs a running server: npm test starts one"]
fn a_renamed_file_is_saved_under_its_new_name() {
    let (ann, file) = with_file("old.txt", b"first");
    let item = ann.client.item(file).unwrap();
    let of = |path: &str| {
        let reply = ann.client.get(path).unwrap();
        let said = [
            reply.header("content-disposition"),
            reply.header("content-type"),
        ];
        said.join(" ")
    };
    let pinned = paths::content(file, Some(1));
    let named = paths::content_named(file, 1, &item.name);
    let said = of(&pinned);
    assert!(said.contains("old.txt"), "{said}");
    ann.client.change_place(&item, None, "new.pdf").unwrap();
    let said = of(&pinned);
    assert!(
        said.contains("new.pdf") && said.contains("application/pdf"),
        "{said}"
    );
    let said = of(&named);
    assert!(
        said.contains("old.txt") && said.contains("text/plain"),
        "{said}"
    );
}

/// Every name comes back as it was asked for.
#[test]
#[ignore = "needs a running server: npm test starts one"]
fn a_link_says_what_a_file_is_saved_as() {
    let (ann, file) = with_file("file", b"x");
    for text in ["with spaces & signs=+%41.txt", "עברית 🦀.md", "a\"b;c.txt"] {
        let name = driftless_tests::client::name(text);
        let reply = ann
            .client
            .get(&paths::content_named(file, 1, &name))
            .unwrap();
        let value = reply.header("content-disposition");
        let (_, encoded) = value.split_once("filename*=UTF-8''").unwrap();
        assert_eq!(percent_decode(encoded), text);
    }
}
