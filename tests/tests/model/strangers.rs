//! What a stranger tries: somebody with an account of their own, or with none, who is
//! after another person's drive. For each route of the API, [`LINES`] says who may use
//! it and what is refused in which words; whatever follows from that is tried without
//! being listed: no token and old ones, another site, other methods and spellings of
//! the address, other people's ids in it, bodies of the wrong types. Nothing of it may
//! change a row or an object of anybody.

mod accounts;
mod attempt;
mod blocks_of_a_folder;
mod compressed;
mod ended;
mod files;
mod front;
mod handover;
mod honest;
mod links;
mod marks;
mod matrix;
mod mounts;
mod news;
mod one_folder;
mod openings;
mod past;
mod places;
mod polls;
mod running;
mod settings;
mod shared;
mod tries;
mod world;

use accounts::*;
use attempt::{Door, Line, line};
use files::*;
use front::ask;
use handover::at_an_offer;
use honest::*;
use links::{at_a_new_link, at_a_pass, at_a_password, at_the_door, at_the_list_of_links};
use marks::*;
use mounts::{at_mounts, at_unmounting};
use news::*;
use openings::{at_openings, at_saying, at_telling};
use past::{at_reverts, at_the_past};
use places::*;
use protocol::problem::Problem;
use protocol::routes::Route;
use running::at_administration;
use shared::at_giving;
use std::collections::BTreeSet;
use tries::Tries;
use world::World;

