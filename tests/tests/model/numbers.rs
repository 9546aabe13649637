//! Every number of every request, as large, as small and as odd as JSON can write
//! it: it is refused, or what it led to can be read back in every list.

use crate::stage::{Stage, THEN};
use blocks::number::{FileTime, MAX_EXACT};
use driftless_tests::client::{change_trashed, commit_of, item_id, manifest, name, new_file};
use driftless_tests::drive::{change_place, new_conflict, new_folder, proposal, reopen, resolve};
use protocol::changes::Change;
use protocol::conflicts::{Choice, NewConflict, Reopen, Resolve};
use protocol::content::{Base, Content, Spliced};
use protocol::cursor::Cursor;
use protocol::files::{Commit, NewFile, Proposal};
use protocol::ids::{ConflictId, ItemId};
use protocol::items::{ChangePlace, ChangeTrashed, NewFolder};
use protocol::problem::Problem;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value as Json, json};

/// The ends of the ranges that anybody has thought of, and a step beyond.
fn extremes() -> Vec<Json> {
    let time = FileTime::MAX_MILLIS;
    let beyond = [json!(u64::MAX), json!(1e300), json!(0.5), json!(null)];
    let ends = [i64::MIN, -time - 1, -time, -1, 0, 1 << 32, time, time + 1];
    let exact = [(1 << 53) - 1, 1 << 53, i64::MAX];
    let ends = ends.into_iter().chain(exact).map(Json::from);
    beyond.into_iter().chain(ends).collect()
}

/// The numbers in some JSON, each as the way to it.
fn numbers(json: &Json, here: &str) -> Vec<String> {
    match json {
        Json::Number(_) => vec![here.to_owned()],
        Json::Array(values) => {
            let values = values.iter().enumerate();
            values
                .flat_map(|(n, value)| numbers(value, &format!("{here}/{n}")))
                .collect()
        }
        Json::Object(fields) => {
            let fields = fields.iter();
            fields
                .flat_map(|(key, value)| numbers(value, &format!("{here}/{key}")))
                .collect()
        }
        _ => Vec::new(),
    }
}

/// A space with something of everything.
struct Furnished {
    stage: Stage,
    /// At version 2.
    file: ItemId,
    trashed: ItemId,
    conflict: ConflictId,
    resolved: ConflictId,
}

fn furnished(mut stage: Stage) -> Furnished {
    stage.reset();
    let (server, ann) = (&stage.server, &stage.ann);
    let file = stage.file("file", b"one");
    let trashed = stage.file("trashed", b"three");
    stage.store(&[b"two", b"mine"]);
    server
        .commit(ann, THEN, file, commit_of(1, b"two"))
        .unwrap();
    let item = server.item(ann, trashed).unwrap();
    server
        .trash(ann, THEN, trashed, change_trashed(&item))
        .unwrap();
    let keep = || server.keep_conflict(ann, THEN, file, new_conflict(b"mine"));
    let (conflict, resolved) = (keep().unwrap().id, keep().unwrap().id);
    server
        .resolve(ann, THEN, resolved, resolve(2, Choice::KeepTheirs))
        .unwrap();
    Furnished {
        stage,
        file,
        trashed,
        conflict,
        resolved,
    }
}

impl Furnished {
    /// All that a device reads can be read.
    fn is_readable(&self, after: &str) {
        let (server, ann) = (&self.stage.server, &self.stage.ann);
        let page = server.changes(ann, None, None).unwrap_or_else(|problem| {
            panic!(
                "{after}: the feed says {problem}: {:?}",
                server.last_fault()
            )
        });
        for change in &page.changes {
            match change {
                Change::Item { item } => {
                    assert!(!item.is_damaged(), "{after}: {item:?}");
                    assert_eq!(server.item(ann, item.id).as_ref(), Ok(item), "{after}");
                    if let Some(head) = &item.file {
                        server
                            .content(ann, item.id, Some(head.version))
                            .expect(after);
                        server
                            .manifest(ann, item.id, Some(head.version))
                            .expect(after);
                    }
                }
                Change::Conflict { conflict } => {
                    assert!(!conflict.damaged, "{after}: {conflict:?}");
                    server.conflict_content(ann, conflict.id).expect(after);
                }
                Change::Deleted { .. } | Change::Shared | Change::Unknown => panic!("{after}"),
            }
        }
        server.conflicts(ann).expect(after);
        server.resolved_conflicts(ann, None, None).expect(after);
        server.newest(ann).expect(after);
        server.space(ann).expect(after);
    }
}

