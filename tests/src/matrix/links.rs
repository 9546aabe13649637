//! Those who have the address of a link.

use super::drive::{Drive, sent};
use super::routes::{Kind, about_a_space, kind};
use super::{Cell, Host};
use crate::sign_in::{Registering, prepare};
use protocol::accounts::{PasswordStart, SignInStarted, SignUpStarted};
use protocol::headers::LINK_PASS;
use protocol::links::{LinkKey, LinkPassword, Pass, PassFinish, PassStart};
use protocol::routes::Route;
use serde_json::json;

const PASSWORD: &str = "open sesame";

/// Who comes, over which link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    View,
    /// To a link with a password.
    Locked,
    /// With the password.
    Unlocked,
    Upload,
    Both,
    Revoked,
    Ended,
    UsedUp,
    InTrash,
    Deleted,
}

impl Who {
    pub const ALL: [Self; 10] = [
        Self::View,
        Self::Locked,
        Self::Unlocked,
        Self::Upload,
        Self::Both,
        Self::Revoked,
        Self::Ended,
        Self::UsedUp,
        Self::InTrash,
        Self::Deleted,
    ];

    fn is_gone(self) -> bool {
        matches!(
            self,
            Self::Revoked | Self::Ended | Self::UsedUp | Self::InTrash | Self::Deleted
        )
    }
}

/// What has to come of it; `None` is success.
fn end(route: Route, who: Who) -> Option<(u16, &'static str)> {
    let reads = matches!(
        route,
        Route::Item
            | Route::FileManifest
            | Route::FileContent
            | Route::FetchBlocks
            | Route::Changes
    );
    let puts_in = matches!(route, Route::CreateFile | Route::StoreBlocks);
    let kind = kind(route);
    // What whoever may only look at it would have to change.
    let changes = matches!(kind, Kind::Changes | Kind::Brings | Kind::WholeChanges)
        // The keys of links are no matter of looking.
        || route == Route::Links;
    let (views, uploads) = match who {
        who if who.is_gone() => return Some((404, "no_such_link")),
        Who::Locked => return Some((401, "link_password")),
        Who::View | Who::Unlocked => (true, false),
        Who::Upload => (false, true),
        _ => (true, true),
    };
    match changes {
        true if !uploads => Some((403, "read_only")),
        false if !views => Some((403, "upload_only")),
        _ if reads || puts_in => None,
        _ => Some((403, "one_folder")),
    }
}

/// Makes a link what it is, and what its visitor asks at each route.
pub fn cells(drive: &Drive<impl Host>, who: Who) -> Vec<Cell> {
    let root = drive.folder(None);
    // Whoever puts in without looking knows only the folder itself.
    let inner = match who {
        Who::Upload => root,
        _ => drive.folder(Some(root)),
    };
    let mut files = drive.files(inner, Route::ALL.len()).into_iter();
    let subjects = about_a_space().map(|route| {
        let file = files.next().expect("a file for each route");
        (route, drive.subject(route, inner, &file))
    });
    let subjects: Vec<_> = subjects.collect();
    let may = match who {
        Who::Upload => "upload",
        Who::View | Who::Locked | Who::Unlocked => "view",
        _ => "view_and_upload",
    };
    let mut new = json!({"may": may});
    match who {
        Who::Locked | Who::Unlocked => new["password"] = json!(password(drive)),
        Who::Ended => new["ends_at_ms"] = drive.soon().into(),
        Who::UsedUp => new["most_downloads"] = 1.into(),
        _ => {}
    }
    let link = drive.link(root, new);
    let pass = (who == Who::Unlocked).then(|| pass(drive, link.key));
    match (who, link.ends_at_ms) {
        (Who::Revoked, _) => drop(drive.asks(Route::RemoveLink, link.id, ())),
        (Who::Ended, Some(end)) => drive.host.wait_until(end),
        (Who::UsedUp, _) => {
            let file = files.next().expect("a file to download").id.to_string();
            let download = drive.request_over(link.key, Route::FileContent, &file, Vec::new());
            drive.succeeds(&download);
        }
        (Who::InTrash, _) => drop(drive.trash(root)),
        (Who::Deleted, _) => drive.deletes(&drive.trash(root)),
        _ => {}
    }
    let cells = subjects.into_iter().map(|(route, subject)| {
        let mut request = drive.request_over(link.key, route, &subject.id, subject.body);
        let pass = pass.iter().map(|pass| (LINK_PASS, pass.clone()));
        request.headers.extend(pass);
        Cell {
            what: format!("{route:?} over a link, {who:?}"),
            route,
            request,
            end: end(route, who).map(|(status, code)| (status, Some(code))),
            untold: None,
        }
    });
    cells.collect()
}

/// A password as ann's page registers it.
fn password(drive: &Drive<impl Host>) -> LinkPassword {
    let (registering, message) = Registering::new(PASSWORD);
    let start = PasswordStart { message };
    let started: SignUpStarted = drive.gets(Route::LinkPasswordStart, "", start);
    LinkPassword {
        message: registering.finish(&started),
        registration: started.registration.expect("a registration has a name"),
    }
}

/// A pass as a visitor gets it who knows the password.
fn pass(drive: &Drive<impl Host>, key: LinkKey) -> String {
    let begun = prepare(PASSWORD);
    let start = PassStart {
        message: begun.message.clone(),
    };
    let start = drive.request_over(key, Route::PassStart, "", sent(&start));
    let started: SignInStarted =
        serde_json::from_slice(&drive.succeeds(&start).body).expect("an answer");
    let message = begun.proof(PASSWORD, &started).expect("it is the password");
    let finish = PassFinish {
        attempt: started.attempt,
        message,
    };
    let finish = drive.request_over(key, Route::PassFinish, "", sent(&finish));
    let pass: Pass = serde_json::from_slice(&drive.succeeds(&finish).body).expect("a pass");
    pass.pass
}