/// Every route of the API.
const LINES: &[Line] = &[
    line(Route::Server, Door::Open, no_body),
    line(Route::SignUpStart, Door::Open, name_and_message).more(at_sign_up),
    line(Route::SignUpFinish, Door::Open, sign_up_finish).more(at_sign_up_finish),
    line(Route::SignInStart, Door::Open, name_and_message).more(at_sign_in),
    line(Route::SignInFinish, Door::Open, sign_in_finish).more(at_sign_in_finish),
    line(Route::Confirm, Door::Changes, proof).more(at_confirm),
    line(Route::PasswordStart, Door::Confirmed, message).more(at_password),
    line(Route::PasswordFinish, Door::Confirmed, password_finish).more(at_password),
    line(Route::RecoveryCodes, Door::Reads, no_body).more(at_codes),
    line(Route::MakeRecoveryCodes, Door::Confirmed, new_codes).more(at_new_codes),
    line(Route::RecoverStart, Door::Open, message).more(at_password),
    line(Route::RecoverFinish, Door::Open, recover_finish).more(at_recovery),
    line(Route::SignOut, Door::Reads, no_body),
    line(Route::Me, Door::Reads, no_body).more(only_ones_own),
    line(Route::EndAccount, Door::Confirmed, no_body),
    line(Route::KeepAccount, Door::Changes, no_body).more(at_keeping),
    line(Route::Devices, Door::Reads, no_body).more(only_ones_own),
    line(Route::CreateToken, Door::Confirmed, token).more(at_tokens),
    line(Route::RenameDevice, Door::Changes, device_change)
        .elsewhere("no_such_device")
        .more(at_renaming),
    line(Route::RevokeDevice, Door::Confirmed, no_body).elsewhere("no_such_device"),
    line(Route::CreateFolder, Door::Changes, folder).more(at_folders),
    line(Route::Item, Door::Reads, no_body).elsewhere("no_such_item"),
    line(Route::ChangePlace, Door::Changes, placed)
        .elsewhere("no_such_item")
        .more(at_move),
    line(Route::DeleteItem, Door::Changes, deleted)
        .elsewhere("no_such_item")
        .more(at_deletion),
    line(Route::Trash, Door::Changes, trashed)
        .elsewhere("no_such_item")
        .more(at_trash),
    line(Route::Restore, Door::Changes, trashed)
        .elsewhere("no_such_item")
        .more(at_restore),
    line(Route::ChangeItems, Door::Changes, change_batch).more(at_item_batch),
    line(Route::EmptyTrash, Door::Changes, emptied),
    line(Route::Retention, Door::Reads, no_body).more(only_ones_own),
    line(Route::ChangeRetention, Door::Changes, keeping).more(at_retention),
    line(Route::CreateMount, Door::Changes, mounted).more(at_mounts),
    line(Route::RemoveMount, Door::Changes, no_body)
        .elsewhere("no_such_item")
        .more(at_unmounting),
    line(Route::ItemGrants, Door::Reads, no_body).elsewhere("no_such_item"),
    line(Route::Give, Door::Changes, given)
        .elsewhere("no_such_item")
        .more(at_giving),
    line(Route::Grants, Door::Reads, no_body).more(only_ones_own),
    line(Route::ChangeGrant, Door::Changes, regranted).elsewhere("no_such_grant"),
    line(Route::TakeBack, Door::Changes, no_body).elsewhere("no_such_grant"),
    // Who owns what is between people: never for a token.
    line(Route::ShowOffer, Door::Reads, no_body)
        .elsewhere("no_such_grant")
        .more(at_an_offer),
    line(Route::Offer, Door::Changes, no_body)
        .elsewhere("no_such_grant")
        .more(at_an_offer),
    line(Route::EndOffer, Door::Changes, no_body)
        .elsewhere("no_such_grant")
        .more(at_an_offer),
    line(Route::AcceptOffer, Door::Changes, no_body)
        .elsewhere("no_such_grant")
        .more(at_an_offer),
    // A token that only reads is told no keys.
    line(Route::Links, Door::Changes, no_body).more(at_the_list_of_links),
    line(Route::MakeLink, Door::Changes, linked)
        .elsewhere("no_such_item")
        .more(at_a_new_link),
    line(Route::ChangeLink, Door::Changes, relinked).elsewhere("no_such_link"),
    line(Route::RemoveLink, Door::Changes, no_body).elsewhere("no_such_link"),
    line(Route::LinkPasswordStart, Door::Changes, message).more(at_a_password),
    line(Route::ShownLink, Door::Open, no_body).more(at_the_door),
    line(Route::PassStart, Door::Open, message).more(at_a_pass),
    line(Route::PassFinish, Door::Open, proof).more(at_a_pass),
    line(Route::CreateFile, Door::Changes, file).more(at_files),
    line(Route::CreateFiles, Door::Changes, file_batch).more(at_file_batch),
    line(Route::RevertFiles, Door::Changes, reverted).more(at_reverts),
    line(Route::Propose, Door::Changes, proposed)
        .elsewhere("no_such_item")
        .more(at_proposal),
    line(Route::Commit, Door::Changes, committed)
        .elsewhere("no_such_item")
        .more(at_commit),
    line(Route::FileVersions, Door::Reads, no_body)
        .elsewhere("no_such_item")
        .more(at_versions),
    line(Route::MarkVersion, Door::Changes, marked)
        .elsewhere("no_such_item")
        .more(at_a_mark),
    line(Route::FileManifest, Door::Reads, no_body)
        .elsewhere("no_such_item")
        .more(at_manifest),
    line(Route::FileContent, Door::Reads, no_body)
        .elsewhere("no_such_item")
        .more(at_content),
    line(Route::StoreThumbnail, Door::Changes, pictured)
        .elsewhere("no_such_item")
        .more(at_a_thumbnail),
    line(Route::Thumbnails, Door::Reads, no_body).more(at_thumbnails),
    line(Route::KeepConflict, Door::Changes, kept)
        .elsewhere("no_such_item")
        .more(at_conflict),
    line(Route::StoreBlocks, Door::Changes, stored).more(at_blocks),
    line(Route::FetchBlocks, Door::Reads, fetched).more(at_fetch),
    line(Route::FetchSignatures, Door::Reads, signed).more(at_signatures),
    line(Route::Block, Door::Reads, no_body).elsewhere("no_such_block"),
    line(Route::Conflicts, Door::Reads, no_body).more(at_conflicts),
    line(Route::Conflict, Door::Reads, no_body).elsewhere("no_such_conflict"),
    line(Route::ConflictContent, Door::Reads, no_body).elsewhere("no_such_conflict"),
    line(Route::ConflictManifest, Door::Reads, no_body).elsewhere("no_such_conflict"),
    line(Route::Reopen, Door::Changes, reopened)
        .elsewhere("no_such_conflict")
        .more(at_reopening),
    line(Route::Resolve, Door::Changes, resolved)
        .elsewhere("no_such_conflict")
        .more(at_resolution),
    line(Route::Changes, Door::Reads, no_body).more(at_feed),
    line(Route::Activity, Door::Reads, no_body).more(at_activity),
    line(Route::Past, Door::Reads, no_body).more(at_the_past),
    line(Route::News, Door::Reads, no_body).more(at_news),
    line(Route::SeeNews, Door::Changes, seen).more(at_seen),
    line(Route::Marks, Door::Reads, no_body).more(only_ones_own),
    line(Route::ChangeStars, Door::Changes, starred).more(at_stars),
    line(Route::SaveSearch, Door::Changes, new_search).more(at_saving),
    line(Route::ChangeSearch, Door::Changes, search_change)
        .elsewhere("no_such_search")
        .more(at_a_search),
    line(Route::RemoveSearch, Door::Changes, no_body).elsewhere("no_such_search"),
    line(Route::Openings, Door::Reads, no_body).more(at_openings),
    // Whoever may only look at a file says that they have it open, too.
    line(Route::SayOpen, Door::Reads, opened).more(at_saying),
    line(Route::TellOpenings, Door::Changes, telling).more(at_telling),
    line(Route::Poll, Door::Reads, no_body).more(at_poll),
    // For administrators. To bob, who is none, there is nothing: no id, and no body, is any
    // better than another.
    line(Route::People, Door::Reads, no_body).more(at_administration),
    line(Route::ChangePerson, Door::Changes, no_body)
        .elsewhere("no_such_route")
        .more(at_administration),
    line(Route::Settings, Door::Reads, no_body).more(at_administration),
    line(Route::ChangeSettings, Door::Changes, no_body).more(at_administration),
    line(Route::Invites, Door::Reads, no_body).more(at_administration),
    line(Route::MakeInvite, Door::Changes, no_body).more(at_administration),
    line(Route::RemoveInvite, Door::Changes, no_body)
        .elsewhere("no_such_route")
        .more(at_administration),
    line(Route::Audit, Door::Reads, no_body).more(at_administration),
    line(Route::Health, Door::Reads, no_body).more(at_administration),
];