/// Sends a request with each of its numbers at each extreme.
fn each<T: Serialize + DeserializeOwned, A>(
    what: &str,
    request: impl Fn(&Furnished) -> T,
    send: impl Fn(&Furnished, T) -> Result<A, Problem>,
) -> usize {
    let mut sent = 0;
    let mut now = furnished(Stage::new());
    let whole = serde_json::to_value(request(&now)).unwrap();
    for way in numbers(&whole, "") {
        for extreme in extremes() {
            let case = format!("{what} with {way} {extreme}");
            let with = |mut body: Json| {
                *body.pointer_mut(&way).expect("a number") = extreme.clone();
                serde_json::from_value::<T>(body)
            };
            // It is told as bad JSON.
            if with(whole.clone()).is_err() {
                continue;
            }
            now = furnished(now.stage);
            let body = with(serde_json::to_value(request(&now)).unwrap()).expect("as before");
            sent += 1;
            if let Err(problem) = send(&now, body) {
                let is_fault = matches!(problem, Problem::Internal | Problem::Unavailable);
                assert!(!is_fault, "{case}: {:?}", now.stage.server.last_fault());
            }
            now.is_readable(&case);
        }
    }
    assert!(sent > 0, "nothing of {what} was sent");
    sent
}

#[test]
fn no_number_makes_a_space_unreadable() {
    let base = |f: &Furnished| Base {
        item: f.file,
        version: 1,
    };
    let spliced = |f: &Furnished, bytes: &[u8]| {
        let list = manifest(b"one").blocks;
        Content::Spliced(Spliced::of(&manifest(bytes), base(f), &list))
    };
    let commit = |f: &Furnished, body: Commit<Content>| {
        f.stage.server.commit(&f.stage.ann, THEN, f.file, body)
    };
    each("a commit", |_| Commit::from(commit_of(2, b"one")), commit);
    each(
        "a commit of splices",
        |f| commit_of(2, b"").with_content(spliced(f, b"two")),
        commit,
    );
    let create = |f: &Furnished, body: NewFile<Content>| {
        f.stage.server.create_file(&f.stage.ann, THEN, body)
    };
    let new = |content| new_file(None, "new", content);
    each(
        "a new file",
        |_| NewFile::from(new(Some(manifest(b"two")))),
        create,
    );
    each(
        "a copy",
        |f| new(None).with_content(Some(spliced(f, b"two"))),
        create,
    );
    each(
        "many new files",
        |f| {
            let whole = NewFile::from(new(Some(manifest(b"two"))));
            let copy = new_file(None, "copy", None).with_content(Some(spliced(f, b"two")));
            vec![whole, copy]
        },
        |f, body| f.stage.server.create_files(&f.stage.ann, THEN, body),
    );
    each(
        "a conflict",
        |_| NewConflict::<Content>::from(new_conflict(b"one")),
        |f, body| {
            f.stage
                .server
                .keep_conflict(&f.stage.ann, THEN, f.file, body)
        },
    );
    for choice in [
        Choice::KeepMine,
        Choice::KeepTheirs,
        Choice::KeepBoth {
            copy_id: item_id(),
            copy_name: name("copy"),
        },
        Choice::Merged {
            content: manifest(b"one").into(),
        },
    ] {
        each::<Resolve, _>(
            "a choice",
            |_| resolve(2, choice.clone()),
            |f, body| f.stage.server.resolve(&f.stage.ann, THEN, f.conflict, body),
        );
    }
    each::<Reopen, _>(
        "a choice taken back",
        |_| reopen(2),
        |f, body| f.stage.server.reopen(&f.stage.ann, THEN, f.resolved, body),
    );
    each::<ChangePlace, _>(
        "a rename",
        |f| {
            let item = f.stage.server.item(&f.stage.ann, f.file).unwrap();
            change_place(&item, None, "renamed")
        },
        |f, body| {
            f.stage
                .server
                .change_place(&f.stage.ann, THEN, f.file, body)
        },
    );
    let trashed =
        |f: &Furnished, id| change_trashed(&f.stage.server.item(&f.stage.ann, id).unwrap());
    each::<ChangeTrashed, _>(
        "a way into the trash",
        |f| trashed(f, f.file),
        |f, body| f.stage.server.trash(&f.stage.ann, THEN, f.file, body),
    );
    each::<ChangeTrashed, _>(
        "a way back",
        |f| trashed(f, f.trashed),
        |f, body| f.stage.server.restore(&f.stage.ann, THEN, f.trashed, body),
    );
    each::<Proposal, _>(
        "a proposal",
        |_| proposal(2, vec![]),
        |f, body| f.stage.server.propose(&f.stage.ann, f.file, body),
    );
}

