//! Which handler answers which address, and all methods that an address takes. The
//! same addresses, for callers, are in `protocol::paths`.

use crate::call::Call;
use crate::error::Failure;
use crate::handlers::{
    accounts, blocks, changes, conflicts, content, devices, files, items, page, poll, server, sync,
    tokens,
};
use ::blocks::hash::BlockHash;
use protocol::problem::Problem;
use std::str::FromStr;
use worker::Response;

/// A method that some address takes. HEAD is a GET whose body is not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    Get,
    Post,
    Patch,
    Delete,
}

impl Method {
    /// Methods are told by case.
    fn of(name: &str) -> Option<Self> {
        match name {
            "GET" | "HEAD" => Some(Self::Get),
            "POST" => Some(Self::Post),
            "PATCH" => Some(Self::Patch),
            "DELETE" => Some(Self::Delete),
            _ => None,
        }
    }

    /// As `Allow` has it.
    fn names(self) -> &'static str {
        match self {
            Self::Get => "GET, HEAD",
            Self::Post => "POST",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// A part of a route's address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Segment {
    Is(&'static str),
    /// An id or a hash.
    Any,
}

/// An address, and one method that it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    pub method: Method,
    pub segments: &'static [Segment],
}

impl Route {
    fn is_at(&self, segments: &[&str]) -> bool {
        let mut pairs = self.segments.iter().zip(segments);
        self.segments.len() == segments.len()
            && pairs.all(|(segment, text)| match segment {
                Segment::Is(fixed) => fixed == text,
                Segment::Any => true,
            })
    }