#[test]
fn every_route_is_on_the_strangers_list() {
    let routes: BTreeSet<Route> = Route::ALL.iter().copied().collect();
    let listed: BTreeSet<Route> = LINES.iter().map(|line| line.route).collect();
    assert_eq!(listed, routes);
    for line in LINES {
        let has_id = line.route.path().contains('{');
        assert_eq!(line.elsewhere.is_some(), has_id, "{:?}", line.route);
    }
}

#[test]
fn a_stranger_is_refused_everywhere_and_changes_nothing() {
    let world = World::new();
    let before = world.everything();
    let without_guesses = |all: &[(String, Vec<String>)]| {
        let counted = ["guesses", "sign_in_attempts"];
        let rest = all
            .iter()
            .filter(|(name, _)| !counted.contains(&name.as_str()));
        rest.cloned().collect::<Vec<_>>()
    };
    let (mut tried, mut wrong) = (0, Vec::new());
    for line in LINES {
        let tries = Tries {
            world: &world,
            line,
        };
        let all = tries.by_rule().into_iter().chain((line.more)(&tries));
        for attempt in all {
            tried += 1;
            let told = ask(&world, &attempt.request);
            let case = format!("{:?}, {}", line.route, attempt.what);
            if let Err(problem) = &told
                && let Some(code) = untold(line.route, problem)
            {
                wrong.push(format!("{case}: the API's document has no {code} there"));
            }
            if let Err(why) = attempt.end.is_met(&world, told) {
                wrong.push(format!("{case}: {why}"));
            }
            let now = world.everything();
            let is_same = match attempt.is_guess {
                true => without_guesses(&now) == without_guesses(&before),
                false => now == before,
            };
            assert!(is_same, "{case} has changed something");
            if attempt.is_guess {
                let forget = "DELETE FROM guesses; DELETE FROM sign_in_attempts;";
                let forgotten = world.server.db.connection().execute_batch(forget);
                forgotten.expect("forgotten");
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {tried}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(tried > 500, "only {tried} attempts");
}

/// The code of a refusal that the document of the API does not have for the route.
fn untold(route: Route, problem: &Problem) -> Option<String> {
    let json = serde_json::to_value(problem).expect("JSON");
    let code = json["code"].as_str().unwrap_or_default();
    // What has no route has no place in the document.
    let is_elsewhere = matches!(code, "no_such_route" | "method_not_allowed");
    let is_told = is_elsewhere || openapi::refusals(route).contains(&code);
    (!is_told).then(|| code.to_owned())
}
