//! Who may do what with a part of somebody else's drive: each kind of caller at each route
//! of the API, and what has to come of it. [`grants`] has those with whom something was
//! shared, [`links`] those who have the address of a link. The same cells are asked of the
//! handlers natively and of a running server, through everything that is between.

pub mod drive;
pub mod grants;
pub mod links;
mod routes;
mod subject;

use crate::model::http::Request;
use protocol::batches::FilesMade;
use protocol::ids::{ItemId, UnixMillis};
use protocol::items::ItemChanged;
use protocol::problem::{ErrorBody, Problem};
use protocol::routes::{Method, Route};

/// A server to ask.
pub trait Host {
    /// Answers a request.
    fn answer(&self, request: &Request) -> Answer;

    /// What time it is there.
    fn now(&self) -> UnixMillis;

    /// Lets time pass until it is this late there.
    fn wait_until(&self, moment: UnixMillis);
}

/// What was answered.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub body: Vec<u8>,
}

/// A status and, if only one may be told, a code.
type Refusal = (u16, Option<&'static str>);

/// A request of one caller at one route, and what has to come of it.
pub struct Cell {
    /// Who asks at which route.
    pub what: String,
    route: Route,
    request: Request,
    /// `None` is success.
    end: Option<Refusal>,
    /// What the answer must not tell of.
    untold: Option<ItemId>,
}

impl Cell {
    pub fn is_refusal(&self) -> bool {
        self.end.is_some()
    }

    /// Asks. What only reads is asked for by HEAD as well.
    ///
    /// # Errors
    /// What came of it is not what has to: says so.
    pub fn ask(&self, host: &impl Host) -> Result<(), String> {
        let head = (self.route.method() == Method::Get).then(|| {
            let request = Request {
                method: "HEAD".to_owned(),
                ..self.request.clone()
            };
            host.answer(&request).status
        });
        let answer = host.answer(&self.request);
        let told = String::from_utf8_lossy(&answer.body).into_owned();
        let wrong = |why: &str| Err(format!("{}: {why}: {} {told}", self.what, answer.status));
        // Two polls may find a different moment.
        let is_same = |head: u16| head == answer.status || (head < 300 && answer.status < 300);
        if let Some(head) = head.filter(|head| !is_same(*head)) {
            return wrong(&format!("HEAD is answered {head}"));
        }
        let ends = ends(self.route, &answer)?;
        if ends.is_empty() || !ends.iter().all(|end| self.is_met(end.as_ref())) {
            return wrong(&format!("not {:?}", self.end));
        }
        match self.untold {
            Some(item) if told.contains(&item.to_string()) => wrong("tells of what is not there"),
            _ => Ok(()),
        }
    }

    fn is_met(&self, end: Option<&Problem>) -> bool {
        match (end, self.end) {
            (None, None) => true,
            (Some(problem), Some((status, code))) => {
                problem.status() == status && code.is_none_or(|code| code_of(problem) == code)
            }
            _ => false,
        }
    }
}

/// The code of a problem, as it is told.
fn code_of(problem: &Problem) -> String {
    let json = serde_json::to_value(problem).unwrap_or_default();
    json["code"].as_str().unwrap_or_default().to_owned()
}

/// What came of a request, and of each entry of a list by itself.
fn ends(route: Route, answer: &Answer) -> Result<Vec<Option<Problem>>, String> {
    let odd = |why| format!("{route:?}: {} can't be read: {why}", answer.status);
    if answer.status >= 400 {
        let told: ErrorBody = serde_json::from_slice(&answer.body).map_err(odd)?;
        return match told.problem.status() == answer.status {
            true => Ok(vec![Some(told.problem)]),
            false => Err(format!("{route:?}: {} with {told:?}", answer.status)),
        };
    }
    let is_of_many = matches!(
        route,
        Route::ChangeItems | Route::CreateFiles | Route::RevertFiles
    );
    if !is_of_many {
        return Ok(vec![None]);
    }
    let made: FilesMade = serde_json::from_slice(&answer.body).map_err(odd)?;
    let results = made.results.into_iter();
    let ends = results.map(|end| Result::<ItemChanged, Problem>::from(end).err());
    Ok(ends.collect())
}

/// Fails with all that was wrong of so many cells.
pub fn conclude(count: usize, wrong: &[String]) {
    assert!(
        wrong.is_empty(),
        "{} of {count}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(count > 300, "only {count}");
}
