//! What is tried at a route, and what has to come of it.

use super::front::{Given, Request};
use super::tries::Tries;
use super::world::World;
use protocol::problem::Problem;
use protocol::routes::Route;
use serde_json::Value as Json;

/// A status and a code.
pub type Code = (u16, &'static str);

pub const NO_ITEM: Code = (404, "no_such_item");
pub const NO_BASE: Code = (404, "no_such_base");
pub const NO_BLOCK: Code = (404, "no_such_block");
pub const MISSING: Code = (422, "blocks_missing");
pub const REUSED: Code = (409, "operation_reused");
pub const OLD_PLACE: Code = (409, "place_conflict");
pub const OLD_VERSION: Code = (409, "version_conflict");
pub const BAD_NAME: Code = (400, "bad_name");
pub const BAD_REQUEST: Code = (400, "bad_request");
pub const BAD_JSON: Code = (400, "bad_json");
pub const BAD_FRAMES: Code = (400, "bad_frames");
pub const BAD_MANIFEST: Code = (400, "bad_manifest");
pub const BAD_SIGN_IN: Code = (400, "bad_sign_in_message");
pub const NO_FOLDER: Code = (409, "not_a_folder");
pub const ID_TAKEN: Code = (409, "id_taken");
pub const NAME_TAKEN: Code = (409, "name_taken");
pub const WRONG_HASH: Code = (422, "hash_mismatch");
pub const BAD_PATCH: Code = (422, "patch_refused");
pub const CROSS_SITE: Code = (403, "cross_site");
pub const NOT_FOR_TOKENS: Code = (403, "not_for_tokens");

/// Who gets in at a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// Anybody.
    Open,
    /// Whoever is signed in. It changes nothing, or nothing but who is in.
    Reads,
    /// Whoever is signed in and may change things.
    Changes,
    /// Whoever has given the password just now.
    Confirmed,
}

/// What a route is sent.
pub enum Body {
    None,
    Json(Json),
    Frames(Vec<u8>),
}

/// What has to come of an attempt.
#[derive(Clone, Debug)]
pub enum End {
    Refused(Code),
    /// An answer in which nothing is another person's.
    OwnOnly,
    /// An answer that says this.
    Tells(String),
}

pub struct Attempt {
    pub what: String,
    pub request: Request,
    pub end: End,
    /// Whether it may be counted as a guess.
    pub is_guess: bool,
}

pub struct Line {
    pub route: Route,
    pub door: Door,
    /// How an id of somebody else, or of nobody, is refused in the address.
    pub elsewhere: Option<&'static str>,
    /// What an honest caller sends, about their own things.
    pub body: fn(&World) -> Body,
    /// What else is tried here.
    pub more: fn(&Tries<'_>) -> Vec<Attempt>,
}

pub const fn line(route: Route, door: Door, body: fn(&World) -> Body) -> Line {
    Line {
        route,
        door,
        elsewhere: None,
        body,
        more: |_| Vec::new(),
    }
}

impl Line {
    pub const fn elsewhere(mut self, code: &'static str) -> Self {
        self.elsewhere = Some(code);
        self
    }

    pub const fn more(mut self, more: fn(&Tries<'_>) -> Vec<Attempt>) -> Self {
        self.more = more;
        self
    }
}

impl End {
    pub fn is_met(&self, world: &World, told: Result<Given, Problem>) -> Result<(), String> {
        let ends = match told {
            Ok(Given::Each(ends)) => ends,
            Ok(Given::Text(text)) => return self.is_met_by(world, &text),
            Err(problem) => vec![Err(problem)],
        };
        let Self::Refused((status, code)) = self else {
            return Err(format!("{ends:?} and not {self:?}"));
        };
        for end in ends {
            let problem = end.map_err(|problem| {
                let json = serde_json::to_value(&problem).unwrap_or_default();
                let told = json["code"].as_str().unwrap_or_default().to_owned();
                (problem.status(), told)
            });
            match problem {
                Err((told, name)) if told == *status && name == *code => {}
                other => return Err(format!("{other:?} and not {status} {code}")),
            }
        }
        Ok(())
    }

    fn is_met_by(&self, world: &World, text: &str) -> Result<(), String> {
        let foreign = world
            .ann
            .marks()
            .into_iter()
            .find(|mark| text.contains(mark));
        match (self, foreign) {
            (Self::OwnOnly, None) => Ok(()),
            (Self::Tells(this), _) if text.contains(this) => Ok(()),
            _ => Err(format!("answered {text} and not {self:?}")),
        }
    }
}
