//! The ids of requests do not change while an edit waits to be sent: not with a crash,
//! and not with another release of the page. What is stored here was written by earlier
//! releases, and the ids are those that they made of it.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::device::{Device, draft as content, file, folder, id, nonce, place as placed};
use protocol::ids::{ConflictId, ItemId};
use serde_json::{Value as Json, json};
use sync::edit::{Edit, Resolution};
use sync::ids::Nonce;
use sync::message::{Observation, Request, StoredState};
use sync::place::Place;
use sync::plan::{Step, next, resolve};
use sync::task::{Second, Task};
use sync::trees::Trees;

/// What is asked of the server, and the id of the operation: of a record that says
/// nothing about its ids, and of one that says how they are made.
type Case = (&'static str, fn(&Stored) -> Step, [&'static str; 2]);

const NONCE: [u8; 16] = [7; 16];

/// What a stored record says about its ids.
struct Stored(Option<u8>);

impl Stored {
    /// A part of an edit.
    fn part(&self, base: u64, wanted: Json) -> Json {
        self.saying(json!({"nonce": NONCE, "base": base, "wanted": wanted}))
    }

    fn saying(&self, mut record: Json) -> Json {
        if let Some(form) = self.0 {
            record["id_form"] = json!(form);
        }
        record
    }

    fn step(&self, parts: Json) -> Step {
        self.step_of(parts, &Task::default())
    }

    fn step_of(&self, parts: Json, task: &Task) -> Step {
        let edit = edit(parts);
        let mut trees = Trees::default();
        if !edit.is_new {
            trees.put_remote(file(1, None, "a", 3));
        }
        trees.set_edit(edit);
        next(&trees, trees.entry(id(1)).expect("an entry"), task)
    }

    fn resolved(&self, choice: Json) -> Step {
        let resolution = self.saying(json!({
            "conflict": id(3), "nonce": NONCE, "order": 1, "seen_version": 4,
            "choice": choice,
        }));
        let resolution: Resolution = serde_json::from_value(resolution).expect("a resolution");
        resolve(&Trees::default(), &resolution, &Task::default())
    }
}

fn edit(parts: Json) -> Edit {
    let mut edit = json!({
        "item": id(1), "order": 1, "is_new": false,
        "place": null, "trashed": null, "content": null, "trouble": null,
    });
    let fields = edit.as_object_mut().expect("an object");
    fields.extend(parts.as_object().expect("an object").clone());
    serde_json::from_value(edit).expect("an edit")
}

fn place(parent: Option<ItemId>, name: &str) -> Json {
    json!({"parent": parent, "name": name})
}

fn place_of(name: &str) -> Place {
    placed(None, name)
}

/// Names that are written differently by programs that escape.
const NAME: &str = "Zoë’s “plan” 𝄞 e\u{301}\u{200d}.txt";

fn draft(more: Json) -> Json {
    let mut draft = json!({
        "id": 5, "size": 3, "modified_at_ms": -7, "file_name": "picked.txt",
        "bytes": "kept", "manifest": null,
    });
    let fields = draft.as_object_mut().expect("an object");
    fields.extend(more.as_object().expect("an object").clone());
    draft
}

fn hashed() -> Json {
    let hash = "d33fb48ab5adff269ae172b29a6913ff04f6f266207a7a8e976f2ecd571d4492";
    draft(json!({"manifest": {
        "size": 3, "size_class": 18, "modified_at_ms": 7, "blocks": [[hash, 3]],
    }}))
}

fn copied() -> Json {
    let base = json!({"item": id(2), "version": 6});
    draft(json!({"copy_of": {"base": base, "size_class": 19}}))
}

