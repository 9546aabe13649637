//! Which handler answers which address. The same addresses, for callers, are in
//! `shared::protocol::paths`.

use crate::call::Call;
use crate::error::Failure;
use crate::handlers::{
    accounts, blocks, changes, conflicts, content, devices, files, items, poll, server, sync,
    tokens,
};
use shared::hash::BlockHash;
use shared::protocol::problem::Problem;
use std::str::FromStr;
use worker::{Method, Response};

/// Answers a request.
///
/// # Errors
/// 404 for an unknown address, 405 for a method that it does not take, and
/// whatever the handler refuses.
pub async fn answer(call: &mut Call) -> Result<Response, Failure> {
    let path = call.url().path().to_owned();
    let Some(path) = path.strip_prefix("/api/v1/") else {
        return Err(Problem::NoSuchRoute.into());
    };
    let segments: Vec<&str> = path.split('/').collect();
    let method = match call.method() {
        Method::Head => Method::Get,
        other => other,
    };
    match (&method, segments.as_slice()) {
        (Method::Get, ["server"]) => server::server(call),

        (Method::Post, ["accounts", "sign-up", "start"]) => accounts::sign_up_start(call).await,
        (Method::Post, ["accounts", "sign-up", "finish"]) => accounts::sign_up_finish(call).await,
        (Method::Post, ["accounts", "sign-in", "start"]) => accounts::sign_in_start(call).await,
        (Method::Post, ["accounts", "sign-in", "finish"]) => accounts::sign_in_finish(call).await,
        (Method::Post, ["accounts", "confirm"]) => accounts::confirm(call).await,
        (Method::Post, ["accounts", "password", "start"]) => accounts::password_start(call).await,
        (Method::Post, ["accounts", "password", "finish"]) => accounts::password_finish(call).await,
        (Method::Post, ["accounts", "sign-out"]) => devices::sign_out(call).await,
        (Method::Get, ["accounts", "me"]) => accounts::me(call).await,

        (Method::Get, ["devices"]) => devices::list(call).await,
        (Method::Post, ["devices", "tokens"]) => tokens::create(call).await,
        (Method::Delete, ["devices", id]) => {
            devices::revoke(call, id_or(id, Problem::NoSuchDevice)?).await
        }

        (Method::Post, ["folders"]) => items::create_folder(call).await,
        (Method::Get, ["items", id]) => items::get(call, item(id)?).await,
        (Method::Patch, ["items", id]) => items::change_place(call, item(id)?).await,
        (Method::Post, ["items", id, "trash"]) => items::trash(call, item(id)?).await,
        (Method::Post, ["items", id, "restore"]) => items::restore(call, item(id)?).await,

        (Method::Post, ["files"]) => files::create(call).await,
        (Method::Post, ["files", "batch"]) => files::create_batch(call).await,
        (Method::Post, ["files", id, "sync"]) => sync::propose(call, item(id)?).await,
        (Method::Post, ["files", id, "commit"]) => files::commit(call, item(id)?).await,
        (Method::Get, ["files", id, "manifest"]) => files::manifest(call, item(id)?).await,
        (Method::Get, ["files", id, "content"]) => content::of_file(call, item(id)?).await,
        (Method::Post, ["files", id, "conflicts"]) => conflicts::create(call, item(id)?).await,

        (Method::Post, ["blocks"]) => blocks::store(call).await,
        (Method::Post, ["blocks", "fetch"]) => blocks::fetch(call).await,
        (Method::Post, ["blocks", "signatures"]) => blocks::signatures(call).await,
        // No hash is written so.
        (_, ["blocks", "fetch" | "signatures"]) => other_method(call, &segments),
        (Method::Get, ["blocks", hash]) => {
            let hash: BlockHash = id_or(hash, Problem::NoSuchBlock)?;
            content::of_block(call, hash).await
        }

        (Method::Get, ["conflicts"]) => conflicts::list(call).await,
        (Method::Get, ["conflicts", id]) => {
            conflicts::get(call, id_or(id, Problem::NoSuchConflict)?).await
        }
        (Method::Get, ["conflicts", id, "content"]) => {
            content::of_conflict(call, id_or(id, Problem::NoSuchConflict)?).await
        }
        (Method::Get, ["conflicts", id, "manifest"]) => {
            conflicts::manifest(call, id_or(id, Problem::NoSuchConflict)?).await
        }
        (Method::Post, ["conflicts", id, "reopen"]) => {
            conflicts::reopen(call, id_or(id, Problem::NoSuchConflict)?).await
        }
        (Method::Post, ["conflicts", id, "resolve"]) => {
            conflicts::resolve(call, id_or(id, Problem::NoSuchConflict)?).await
        }

        (Method::Get, ["changes", "list"]) => changes::list(call).await,
        (Method::Get, ["notifications", "poll"]) => poll::poll(call).await,

        (_, segments) => other_method(call, segments),
    }
}