/// What is asked for by an address is only read, and no number of it is a fault.
#[test]
fn no_number_of_an_address_is_a_fault() {
    let furnished = furnished(Stage::new());
    let (server, ann) = (&furnished.stage.server, &furnished.stage.ann);
    let is_fault = |problem: &Problem| matches!(problem, Problem::Internal | Problem::Unavailable);
    let counts = extremes().into_iter().filter_map(|number| number.as_u64());
    for number in counts {
        let base = Base {
            item: furnished.file,
            version: number,
        };
        let cursor = Cursor {
            space: ann.space,
            seq: number,
            listed_to: None,
        };
        let token = cursor.to_string();
        let after = format!("{number}.{}", furnished.resolved);
        let problems = [
            server.content(ann, furnished.file, Some(number)).err(),
            server.manifest(ann, furnished.file, Some(number)).err(),
            server.manifest_since(ann, furnished.file, 2, base).err(),
            server.changes(ann, None, Some(number)).err(),
            server.changes(ann, Some(&token), None).err(),
            server.resolved_conflicts(ann, None, Some(number)).err(),
            server.resolved_conflicts(ann, Some(&after), None).err(),
        ];
        let faults: Vec<_> = problems.iter().flatten().filter(|p| is_fault(p)).collect();
        assert!(
            faults.is_empty(),
            "{number}: {faults:?} {:?}",
            server.last_fault()
        );
        let is_cursor = server.changes(ann, Some(&token), None).is_ok();
        assert_eq!(is_cursor, number <= MAX_EXACT, "{number}");
    }
}

#[test]
fn a_photo_from_before_1970_keeps_its_date() {
    let stage = Stage::new();
    stage.store(&[b"photo"]);
    let mut content = manifest(b"photo");
    content.modified_at_ms = FileTime::nearest(-2_208_988_800_000);
    let file = new_file(None, "1900.jpg", Some(content.clone()));
    stage
        .server
        .create_file(&stage.ann, THEN, file.clone())
        .unwrap();
    let item = stage.server.item(&stage.ann, file.id).unwrap();
    assert_eq!(item.file.unwrap().modified_at_ms, content.modified_at_ms);
}

/// The request of the report, to the letter: it is refused in words.
#[test]
fn a_time_that_no_date_can_tell_is_refused() {
    let file = new_file(None, "file", Some(manifest(b"")));
    for number in [
        "9007199254740992",
        "8640000000000001",
        "-8640000000000001",
        "1e300",
    ] {
        let mut body = serde_json::to_value(&file).unwrap();
        body["content"]["modified_at_ms"] = serde_json::from_str(number).unwrap();
        let refused = serde_json::from_value::<NewFile<Content>>(body);
        let why = refused.expect_err(number).to_string();
        assert!(why.contains("milliseconds") || number == "1e300", "{why}");
    }
}

#[test]
fn a_quota_without_bound_is_the_largest() {
    let stage = Stage::new();
    let space = stage.server.new_space(u64::MAX);
    let bob = driftless_tests::model::legs::Device {
        space,
        ..stage.ann.clone()
    };
    assert_eq!(stage.server.space(&bob).unwrap().quota_bytes, MAX_EXACT);
    let folder: NewFolder = new_folder(None, "folder");
    stage.server.create_folder(&bob, THEN, folder).unwrap();
}
