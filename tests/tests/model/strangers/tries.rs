//! What follows from a line of the list.

use super::attempt::{
    Attempt, BAD_JSON, Body, CROSS_SITE, Code, Door, End, Line, NOT_FOR_TOKENS, REUSED,
};
use super::front::Request;
use super::world::{
    BROWSER, ENDED, IDLE, OF_THE_FUTURE, READ_ONLY, REVOKED, TOKEN, UNCONFIRMED, UNKNOWN, World,
    secret,
};
use blocks::hash::BlockHash;
use protocol::headers::SESSION_COOKIE;
use protocol::links::LINK;
use protocol::routes::Route;
use serde::Serialize;
use serde_json::{Value as Json, json};

/// The attempts at a route.
pub struct Tries<'a> {
    pub world: &'a World,
    pub line: &'a Line,
}

pub const NO_ID: &str = "67e55044-10b1-426f-9247-bb680e5fe0c8";

impl Tries<'_> {
    pub fn method(&self) -> &'static str {
        self.line.route.method().name()
    }

    pub fn path_with(&self, id: &str) -> String {
        self.line.route.of(id)
    }

    /// What the address is about, of hers and of his.
    pub fn subjects(&self) -> [String; 2] {
        [&self.world.ann, &self.world.bob].map(|of| match self.line.route {
            Route::RenameDevice | Route::RevokeDevice => of.device.to_string(),
            Route::Block => of.block.to_string(),
            Route::ChangeGrant
            | Route::TakeBack
            | Route::ShowOffer
            | Route::Offer
            | Route::EndOffer
            | Route::AcceptOffer => of.grant.to_string(),
            Route::ChangeLink | Route::RemoveLink => of.link.0.to_string(),
            Route::ChangeSearch | Route::RemoveSearch => of.search.to_string(),
            Route::Reopen => of.resolved.to_string(),
            Route::Conflict | Route::ConflictContent | Route::ConflictManifest | Route::Resolve => {
                of.conflict.to_string()
            }
            Route::DeleteItem | Route::Restore => of.trashed.to_string(),
            _ => of.file.to_string(),
        })
    }

    /// What an honest caller asks for, by nobody.
    pub fn anonymous(&self) -> Request {
        let [_, own] = self.subjects();
        let is_visit = matches!(
            self.line.route,
            Route::ShownLink | Route::PassStart | Route::PassFinish
        );
        let link = is_visit.then(|| (LINK, self.world.bob.link.1.to_string()));
        Request {
            method: self.method().to_owned(),
            path: self.path_with(&own),
            query: link.into_iter().collect(),
            has_client_header: true,
            sec_fetch_site: Some("same-origin"),
            body: match (self.line.body)(self.world) {
                Body::None => Vec::new(),
                Body::Json(json) => json.to_string().into_bytes(),
                Body::Frames(frames) => frames,
            },
            ..Request::default()
        }
    }

    /// The same by one of bob's tokens.
    pub fn bearing(&self, digit: char) -> Request {
        Request {
            authorization: Some(format!("Bearer {}", secret(digit))),
            ..self.anonymous()
        }
    }

    pub fn with_cookie(&self, digit: char) -> Request {
        Request {
            cookie: Some(format!("{SESSION_COOKIE}={}", secret(digit))),
            ..self.anonymous()
        }
    }

    /// The same by bob, who may do whatever he does with his own.
    pub fn honest(&self) -> Request {
        self.with_cookie(BROWSER)
    }

    pub fn refused(&self, what: impl Into<String>, request: Request, end: Code) -> Attempt {
        Attempt {
            what: what.into(),
            request,
            end: End::Refused(end),
            is_guess: false,
        }
    }

    pub fn sends(&self, what: &str, body: &impl Serialize, end: Code) -> Attempt {
        let body = serde_json::to_vec(body).expect("JSON");
        let request = Request {
            body,
            ..self.honest()
        };
        self.refused(what, request, end)
    }

    /// With some of the honest body's fields.
    pub fn alters(&self, what: &str, fields: Json, end: Code) -> Attempt {
        self.sends(what, &self.altered(fields), end)
    }

    pub fn reuses_an_operation(&self) -> Attempt {
        let operation = json!({"operation_id": self.world.bob.operation});
        self.alters("another change under an old operation", operation, REUSED)
    }

    pub fn altered(&self, fields: Json) -> Json {
        let Body::Json(mut json) = (self.line.body)(self.world) else {
            panic!("{:?} takes no JSON", self.line.route);
        };
        let (Some(all), Json::Object(fields)) = (json.as_object_mut(), fields) else {
            panic!("no objects");
        };
        all.extend(fields);
        json
    }

    pub fn asks(&self, what: &str, query: &[(&'static str, &str)], end: End) -> Attempt {
        let query = query.iter().map(|(name, text)| (*name, (*text).to_owned()));
        Attempt {
            what: what.to_owned(),
            request: Request {
                query: query.collect(),
                ..self.honest()
            },
            end,
            is_guess: false,
        }
    }

    /// What follows from the line.
    pub fn by_rule(&self) -> Vec<Attempt> {
        let mut all = self.at_other_addresses();
        if self.line.door != Door::Open {
            all.extend(self.without_a_token());
            let future = self.bearing(OF_THE_FUTURE);
            all.push(self.refused("a scope of the future", future, (403, "read_only")));
        }
        if self.method() != "GET" && self.line.door != Door::Open {
            all.extend(self.of_other_sites());
        }
        if matches!(self.line.door, Door::Changes | Door::Confirmed) {
            let reader = self.bearing(READ_ONLY);
            all.push(self.refused("a token that only reads", reader, (403, "read_only")));
        }
        if self.line.door == Door::Confirmed {
            let (token, session) = (self.bearing(TOKEN), self.with_cookie(UNCONFIRMED));
            // Not their own device, which anybody may end.
            all.push(self.refused("a token", token, NOT_FOR_TOKENS));
            all.push(self.refused("a stolen session", session, (403, "confirm_password")));
        }
        if let Some(code) = self.line.elsewhere {
            all.extend(self.with_ids_of_others(code));
        }
        if let Body::Json(json) = (self.line.body)(self.world) {
            all.extend(self.with_other_bodies(&json));
        }
        all
    }

    pub fn without_a_token(&self) -> Vec<Attempt> {
        let none = (401, "not_signed_in");
        let over = (401, "session_ended");
        let shows = |authorization: &str, cookie: Option<String>| Request {
            authorization: Some(authorization.to_owned()),
            cookie,
            ..self.anonymous()
        };
        let good = secret(BROWSER);
        let other_cookie = Request {
            cookie: Some(format!("x{SESSION_COOKIE}={good}; driftless={good}")),
            ..self.anonymous()
        };
        let beside = shows(
            "Basic YW5uOmFubg==",
            Some(format!("{SESSION_COOKIE}={good}")),
        );
        let says = |user: &str| Request {
            user: Some(user.to_owned()),
            ..self.honest()
        };
        let mut all = vec![
            self.refused("nobody", self.anonymous(), none),
            self.refused(
                "a page of somebody who was signed in here before",
                says("77777777-7777-4777-8777-777777777777"),
                (403, "another_user"),
            ),
            self.refused("a page of nobody", says("bob"), (400, "bad_request")),
            self.refused(
                "half a token",
                shows(&format!("Bearer {}", &good[..66]), None),
                none,
            ),
            self.refused(
                "a token in capitals",
                shows(&format!("Bearer {}", good.to_uppercase()), None),
                none,
            ),
            self.refused(
                "two tokens",
                shows(&format!("Bearer {good}, Bearer {good}"), None),
                none,
            ),
            self.refused("another scheme before a good cookie", beside, none),
            self.refused("a cookie of another name", other_cookie, none),
        ];
        for (what, digit) in [
            ("a made up token", UNKNOWN),
            ("a revoked token", REVOKED),
            ("a token at its end", ENDED),
            ("a token that nobody used", IDLE),
        ] {
            all.push(self.refused(what, self.bearing(digit), over));
        }
        all
    }

    pub fn of_other_sites(&self) -> Vec<Attempt> {
        let from = |has_client_header, sec_fetch_site, origin| Request {
            has_client_header,
            sec_fetch_site,
            origin,
            ..self.honest()
        };
        let cases = [
            (
                "a form of another site",
                from(false, Some("cross-site"), None),
            ),
            ("a form that says nothing", from(false, None, None)),
            (
                "a sister site's script",
                from(true, Some("same-site"), None),
            ),
            (
                "another origin",
                from(true, None, Some("https://evil.example")),
            ),
            ("a sandboxed page", from(true, None, Some("null"))),
            (
                "the origin without its scheme's letter",
                from(true, None, Some("http://drive.example")),
            ),
        ];
        let refused = |(what, request)| self.refused(what, request, CROSS_SITE);
        cases.map(refused).into()
    }

    pub fn at_other_addresses(&self) -> Vec<Attempt> {
        let at = |path: String| Request {
            path,
            ..self.honest()
        };
        let by = |method: &str| Request {
            method: method.to_owned(),
            ..self.honest()
        };
        let path = self.honest().path;
        let rest = path.trim_start_matches("/api/v1/");
        let first = rest.chars().next().unwrap_or_default();
        let nowhere = [
            ("a doubled slash", format!("/api/v1//{rest}")),
            ("another release", format!("/api/v2/{rest}")),
            ("no release", format!("/api/{rest}")),
            ("capitals", format!("/api/v1/{}", rest.to_uppercase())),
            (
                "an encoded letter",
                format!("/api/v1/%{:02x}{}", first as u32, &rest[1..]),
            ),
            ("a way up", format!("/api/v1/../v1/{rest}")),
            ("something behind", format!("{path}/more/and/more")),
            ("a parameter of the path", format!("/api/v1;v=1/{rest}")),
        ];
        let nowhere =
            nowhere.map(|(what, path)| self.refused(what, at(path), (404, "no_such_route")));
        let methods = [
            "PUT", "OPTIONS", "TRACE", "PROPFIND", "get", "POST ", "MOVE", "",
        ];
        let methods = methods.map(|method| {
            let what = format!("the method {method:?}");
            self.refused(what, by(method), (405, "method_not_allowed"))
        });
        nowhere.into_iter().chain(methods).collect()
    }

    pub fn with_ids_of_others(&self, code: &'static str) -> Vec<Attempt> {
        let [hers, his] = self.subjects();
        let nobodys = match self.line.route {
            Route::Block => BlockHash::of(b"of nobody").to_string(),
            _ => NO_ID.to_owned(),
        };
        let ids = [
            ("hers", hers.clone()),
            ("nobody's", nobodys),
            ("a short one", his[..8].to_owned()),
            ("his own in capitals", his.to_uppercase()),
            ("his own in braces", format!("{{{his}}}")),
            ("his own and a space", format!("{his}%20")),
            ("his own and a zero", format!("{his}%00")),
            ("two", format!("{his},{hers}")),
            ("SQL", "'%20OR%201=1--".to_owned()),
        ];
        let refused = |(what, id): (&str, String)| {
            let request = Request {
                path: self.path_with(&id),
                ..self.honest()
            };
            self.refused(format!("{what} as the id"), request, (404, code))
        };
        ids.map(refused).into()
    }

    pub fn with_other_bodies(&self, json: &Json) -> Vec<Attempt> {
        let whole = json.to_string();
        let fields = json.as_object().expect("an object");
        let bad = BAD_JSON;
        let sends = |what: String, body: String| {
            let request = Request {
                body: body.into_bytes(),
                ..self.honest()
            };
            self.refused(what, request, bad)
        };
        let mut all = vec![
            sends("nothing".into(), String::new()),
            sends("null".into(), "null".into()),
            sends(
                "a list of the values".into(),
                json!(fields.values().collect::<Vec<_>>()).to_string(),
            ),
            sends("half of it".into(), whole[..whole.len() / 2].to_owned()),
            sends("two bodies".into(), whole.repeat(2)),
            sends("depth without end".into(), "[".repeat(100_000)),
            sends("text that is no text".into(), whole.replace('"', "'")),
        ];
        for (name, value) in fields {
            let with = |value: &str| {
                let rest = whole.strip_suffix('}').unwrap_or_default();
                format!("{rest},\"{name}\":{value}}}")
            };
            all.push(sends(format!("{name} twice"), with(&value.to_string())));
            let mut odd = fields.clone();
            odd.insert(name.clone(), json!({"odd": [-1.5]}));
            all.push(sends(
                format!("an odd {name}"),
                Json::Object(odd).to_string(),
            ));
        }
        all
    }
}
