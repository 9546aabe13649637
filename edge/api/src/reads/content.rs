//! Stored bytes: a file's content, a conflict's, a block. Found by the
//! database, opened in the packs.

use super::{conflicts, files, items};
use crate::error::Failure;
use crate::ports::{Database, DbError, Packs, Statement};
use crate::range::Span;
use crate::store::extents::Extent;
use crate::store::places::{Part, Place, Run, pack_key, runs_of};
use crate::store::rows::ListRow;
use crate::store::sql;
use shared::frame;
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
/// 404 `no_such_block`: this space has none, whoever else has it, or has lost it.
pub async fn of_block(
    db: &impl Database,
    space: SpaceId,
    hash: BlockHash,
) -> Result<Stored, Failure> {
    let read = Statement::new(sql::blocks::BLOCK).id(space).id(hash);
    let list: Option<ListRow> = db.run(read.clone()).await?.first()?;
    let places: Vec<Place> = list.ok_or(Problem::NoSuchBlock)?.read()?;
    let place = places.first().filter(|place| !place.is_damaged);
    let place = place.ok_or(Problem::NoSuchBlock)?;
    Ok(Stored {
        size: place.length,
        name: None,
        places: read,
    })
}

/// Where a part of stored bytes is, as few runs as possible.
///
/// # Errors
/// The database does not answer, or a block is known to be damaged: wrong bytes
/// are never sent knowingly.
pub async fn runs(db: &impl Database, stored: &Stored, span: Span) -> Result<Vec<Run>, Failure> {
    let list: Option<ListRow> = db.run(stored.places.clone()).await?.first()?;
    let places: Vec<Place> = list.map(|row| row.read()).transpose()?.unwrap_or_default();
    if places.iter().any(|place| place.is_damaged) {
        return Err(DbError::Fault("a block of this content is damaged".into()).into());
    }
    let length = places
        .iter()
        .fold(0, |sum: u64, place| sum.saturating_add(place.length));
    if length != stored.size {
        // Deleted for good since it was found: rows of its list are gone.
        return Err(Problem::NoSuchItem.into());
    }
    Ok(runs_of(&places, span))
}

/// A run that was opened.
pub enum Opened<B> {
    /// Bytes to be sent as they are.
    Plain(B),
    Lz4(Lz4Blocks),
}

/// LZ4 blocks in memory. Each iteration decodes one, so that only one is there
/// in plain at a time.
pub struct Lz4Blocks {
    stored: Vec<u8>,
    at: usize,
    parts: std::vec::IntoIter<Part>,
}

impl Iterator for Lz4Blocks {
    type Item = Result<Vec<u8>, Failure>;

    fn next(&mut self) -> Option<Self::Item> {
        let part = self.parts.next()?;
        let rest = self.stored.get(self.at..).unwrap_or_default();
        let length = usize::try_from(part.stored_length).unwrap_or(usize::MAX);
        self.at = self.at.saturating_add(length);
        let wanted = rest.get(..length).and_then(|payload| {
            let mut plain = frame::read_lz4(payload).ok()?;
            plain.truncate(usize::try_from(part.span.end).ok()?);
            let start = usize::try_from(part.span.start).ok()?;
            (start <= plain.len()).then(|| plain.split_off(start))
        });
        let wanted = wanted.filter(|bytes| bytes.len() as u64 == part.span.length());
        Some(wanted.ok_or_else(|| DbError::Fault("a stored LZ4 block is damaged".into()).into()))
    }
}

/// Opens one run.
///
/// # Errors
/// Its pack is gone, or can't be reached.
pub async fn open_run<P: Packs>(
    packs: &P,
    space: SpaceId,
    run: Run,
) -> Result<Opened<P::Body>, Failure> {
    match run {
        Run::Plain(Extent {
            pack,
            offset,
            length,
        }) => {
            let key = pack_key(space, pack);
            let body = packs.open(&key, offset, length).await?;
            Ok(Opened::Plain(body.ok_or_else(|| lost(&key))?))
        }
        Run::Lz4 { extent, parts } => {
            let key = pack_key(space, extent.pack);
            let stored = packs.read(&key, extent.offset, extent.length).await?;
            Ok(Opened::Lz4(Lz4Blocks {
                stored: stored.ok_or_else(|| lost(&key))?,
                at: 0,
                parts: parts.into_iter(),
            }))
        }
    }
}

/// A pack that is not what its rows say.
pub fn lost(key: &str) -> DbError {
    DbError::Fault(format!("pack {key} is lost or shorter than recorded"))
}