const CASES: &[Case] = &[
    (
        "a folder at the top",
        |stored| stored.step(json!({"is_new": true, "place": stored.part(0, place(None, NAME))})),
        [
            "c5b20ea8-3d9a-469b-8294-df06ab47c134",
            "20aa6c2a-abc6-49f0-8875-3d8ca50e0d76",
        ],
    ),
    (
        "a folder in another one",
        |stored| {
            stored.step(json!({"is_new": true, "place": stored.part(0, place(Some(id(2)), "b"))}))
        },
        [
            "1f2a1cc8-2c40-40ba-ba94-21988e739237",
            "76eb3840-18ce-4930-a555-2599f8fa8501",
        ],
    ),
    (
        "a file",
        |stored| {
            stored.step(json!({
                "is_new": true, "place": stored.part(0, place(Some(id(2)), NAME)),
                "content": stored.part(0, hashed()),
            }))
        },
        [
            "ccefb074-d8d9-4e40-b6a6-4914bfff7200",
            "bfb8c166-c9c3-475a-bd5d-55589023c4b2",
        ],
    ),
    (
        "a copy",
        |stored| {
            stored.step(json!({
                "is_new": true, "place": stored.part(0, place(None, "b")),
                "content": stored.part(0, copied()),
            }))
        },
        [
            "c1d8bf73-b65a-4510-9d59-1d37d0b7b094",
            "1eaca65d-887d-43aa-a2d1-0877cd9b3871",
        ],
    ),
    (
        "a commit",
        |stored| stored.step(json!({"content": stored.part(3, hashed())})),
        [
            "a9fa8c63-c287-4467-b03c-63cae9a96026",
            "75be7afc-f82e-46e2-8afd-c6fa06819989",
        ],
    ),
    (
        "a commit of a copy",
        |stored| stored.step(json!({"content": stored.part(3, copied())})),
        [
            "cdd2de0d-2068-400f-92ec-7066c8f75e87",
            "265e5fe3-e2f7-4b28-8536-a82df95e4c13",
        ],
    ),
    (
        "a version that came second",
        |stored| {
            let mut task = Task::default();
            task.known(Nonce(NONCE)).second = Some(Second {
                item: id(1),
                base: 2,
            });
            task.known(Nonce(NONCE)).missing = Some(Vec::new());
            stored.step_of(json!({"content": stored.part(2, hashed())}), &task)
        },
        [
            "a494e866-fb9f-4745-ac4b-db6c5f92215f",
            "5daea2ca-0d5b-433c-b3ca-98cd0546847b",
        ],
    ),
    (
        "a move to the top",
        |stored| stored.step(json!({"place": stored.part(1, place(None, NAME))})),
        [
            "7ce5a8ff-cf12-4298-9dea-0099f9df7b9d",
            "f8687ab8-dfde-4014-928b-0349dbe93feb",
        ],
    ),
    (
        "a move into a folder",
        |stored| stored.step(json!({"place": stored.part(1, place(Some(id(2)), "b"))})),
        [
            "c7e6b1ce-1ec2-49e8-b1e5-f26c107867f1",
            "230dd8f8-fc67-4077-813b-d0510e7b5998",
        ],
    ),
    (
        "a move to the trash",
        |stored| stored.step(json!({"trashed": stored.part(1, json!(true))})),
        [
            "d2add63e-7560-40c7-ab67-d3e128b4c7ca",
            "526a24ab-4acc-4d4c-bf78-df40c574ce87",
        ],
    ),
    (
        "a way back",
        |stored| stored.step(json!({"trashed": stored.part(1, json!(false))})),
        [
            "e5bcefdf-2394-4249-b9eb-1bcda66382bd",
            "7b4c1511-59f7-4d87-a9ee-10e32394f592",
        ],
    ),
    (
        "a way back to another place",
        |stored| {
            stored.step(json!({
                "trashed": stored.part(1, json!(false)), "place": stored.part(1, place(None, NAME)),
            }))
        },
        [
            "38275d6c-fb07-401f-a7a4-0202d87efe43",
            "5d51af56-4821-4600-92de-026ff63a164e",
        ],
    ),
    (
        "keep mine",
        |stored| stored.resolved(json!({"choice": "keep_mine"})),
        [
            "c219bfb4-d503-4132-b320-2b288ea99578",
            "12eb1809-b553-4efd-8809-f67af500b456",
        ],
    ),
    (
        "keep theirs",
        |stored| stored.resolved(json!({"choice": "keep_theirs"})),
        [
            "52d28b98-b1dc-447d-898b-3661566cdac5",
            "463caeb7-d901-439c-b1e8-24cfc1b76526",
        ],
    ),
    (
        "keep both",
        |stored| {
            stored.resolved(json!({"choice": "keep_both", "copy_id": id(4), "copy_name": NAME}))
        },
        [
            "cb896638-124a-439b-baf0-e917a5d17a2d",
            "8e2f02f5-9698-4519-8b10-810abf9550ba",
        ],
    ),
    (
        "take back",
        |stored| stored.resolved(json!({"choice": "reopen"})),
        [
            "3b98b16c-5a64-4c87-9ad9-44588a84b225",
            "5c567738-cba1-4bad-ab36-e1e64cba7c1f",
        ],
    ),
    (
        "merge",
        |stored| stored.resolved(json!({"choice": "merge", "item": id(1), "draft": hashed()})),
        [
            "86400bf5-aac3-4bb9-8d19-65892ed1d6ee",
            "c41a818e-3e0b-49ca-83a9-c5076a44bd31",
        ],
    ),
];

