//! Stored bytes: a file's content, a conflict's, a block. Found by the
//! database, opened in the packs.

use super::{conflicts, files, items};
use crate::error::Failure;
use crate::ports::{Database, DbError, Packs, Statement};
use crate::range::Span;
use crate::store::places::{Place, pack_key, runs_of};
use crate::store::rows::ListRow;
use crate::store::sql;
use shared::hash::BlockHash;
use shared::ids::{ConflictId, ItemId, SpaceId, Version};
use shared::name::Name;
use shared::protocol::problem::Problem;

/// Bytes that are there and never change.
pub struct Stored {
    pub size: u64,
    /// What a person calls them; `None` for a block.
    pub name: Option<Name>,
    /// The read that answers their places; not made where no byte is sent.
    places: Statement,
}

/// The content of the version that is asked for, or of the head.
///
/// # Errors
/// 404 unknown, 409 a folder, 404 `no_such_version`.
pub async fn of_file(
    db: &impl Database,
    space: SpaceId,
    id: ItemId,
    asked: Option<Version>,
) -> Result<(Version, Stored), Failure> {
    let item = items::item(db, space, id).await?;
    let (version, size) = files::version(db, space, &item, asked).await?;
    let stored = Stored {
        size,
        name: Some(item.name),
        places: Statement::new(sql::content::PLACES)
            .id(space)
            .id(id)
            .bind(version),
    };
    Ok((version, stored))
}

/// What the side that came second wrote.
///
/// # Errors
/// 404 `no_such_conflict`.
pub async fn of_conflict(
    db: &impl Database,
    space: SpaceId,
    id: ConflictId,
) -> Result<Stored, Failure> {
    let row = conflicts::find(db, space, id).await?;
    let item = items::item(db, space, row.item).await?;
    Ok(Stored {
        size: row.size,
        name: Some(item.name),
        places: Statement::new(sql::conflicts::PLACES).id(space).id(id),
    })
}

/// # Errors
/// 404 `no_such_block`: this space has none, whoever else has it.
pub async fn of_block(
    db: &impl Database,
    space: SpaceId,
    hash: BlockHash,
) -> Result<Stored, Failure> {
    let read = Statement::new(sql::blocks::BLOCK).id(space).id(hash);
    let list: Option<ListRow> = db.run(read.clone()).await?.first()?;
    let places: Vec<Place> = list.ok_or(Problem::NoSuchBlock)?.read()?;
    let place = places.first().ok_or(Problem::NoSuchBlock)?;
    Ok(Stored {
        size: place.length,
        name: None,
        places: read,
    })
}

/// Where a part of stored bytes is, as few runs as possible.
///
/// # Errors
/// The database does not answer.
pub async fn runs(db: &impl Database, stored: &Stored, span: Span) -> Result<Vec<Place>, Failure> {
    let list: Option<ListRow> = db.run(stored.places.clone()).await?.first()?;
    let places: Vec<Place> = list.map(|row| row.read()).transpose()?.unwrap_or_default();
    Ok(runs_of(&places, span))
}

/// Opens one run.
///
/// # Errors
/// Its pack is gone, or can't be reached.
pub async fn open_run<P: Packs>(packs: &P, space: SpaceId, run: Place) -> Result<P::Body, Failure> {
    let key = pack_key(space, run.pack);
    let body = packs.open(&key, run.offset, run.length).await?;
    let lost = || DbError::Fault(format!("pack {key} is lost or shorter than recorded"));
    Ok(body.ok_or_else(lost)?)
}
