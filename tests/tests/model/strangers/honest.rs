//! What honest callers send, about their own things.

use super::attempt::Body;
use super::world::World;
use blocks::hash::BlockHash;
use driftless_tests::client::{
    commit_of, frames, item_id, manifest, new_file, operation_id, thumbnail,
};
use driftless_tests::drive::{new_conflict, new_folder, proposal, reopen, resolve};
use protocol::conflicts::Choice;
use protocol::ids::ItemId;
use protocol::limits::RECOVERY_CODES;
use serde::Serialize;
use serde_json::{Value as Json, json};

pub fn no_body(_: &World) -> Body {
    Body::None
}

pub fn of(body: &impl Serialize) -> Body {
    Body::Json(serde_json::to_value(body).expect("JSON"))
}

pub fn name_and_message(_: &World) -> Body {
    of(&json!({"user_name": "ann", "message": "AAAA"}))
}

pub fn new_device() -> Json {
    json!({"name": "Laptop", "kind": "browser"})
}

pub fn sign_up_finish(_: &World) -> Body {
    let device = new_device();
    of(&json!({"user_name": "ann", "message": "AAAA", "registration": "x.y", "device": device}))
}

pub fn sign_in_finish(_: &World) -> Body {
    of(&json!({"attempt": "0".repeat(64), "message": "AAAA", "device": new_device()}))
}

pub fn proof(_: &World) -> Body {
    of(&json!({"attempt": "0".repeat(64), "message": "AAAA"}))
}

pub fn message(_: &World) -> Body {
    of(&json!({"message": "AAAA"}))
}

pub fn password_finish(_: &World) -> Body {
    of(&json!({"message": "AAAA", "registration": "x.y"}))
}

pub fn new_codes(_: &World) -> Body {
    let hashes = (0..RECOVERY_CODES).map(|number| BlockHash::of(&[number as u8]));
    of(&json!({"base_version": 0, "hashes": hashes.collect::<Vec<_>>()}))
}

pub fn recover_finish(_: &World) -> Body {
    let device = new_device();
    of(&json!({
        "user_name": "ann", "code": "0".repeat(20), "message": "AAAA", "registration": "x.y",
        "device": device,
    }))
}

pub fn device_change(_: &World) -> Body {
    of(&json!({"name": "The kitchen's"}))
}

pub fn token(_: &World) -> Body {
    of(&json!({"name": "backup", "scope": "full", "days": 30}))
}

pub fn folder(_: &World) -> Body {
    of(&new_folder(None, "another"))
}

pub fn placed(world: &World) -> Body {
    let to = json!({
        "operation_id": operation_id(), "base_place_version": 1,
        "parent": world.bob.folder, "name": "file",
    });
    of(&to)
}

pub fn deleted(_: &World) -> Body {
    of(&json!({"operation_id": operation_id(), "base_place_version": 2}))
}

pub fn trashed(_: &World) -> Body {
    of(&json!({"operation_id": operation_id(), "base_place_version": 1}))
}

pub fn change_batch(world: &World) -> Body {
    of(&json!({"changes": [change("trash", world.bob.file, json!({}))]}))
}

pub fn change(kind: &str, item: ItemId, more: Json) -> Json {
    let mut change = json!({
        "change": kind, "item": item, "operation_id": operation_id(), "base_place_version": 1,
    });
    if let (Some(all), Json::Object(more)) = (change.as_object_mut(), more) {
        all.extend(more);
    }
    change
}

pub fn emptied(_: &World) -> Body {
    of(&json!({"operation_id": operation_id(), "trashed_up_to_ms": 1}))
}

pub fn file(_: &World) -> Body {
    of(&new_file(None, "another", Some(manifest(b"one of bob"))))
}

pub fn file_batch(_: &World) -> Body {
    of(&json!({"files": [new_file(None, "another", None)]}))
}

pub fn reverted(world: &World) -> Body {
    of(&json!({"files": [revert(world.bob.file, 1, 2)]}))
}

pub fn revert(item: ItemId, version: u64, base: u64) -> Json {
    json!({
        "operation_id": operation_id(), "item": item, "version": version, "base_version": base,
    })
}

pub fn proposed(_: &World) -> Body {
    of(&proposal(2, vec![BlockHash::of(b"new")]))
}

pub fn committed(_: &World) -> Body {
    of(&commit_of(2, b"one of bob"))
}

pub fn kept(_: &World) -> Body {
    of(&new_conflict(b"mine of bob"))
}

pub fn stored(_: &World) -> Body {
    Body::Frames(frames(&[b"a new block"]))
}

pub fn fetched(world: &World) -> Body {
    of(&json!({"want": [world.bob.block]}))
}

pub fn signed(world: &World) -> Body {
    of(&json!({"blocks": [[world.bob.block, 1_024]]}))
}

pub fn given(_: &World) -> Body {
    of(&json!({"person": "carl", "role": "viewer"}))
}

pub fn mounted(world: &World) -> Body {
    let new = json!({
        "operation_id": operation_id(), "id": item_id(), "grant": world.bob.grant,
        "parent": null, "name": "another",
    });
    of(&new)
}

pub fn regranted(_: &World) -> Body {
    of(&json!({"role": "editor"}))
}

pub fn linked(_: &World) -> Body {
    of(&json!({"label": "Bills", "may": "view"}))
}

pub fn relinked(_: &World) -> Body {
    of(&json!({"label": "Bills"}))
}

pub fn seen(_: &World) -> Body {
    of(&json!({"up_to_ms": 1}))
}

pub fn starred(world: &World) -> Body {
    of(&json!({"star": [{"item": world.bob.file}]}))
}

pub fn new_search(_: &World) -> Body {
    of(&json!({"id": item_id(), "name": "Bills", "query": "bill kind:document"}))
}

pub fn search_change(_: &World) -> Body {
    of(&json!({"base_version": 1, "name": "Letters"}))
}

pub fn pictured(_: &World) -> Body {
    Body::Frames(thumbnail(b"of bob"))
}

pub fn marked(_: &World) -> Body {
    of(&json!({"version": 1, "base_marks": 0, "name": "As it was sent", "pinned": false}))
}

pub fn keeping(_: &World) -> Body {
    of(&json!({"retention": {"versions": null, "trash_days": 90}}))
}

pub fn opened(world: &World) -> Body {
    of(&json!({"item": world.bob.file, "is_open": true}))
}

pub fn telling(_: &World) -> Body {
    of(&json!({"tells": false}))
}

pub fn reopened(_: &World) -> Body {
    of(&reopen(2))
}

pub fn resolved(_: &World) -> Body {
    of(&resolve(2, Choice::KeepTheirs))
}
