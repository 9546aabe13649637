//! Those with whom something was shared, or was once, or was not.

use super::drive::Drive;
use super::routes::{Kind, about_a_space, kind};
use super::{Cell, Host};
use protocol::routes::Route;

/// Who asks, and for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Ann, whose space it is.
    Owner,
    /// Bob, who was given what he asks for,
    Editor,
    Viewer,
    /// or was not, or is no more,
    Stranger,
    Revoked,
    Ended,
    /// or whose root is in the trash.
    InTrash,
    /// Bob, about what has left what he may edit.
    MovedOut,
    /// A token of a folder of bob's own.
    TokenOfAFolder,
    /// A token that only reads, of bob, who may edit.
    ReadingToken,
}

impl Who {
    pub const ALL: [Self; 10] = [
        Self::Owner,
        Self::Editor,
        Self::Viewer,
        Self::Stranger,
        Self::Revoked,
        Self::Ended,
        Self::InTrash,
        Self::MovedOut,
        Self::TokenOfAFolder,
        Self::ReadingToken,
    ];
}

/// The status that has to come of it; `None` is success.
fn end(kind: Kind, who: Who) -> Option<u16> {
    let changes = matches!(kind, Kind::Changes | Kind::Brings | Kind::WholeChanges);
    let is_whole = matches!(kind, Kind::Whole | Kind::WholeChanges);
    match who {
        Who::Owner => None,
        Who::Stranger | Who::Revoked | Who::Ended | Who::InTrash => Some(404),
        Who::TokenOfAFolder => Some(404),
        Who::Viewer | Who::ReadingToken if changes => Some(403),
        Who::ReadingToken if matches!(kind, Kind::Says | Kind::Hears) => Some(403),
        Who::Editor | Who::Viewer | Who::ReadingToken if is_whole => Some(403),
        Who::MovedOut if is_whole => Some(403),
        Who::MovedOut if !matches!(kind, Kind::Lists | Kind::Hears | Kind::Brings) => Some(404),
        _ => None,
    }
}

/// Makes somebody who they are, and what they ask at each route.
pub fn cells(drive: &Drive<impl Host>, who: Who) -> Vec<Cell> {
    let root = drive.folder(None);
    let inner = drive.folder(Some(root));
    let mut files = drive.files(inner, Route::ALL.len()).into_iter();
    let subjects = about_a_space().map(|route| {
        let file = files.next().expect("a file for each route");
        (route, drive.subject(route, inner, &file))
    });
    let subjects: Vec<_> = subjects.collect();
    match who {
        Who::Owner | Who::Stranger => {}
        Who::Viewer => drop(drive.shares(root, "viewer", None)),
        Who::Revoked => {
            let grant = drive.shares(root, "editor", None);
            drive.asks(Route::TakeBack, grant.id, ());
        }
        Who::Ended => {
            let end = drive.soon();
            drive.shares(root, "editor", Some(end));
            drive.host.wait_until(end);
        }
        Who::InTrash => {
            drive.shares(root, "editor", None);
            drive.trash(root);
        }
        Who::MovedOut => {
            drive.shares(root, "editor", None);
            drive.moves_out(inner);
        }
        Who::Editor | Who::TokenOfAFolder | Who::ReadingToken => {
            drive.shares(root, "editor", None);
        }
    }
    let key = match who {
        Who::Owner => &drive.people.ann,
        Who::TokenOfAFolder => &drive.people.bobs_folder,
        Who::ReadingToken => &drive.people.bob_reads,
        _ => &drive.people.bob,
    };
    let cells = subjects.into_iter().map(|(route, subject)| {
        let (id, body) = (&subject.id, subject.body);
        let request = match who {
            Who::Owner => drive.request(key, route, id, body),
            _ => drive.request_in(root, key, route, id, body),
        };
        let lists = matches!(kind(route), Kind::Lists | Kind::Hears);
        let is_untold = who == Who::MovedOut && lists;
        Cell {
            what: format!("{route:?} by {who:?}"),
            route,
            request,
            end: match (route, who) {
                // What one offers is for somebody else to accept.
                (Route::AcceptOffer, Who::Owner) => Some((404, Some("no_such_grant"))),
                _ => end(kind(route), who).map(|status| (status, None)),
            },
            untold: is_untold.then_some(subject.item),
        }
    });
    cells.collect()
}