fn item<T: FromStr>(text: &str) -> Result<T, Failure> {
    id_or(text, Problem::NoSuchItem)
}

/// A string that is no id names nothing.
fn id_or<T: FromStr>(text: &str, problem: Problem) -> Result<T, Failure> {
    text.parse().map_err(|_| problem.into())
}

fn other_method(call: &Call, segments: &[&str]) -> Result<Response, Failure> {
    match allowed(segments) {
        Some(allow) => Err(Failure::Method {
            method: call.method().to_string(),
            allow,
        }),
        None => Err(Problem::NoSuchRoute.into()),
    }
}

/// What an address takes; `None` if there is no such address.
fn allowed(segments: &[&str]) -> Option<&'static str> {
    match segments {
        ["blocks", "fetch" | "signatures"] => Some("POST"),
        ["server"]
        | ["accounts", "me"]
        | ["devices"]
        | ["files", _, "manifest" | "content"]
        | ["blocks", _]
        | ["conflicts"]
        | ["conflicts", _]
        | ["conflicts", _, "content" | "manifest"]
        | ["changes", "list"]
        | ["notifications", "poll"] => Some("GET, HEAD"),
        [
            "accounts",
            "sign-up" | "sign-in" | "password",
            "start" | "finish",
        ]
        | ["accounts", "confirm" | "sign-out"]
        | ["devices", "tokens"]
        | ["folders"]
        | ["items", _, "trash" | "restore"]
        | ["files"]
        | ["files", "batch"]
        | ["files", _, "sync" | "commit" | "conflicts"]
        | ["blocks"]
        | ["conflicts", _, "resolve" | "reopen"] => Some("POST"),
        ["devices", _] => Some("DELETE"),
        ["items", _] => Some("GET, HEAD, PATCH"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::ids::{ConflictId, ItemId};
    use shared::protocol::paths;

    #[test]
    fn every_path_that_callers_know_exists() {
        let id = ItemId::from_random([7; 16]);
        let conflict = ConflictId::from_random([8; 16]);
        let known = [
            paths::SERVER.to_owned(),
            paths::SIGN_UP_START.to_owned(),
            paths::CONFIRM.to_owned(),
            paths::PASSWORD_FINISH.to_owned(),
            paths::SIGN_OUT.to_owned(),
            paths::ACCESS_TOKENS.to_owned(),
            paths::FILES_BATCH.to_owned(),
            paths::POLL.to_owned(),
            paths::FETCH_BLOCKS.to_owned(),
            paths::FETCH_SIGNATURES.to_owned(),
            paths::CHANGES.to_owned(),
            paths::item(id),
            paths::trash(id),
            paths::sync(id),
            paths::commit(id),
            paths::content(id, None),
            paths::file_conflicts(id),
            paths::conflict_manifest(conflict),
            paths::reopen(conflict),
        ];
        for path in known {
            let segments: Vec<&str> = path.split('/').skip(3).collect();
            assert!(allowed(&segments).is_some(), "{path}");
        }
        assert_eq!(allowed(&["items"]), None);
        assert_eq!(allowed(&["files", "x", "content", ""]), None);
    }
}
