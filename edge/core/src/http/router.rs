//! Which handler answers which route of `protocol::routes`.

use crate::error::Failure;
use crate::http::answer::Response;
use crate::http::call::Call;
use crate::http::handlers::{
    accounts, activity, administration, blocks, changes, conflicts, content, devices, ending,
    files, grants, handover, items, links, marks, mounts, news, openings, past, poll, recovery,
    retention, server, sync, thumbnails, tokens,
};
use crate::http::runtime::Runtime;
use ::blocks::hash::BlockHash;
use protocol::problem::Problem;
use protocol::routes::{Found, Route};
use std::str::FromStr;

/// Answers a request.
///
/// # Errors
/// 404 for an unknown address, 405 for a method that the address does not take, and
/// whatever the handler refuses.
pub async fn answer(call: &mut Call<impl Runtime>) -> Result<Response, Failure> {
    let path = call.runtime.path().to_owned();
    let (route, id) = route_of(&call.runtime.method(), &path)?;
    let response = handle(call, route, id).await?;
    Ok(response.with_common_headers())
}

async fn handle(
    call: &mut Call<impl Runtime>,
    route: Route,
    id: &str,
) -> Result<Response, Failure> {
    match route {
        Route::Server => server::server(call).await,

        Route::SignUpStart => accounts::sign_up_start(call).await,
        Route::SignUpFinish => accounts::sign_up_finish(call).await,
        Route::SignInStart => accounts::sign_in_start(call).await,
        Route::SignInFinish => accounts::sign_in_finish(call).await,
        Route::Confirm => accounts::confirm(call).await,
        Route::PasswordStart => accounts::password_start(call).await,
        Route::PasswordFinish => accounts::password_finish(call).await,
        Route::RecoveryCodes => recovery::codes(call).await,
        Route::MakeRecoveryCodes => recovery::make(call).await,
        Route::RecoverStart => recovery::start(call).await,
        Route::RecoverFinish => recovery::finish(call).await,
        Route::SignOut => devices::sign_out(call).await,
        Route::Me => accounts::me(call).await,
        Route::EndAccount => ending::end(call).await,
        Route::KeepAccount => ending::keep(call).await,

        Route::Devices => devices::list(call).await,
        Route::CreateToken => tokens::create(call).await,
        Route::RenameDevice => devices::rename(call, id_or(id, Problem::NoSuchDevice)?).await,
        Route::RevokeDevice => devices::revoke(call, id_or(id, Problem::NoSuchDevice)?).await,

        Route::CreateFolder => items::create_folder(call).await,
        Route::ChangeItems => items::change_batch(call).await,
        Route::Item => items::get(call, item(id)?).await,
        Route::ChangePlace => items::change_place(call, item(id)?).await,
        Route::DeleteItem => items::delete(call, item(id)?).await,
        Route::Trash => items::trash(call, item(id)?).await,
        Route::Restore => items::restore(call, item(id)?).await,

        Route::EmptyTrash => items::empty_trash(call).await,

        Route::Retention => retention::tell(call).await,
        Route::ChangeRetention => retention::change(call).await,

        Route::CreateMount => mounts::create(call).await,
        Route::RemoveMount => mounts::remove(call, item(id)?).await,

        Route::ItemGrants => grants::of_item(call, item(id)?).await,
        Route::Give => grants::give(call, item(id)?).await,
        Route::Grants => grants::list(call).await,
        Route::ChangeGrant => grants::change(call, id_or(id, Problem::NoSuchGrant)?).await,
        Route::TakeBack => grants::take_back(call, id_or(id, Problem::NoSuchGrant)?).await,

        Route::ShowOffer => handover::show(call, id_or(id, Problem::NoSuchGrant)?).await,
        Route::Offer => handover::offer(call, id_or(id, Problem::NoSuchGrant)?).await,
        Route::EndOffer => handover::end(call, id_or(id, Problem::NoSuchGrant)?).await,
        Route::AcceptOffer => handover::accept(call, id_or(id, Problem::NoSuchGrant)?).await,

        Route::Links => links::list(call).await,
        Route::MakeLink => links::make(call, item(id)?).await,
        Route::ChangeLink => links::change(call, id_or(id, Problem::NoSuchLink)?).await,
        Route::RemoveLink => links::remove(call, id_or(id, Problem::NoSuchLink)?).await,
        Route::LinkPasswordStart => links::password_start(call).await,
        Route::ShownLink => links::shown(call).await,
        Route::PassStart => links::pass_start(call).await,
        Route::PassFinish => links::pass_finish(call).await,

        Route::CreateFile => files::create(call).await,
        Route::CreateFiles => files::create_batch(call).await,
        Route::RevertFiles => past::revert(call).await,
        Route::Propose => sync::propose(call, item(id)?).await,
        Route::Commit => files::commit(call, item(id)?).await,
        Route::FileVersions => files::versions(call, item(id)?).await,
        Route::MarkVersion => files::mark_version(call, item(id)?).await,
        Route::FileManifest => files::manifest(call, item(id)?).await,
        Route::FileContent => content::of_file(call, item(id)?).await,
        Route::StoreThumbnail => thumbnails::store(call, item(id)?).await,
        Route::Thumbnails => thumbnails::list(call).await,
        Route::KeepConflict => conflicts::create(call, item(id)?).await,

        Route::StoreBlocks => blocks::store(call).await,
        Route::FetchBlocks => blocks::fetch(call).await,
        Route::FetchSignatures => blocks::signatures(call).await,
        Route::Block => {
            let hash: BlockHash = id_or(id, Problem::NoSuchBlock)?;
            content::of_block(call, hash).await
        }

        Route::Conflicts => conflicts::list(call).await,
        Route::Conflict => conflicts::get(call, id_or(id, Problem::NoSuchConflict)?).await,
        Route::ConflictContent => {
            content::of_conflict(call, id_or(id, Problem::NoSuchConflict)?).await
        }
        Route::ConflictManifest => {
            conflicts::manifest(call, id_or(id, Problem::NoSuchConflict)?).await
        }
        Route::Reopen => conflicts::reopen(call, id_or(id, Problem::NoSuchConflict)?).await,
        Route::Resolve => conflicts::resolve(call, id_or(id, Problem::NoSuchConflict)?).await,

        Route::Changes => changes::list(call).await,
        Route::Activity => activity::list(call).await,
        Route::Past => past::tell(call).await,
        Route::News => news::list(call).await,
        Route::SeeNews => news::see(call).await,
        Route::Marks => marks::list(call).await,
        Route::ChangeStars => marks::change_stars(call).await,
        Route::SaveSearch => marks::save_search(call).await,
        Route::ChangeSearch => marks::change_search(call, id_or(id, Problem::NoSuchSearch)?).await,
        Route::RemoveSearch => marks::remove_search(call, id_or(id, Problem::NoSuchSearch)?).await,
        Route::Openings => openings::list(call).await,
        Route::SayOpen => openings::say(call).await,
        Route::TellOpenings => openings::tell(call).await,
        Route::Poll => poll::poll(call).await,

        Route::People => administration::people(call).await,
        Route::ChangePerson => {
            administration::change_person(call, id_or(id, Problem::NoSuchRoute)?).await
        }
        Route::Settings => administration::settings(call).await,
        Route::ChangeSettings => administration::change_settings(call).await,
        Route::Invites => administration::invites(call).await,
        Route::MakeInvite => administration::make_invite(call).await,
        Route::RemoveInvite => {
            administration::remove_invite(call, id_or(id, Problem::NoSuchRoute)?).await
        }
        Route::Audit => administration::audit(call).await,
        Route::Health => administration::health(call).await,
    }
}

/// The route of a request, and the id or hash in its address.
///
/// # Errors
/// 404 for an unknown address, 405 for a method that the address does not take.
fn route_of<'a>(method: &str, path: &'a str) -> Result<(Route, &'a str), Failure> {
    match Route::find(method, path) {
        Found::Route(route, id) => Ok((route, id)),
        Found::OtherMethods(allow) => Err(Failure::Method {
            method: method.to_owned(),
            allow,
        }),
        Found::Nothing => Err(Problem::NoSuchRoute.into()),
    }
}

fn item<T: FromStr>(text: &str) -> Result<T, Failure> {
    id_or(text, Problem::NoSuchItem)
}

/// Reads an id; a text that is no id is answered like the id of nothing.
fn id_or<T: FromStr>(text: &str, problem: Problem) -> Result<T, Failure> {
    text.parse().map_err(|_| problem.into())
}
