//! Files: made, committed to, and their block lists.

use super::items::make_each;
use crate::access::reach::Use;
use crate::error::Failure;
use crate::http::answer;
use crate::http::answer::Response;
use crate::http::auth;
use crate::http::call::{Call, ShownReceipts};
use crate::http::runtime::Runtime;
use crate::reads::files;
use crate::regroup;
use crate::writes::carry::apply_carrying;
use crate::writes::commit::CommitTo;
use crate::writes::create::Create;
use crate::writes::creates::create_files;
use crate::writes::{Applied, Author, Change, apply, marks};
use blocks::manifest::BlockRef;
use protocol::batches::{FILES, FilesMade};
use protocol::changes::LIMIT;
use protocol::content::{Base, Receipted};
use protocol::files::{BEFORE, Commit, MarkVersion, NewFile};
use protocol::ids::{ItemId, PackId};
use protocol::links::PutIn;

/// `POST /files`: 201; to a visitor of a link with [`PutIn`] and no more.
///
/// 1. 413 or 400 if the body can't be read.
/// 2. Blocks that the body carries are stored: see [`apply_carrying`]. Receipts
///    count for whoever has only a folder.
/// 3. See [`Create`]. A visitor's file gets a name that is free.
pub async fn create(call: &mut Call<impl Runtime>) -> Result<Response, Failure> {
    let who = auth::let_in(call, Use::Named).await?;
    // 1
    let (new, frames) = call.carrying::<NewFile<Receipted>>().await?;
    // 2 and 3
    let (mut new, receipts) = new.parted();
    let shown = new.content.as_ref();
    let shown = shown.map(|content| ShownReceipts { content, receipts });
    let author = call.showing(call.author_of(&who), who.sender(), shown)?;
    let is_visitor = who.visitor().is_some();
    let create = |carried: &[BlockRef]| {
        if let Some(content) = &mut new.content {
            content.put_in(carried);
        }
        match is_visitor {
            true => Create::from(new).under_a_free_name(),
            false => Create::from(new),
        }
    };
    let made = make_carrying(call, &author, (frames, &[]), create).await;
    let made = made.map_err(|failure| who.told(failure))?;
    match is_visitor {
        true => answer::created(&PutIn { stored: true }),
        false => answer::applied(201, made.told_to(&author.reach)),
    }
}

/// `POST /files/batch`: 200 with [`FilesMade`]. One message tells the other devices of
/// all files.
///
/// 1. 413 or 400 if the body has no list of objects. An entry that can't be read is
///    refused by itself.
/// 2. See [`create_files`].
pub async fn create_batch(call: &mut Call<impl Runtime>) -> Result<Response, Failure> {
    let who = auth::signed_in(call, Use::Named).await?;
    // 1
    let files = call.entries::<NewFile<Receipted>>(FILES).await?;
    // 2
    let parted = files
        .into_iter()
        .map(|file| match file.map(NewFile::parted) {
            Ok((file, receipts)) => (Ok(file), receipts),
            Err(bad) => (Err(bad), None),
        });
    let (files, receipts): (Vec<_>, Vec<_>) = parted.unzip();
    let shown = files.iter().zip(receipts).filter_map(|(file, receipts)| {
        let content = file.as_ref().ok()?.content.as_ref()?;
        Some(ShownReceipts { content, receipts })
    });
    let author = call.showing(call.author(&who), who.sender(), shown)?;
    let ends = create_files(&call.space_of(who.space)?, &author, files).await?;
    let results = make_each(call, &author, ends);
    answer::json(&FilesMade { results })
}

/// `POST /files/{id}/commit`: 200.
///
/// 1. 413 or 400 if the body can't be read.
/// 2. Blocks that the body carries are stored: see [`apply_carrying`]. Receipts
///    count for whoever has only a folder.
/// 3. See [`CommitTo`].
pub async fn commit(call: &mut Call<impl Runtime>, item: ItemId) -> Result<Response, Failure> {
    let who = auth::signed_in(call, Use::Item(item)).await?;
    // 1
    let (commit, frames) = call.carrying::<Commit<Receipted>>().await?;
    // 2 and 3
    let (mut commit, receipts) = commit.parted();
    let content = &commit.content;
    let shown = [ShownReceipts { content, receipts }];
    let author = call.showing(call.author(&who), who.sender(), shown)?;
    let base_version = commit.base_version;
    let change = |carried: &[BlockRef]| {
        commit.content.put_in(carried);
        CommitTo { item, commit }
    };
    let committed = make_carrying(call, &author, (frames, &[item]), change).await?;
    if regroup::is_due_after(base_version) {
        call.runtime.regroup_later(who.space, item);
    }
    answer::applied(200, committed.told_to(&author.reach))
}

/// Makes a change that may carry blocks, whose patches are of blocks of some files, and
/// tells the other devices.
async fn make_carrying<C: Change>(
    call: &Call<impl Runtime>,
    author: &Author,
    (frames, of): (Vec<u8>, &[ItemId]),
    change: impl FnOnce(&[BlockRef]) -> C,
) -> Result<Applied, Failure> {
    let db = call.space_of(author.space)?;
    let applied = match frames.is_empty() {
        true => apply(&db, author, &change(&[])).await?,
        false => {
            let packs = call.runtime.packs()?;
            let pack = PackId::from_random(call.runtime.fresh_id()?);
            apply_carrying(&db, &packs, author, (pack, frames), of, change).await?
        }
    };
    call.announce(author, &applied);
    Ok(applied)
}

/// `GET /files/{id}/versions?before=&limit=`: 200 with
/// [`FileVersions`](protocol::files::FileVersions), see [`files::versions`].
pub async fn versions(call: &mut Call<impl Runtime>, id: ItemId) -> Result<Response, Failure> {
    let who = auth::signed_in(call, Use::Item(id)).await?;
    let page = (call.number(BEFORE)?, call.number(LIMIT)?);
    let (db, reach) = (call.space_of(who.space)?, who.reach());
    answer::json(&files::versions(&db, who.space, &reach, id, page).await?)
}

/// `PATCH /files/{id}/versions`: 200 with the
/// [`FileVersion`](protocol::files::FileVersion), see [`marks::mark`].
pub async fn mark_version(
    call: &mut Call<impl Runtime>,
    item: ItemId,
) -> Result<Response, Failure> {
    let who = auth::signed_in(call, Use::Item(item)).await?;
    let wanted: MarkVersion = call.json().await?;
    let db = call.space_of(who.space)?;
    answer::json(&marks::mark(&db, &call.author(&who), item, &wanted).await?)
}

/// `GET /files/{id}/manifest?version=&since=&of=`: 200 with
/// [`FileManifest`](protocol::files::FileManifest), see [`files::manifest`]. With
/// `since`, which is a version of this file or of the one that `of` names, 200 with
/// [`ManifestSince`](protocol::files::ManifestSince), see [`files::manifest_since`].
pub async fn manifest(call: &mut Call<impl Runtime>, id: ItemId) -> Result<Response, Failure> {
    let of = call.item("of")?.unwrap_or(id);
    let who = auth::let_in(call, Use::Since(id, of)).await?;
    let (asked, since) = (call.number("version")?, call.number("since")?);
    let (db, space, reach) = (call.space_of(who.space())?, who.space(), who.reach());
    match since {
        Some(version) => {
            let since = Base { item: of, version };
            let list = files::manifest_since(&db, space, &reach, id, asked, since).await?;
            answer::json_to_keep(call, &list)
        }
        None => {
            let list = files::manifest(&db, space, &reach, id, asked).await?;
            answer::json_to_keep(call, &list)
        }
    }
}