    /// How many parts of its address are fixed.
    fn fixed(&self) -> usize {
        let fixed = self
            .segments
            .iter()
            .filter(|segment| **segment != Segment::Any);
        fixed.count()
    }
}

macro_rules! segment {
    ($text:literal) => {
        Segment::Is($text)
    };
    ($name:ident) => {
        Segment::Any
    };
}

macro_rules! routes {
    ($call:ident: $(($method:ident, [$($segment:tt),*]) => $answer:expr,)*) => {
        /// All there are.
        pub const ROUTES: &[Route] = &[$(Route {
            method: Method::$method,
            segments: &[$(segment!($segment)),*],
        }),*];

        async fn handle(
            $call: &mut Call,
            method: Method,
            segments: &[&str],
        ) -> Result<Response, Failure> {
            match (method, segments) {
                $((Method::$method, [$($segment),*]) => $answer,)*
                _ => Err(Problem::NoSuchRoute.into()),
            }
        }
    };
}

routes! { call:
    (Get, ["server"]) => server::server(call),

    (Post, ["accounts", "sign-up", "start"]) => accounts::sign_up_start(call).await,
    (Post, ["accounts", "sign-up", "finish"]) => accounts::sign_up_finish(call).await,
    (Post, ["accounts", "sign-in", "start"]) => accounts::sign_in_start(call).await,
    (Post, ["accounts", "sign-in", "finish"]) => accounts::sign_in_finish(call).await,
    (Post, ["accounts", "confirm"]) => accounts::confirm(call).await,
    (Post, ["accounts", "password", "start"]) => accounts::password_start(call).await,
    (Post, ["accounts", "password", "finish"]) => accounts::password_finish(call).await,
    (Post, ["accounts", "sign-out"]) => devices::sign_out(call).await,
    (Get, ["accounts", "me"]) => accounts::me(call).await,

    (Get, ["devices"]) => devices::list(call).await,
    (Post, ["devices", "tokens"]) => tokens::create(call).await,
    (Delete, ["devices", id]) => {
        devices::revoke(call, id_or(id, Problem::NoSuchDevice)?).await
    },

    (Post, ["folders"]) => items::create_folder(call).await,
    (Post, ["items", "batch"]) => items::change_batch(call).await,
    (Get, ["items", id]) => items::get(call, item(id)?).await,
    (Patch, ["items", id]) => items::change_place(call, item(id)?).await,
    (Delete, ["items", id]) => items::delete(call, item(id)?).await,
    (Post, ["items", id, "trash"]) => items::trash(call, item(id)?).await,
    (Post, ["items", id, "restore"]) => items::restore(call, item(id)?).await,

    (Post, ["trash", "empty"]) => items::empty_trash(call).await,

    (Post, ["files"]) => files::create(call).await,
    (Post, ["files", "batch"]) => files::create_batch(call).await,
    (Post, ["files", id, "sync"]) => sync::propose(call, item(id)?).await,
    (Post, ["files", id, "commit"]) => files::commit(call, item(id)?).await,
    (Get, ["files", id, "manifest"]) => files::manifest(call, item(id)?).await,
    (Get, ["files", id, "content"]) => content::of_file(call, item(id)?).await,
    (Post, ["files", id, "conflicts"]) => conflicts::create(call, item(id)?).await,

    (Post, ["blocks"]) => blocks::store(call).await,
    (Post, ["blocks", "fetch"]) => blocks::fetch(call).await,
    (Post, ["blocks", "signatures"]) => blocks::signatures(call).await,
    (Get, ["blocks", hash]) => {
        let hash: BlockHash = id_or(hash, Problem::NoSuchBlock)?;
        content::of_block(call, hash).await
    },

    (Get, ["conflicts"]) => conflicts::list(call).await,
    (Get, ["conflicts", id]) => {
        conflicts::get(call, id_or(id, Problem::NoSuchConflict)?).await
    },
    (Get, ["conflicts", id, "content"]) => {
        content::of_conflict(call, id_or(id, Problem::NoSuchConflict)?).await
    },
    (Get, ["conflicts", id, "manifest"]) => {
        conflicts::manifest(call, id_or(id, Problem::NoSuchConflict)?).await
    },
    (Post, ["conflicts", id, "reopen"]) => {
        conflicts::reopen(call, id_or(id, Problem::NoSuchConflict)?).await
    },
    (Post, ["conflicts", id, "resolve"]) => {
        conflicts::resolve(call, id_or(id, Problem::NoSuchConflict)?).await
    },

    (Get, ["changes", "list"]) => changes::list(call).await,
    (Get, ["notifications", "poll"]) => poll::poll(call).await,
}

/// Answers a request.
///
/// # Errors
/// 404 for an unknown address, 405 for a method that it does not take, and
/// whatever the handler refuses.
pub async fn answer(call: &mut Call) -> Result<Response, Failure> {
    let path = call.url().path().to_owned();
    if !path.starts_with("/api/") {
        return page::page(call).await;
    }
    let (route, segments) = route_of(&call.method(), &path)?;
    handle(call, route.method, &segments).await
}

/// The route of a request, and the parts of its address.
///
/// # Errors
/// 404 for an unknown address, 405 for a method that it does not take.
pub fn route_of<'a>(
    method: &str,
    path: &'a str,
) -> Result<(&'static Route, Vec<&'a str>), Failure> {
    let path = path.strip_prefix("/api/v1/").ok_or(Problem::NoSuchRoute)?;
    let segments: Vec<&str> = path.split('/').collect();
    match find(method, &segments) {
        Found::Route(route) => Ok((route, segments)),
        Found::OtherMethods(allow) => Err(Failure::Method {
            method: method.to_owned(),
            allow,
        }),
        Found::Nothing => Err(Problem::NoSuchRoute.into()),
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Found {
    Route(&'static Route),
    /// The value of `Allow`.
    OtherMethods(String),
    Nothing,
}

/// What there is for a method at an address. Where a word stands in place of an id,
/// the address is the word's: no id and no hash is written so.
fn find(method: &str, segments: &[&str]) -> Found {
    let here = || ROUTES.iter().filter(|route| route.is_at(segments));
    let Some(most) = here().map(Route::fixed).max() else {
        return Found::Nothing;
    };
    let taken = || here().filter(|route| route.fixed() == most);
    match taken().find(|route| Method::of(method) == Some(route.method)) {
        Some(route) => Found::Route(route),
        None => {
            let names: Vec<&str> = taken().map(|route| route.method.names()).collect();
            Found::OtherMethods(names.join(", "))
        }
    }
}

fn item<T: FromStr>(text: &str) -> Result<T, Failure> {
    id_or(text, Problem::NoSuchItem)
}

/// A string that is no id names nothing.
fn id_or<T: FromStr>(text: &str, problem: Problem) -> Result<T, Failure> {
    text.parse().map_err(|_| problem.into())
}

#[cfg(test)]
mod tests;