/// The operation's id, which is a kept conflict's as well.
fn operation(step: Step) -> String {
    let Step::Send { body, .. } = step else {
        panic!("nothing is asked: {step:?}");
    };
    let id = match body {
        Request::CreateFolder { body } => body.operation_id,
        Request::CreateFile { body, .. } => body.operation_id,
        Request::Commit { body, .. } => body.operation_id,
        Request::KeepConflict { body, .. } => {
            assert_eq!(body.operation_id.to_string(), body.id.to_string());
            body.operation_id
        }
        Request::ChangePlace { body, .. } => body.operation_id,
        Request::Trash { body, .. } | Request::Restore { body, .. } => body.operation_id,
        Request::Resolve { body, .. } => body.operation_id,
        Request::Reopen { body, .. } => body.operation_id,
        other => panic!("no change: {other:?}"),
    };
    id.to_string()
}

#[test]
fn what_waits_since_an_earlier_release_keeps_its_ids() {
    for (what, step, [id, _]) in CASES {
        assert_eq!(operation(step(&Stored(None))), *id, "{what}");
    }
    let instead = Nonce(NONCE).item_instead_of(id(1));
    assert_eq!(instead.to_string(), "657ea85c-2f45-4a88-ae20-ad6aa390836a");
}

#[test]
fn what_waits_since_this_release_will_keep_its_ids() {
    let mut wrong = Vec::new();
    for (what, step, [_, id]) in CASES {
        let found = operation(step(&Stored(Some(1))));
        if found != *id {
            wrong.push(format!("{what}: {found}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_a_person_does_now_says_how_its_ids_are_made() {
    let mut device = Device::with(vec![file(1, None, "a", 1), folder(2, None, "b")]);
    let item = id(1);
    for observation in [
        Observation::Made {
            item: id(4),
            nonce: nonce(1),
            place: place_of("new"),
            draft: Some(content(4, b"new")),
        },
        Observation::Edited {
            item,
            nonce: nonce(2),
            draft: content(5, b"one"),
            seen: None,
        },
        Observation::Placed {
            item,
            nonce: nonce(3),
            place: place_of("c"),
        },
        Observation::Trashed {
            item,
            nonce: nonce(4),
            trashed: true,
        },
        Observation::Reopened {
            conflict: ConflictId::from_random([9; 16]),
            nonce: nonce(5),
            seen_version: 1,
        },
    ] {
        device.observe(observation);
    }
    let kept = json!([device.stored.edits, device.stored.resolutions]);
    let mut said = 0;
    nonces_of(&kept, &mut |record| {
        assert_eq!(record["id_form"], 1, "{record}");
        said += 1;
    });
    assert_eq!(said, 6, "{kept}");
}

/// Hands out every record that has a nonce.
fn nonces_of(json: &Json, found: &mut impl FnMut(&Json)) {
    if json["nonce"].is_array() {
        found(json);
    }
    match json {
        Json::Object(fields) => fields.values().for_each(|value| nonces_of(value, found)),
        Json::Array(entries) => entries.iter().for_each(|value| nonces_of(value, found)),
        _ => {}
    }
}

#[test]
fn a_new_file_that_is_renamed_before_it_is_sent_keeps_how_its_ids_are_made() {
    for (stored, said) in [(Stored(None), Json::Null), (Stored(Some(1)), json!(1))] {
        let made = edit(json!({
            "is_new": true, "place": stored.part(0, place(None, "b")),
            "content": stored.part(0, hashed()),
        }));
        let mut device = Device::from(StoredState {
            edits: vec![made],
            cursor: Some("c0".to_owned()),
            complete: true,
            ..StoredState::default()
        });
        device.observe(Observation::Placed {
            item: id(1),
            nonce: nonce(9),
            place: place_of("c"),
        });
        let kept = json!(device.stored.edits);
        assert_eq!(kept[0]["place"]["wanted"]["name"], "c");
        assert_eq!(kept[0]["place"]["id_form"], said);
        assert_eq!(kept[0]["place"]["nonce"], json!(NONCE));
    }
}
