//! Stored bytes: the content of a file or a conflict, or a block. The database finds
//! them, and the packs are opened for them.

use super::files::KnownVersion;
use super::{conflicts, files, items};
use crate::access::reach::Reach;
use crate::error::Failure;
use crate::memory::PIECE_BYTES;
use crate::memory::{self, Hold};
use crate::ports::{Database, DbError, Packs, Statement};
use crate::query;
use crate::range::Span;
use crate::store::extents::{Extent, ExtentBytes, read};
use crate::store::packs::pack_key;
use crate::store::places::{BlockPlace, BlockSpan, GatheredBlocks, Run, runs_of};
use crate::store::sql;
use blocks::frame::{self, Codec};
use blocks::hash::BlockHash;
use protocol::day::day;
use protocol::ids::{ConflictId, ItemId, SpaceId, UnixMillis, Version};
use protocol::name::Name;
use protocol::problem::Problem;

/// Bytes that are there and never change.
pub struct Stored {
    /// Bytes of the content.
    pub size: u64,
    /// The name under which they are saved; `None` for a block.
    pub name: Option<Name>,
    /// When the server took them; `None` for a block.
    pub at: Option<UnixMillis>,
    /// What is told if they are gone once it is known where they are.
    gone: Problem,
    /// The statement that answers where they are; it is not run if no byte is sent.
    places: Statement,
}

/// The content of the version that is asked for, or of the head.
///
/// # Errors
/// 404 unknown, 409 a folder, 404 `no_such_version`.
pub async fn of_file(
    db: &impl Database,
    space: SpaceId,
    reach: &Reach,
    id: ItemId,
    asked: Option<Version>,
) -> Result<(Version, Stored), Failure> {
    let item = items::item(db, space, reach, id).await?;
    let known = files::version(db, space, reach, &item, asked).await?;
    let KnownVersion { version, size, at } = known;
    let stored = Stored {
        size,
        gone: files::gone(&item, version),
        name: Some(item.name),
        at: Some(at),
        places: Statement::new(sql::content::PLACES)
            .id(space)
            .id(id)
            .bind(version),
    };
    Ok((version, stored))
}

/// What the side that came second wrote. It is named as a conflicted copy, because the
/// file's own name belongs to the side that came first.
///
/// # Errors
/// 404 `no_such_conflict`.
pub async fn of_conflict(
    db: &impl Database,
    space: SpaceId,
    reach: &Reach,
    id: ConflictId,
) -> Result<Stored, Failure> {
    let row = conflicts::find(db, space, id).await?;
    let item = items::item(db, space, reach, row.item).await?;
    let size = match row.is_damaged {
        false => row.size,
        true => conflicts::manifest(db, space, id).await?.size,
    };
    let (device, date) = (&row.device_name, day(row.at));
    Ok(Stored {
        size,
        name: Some(item.name.conflicted_copy(device, &date, 1)),
        at: Some(row.at),
        gone: Problem::NoSuchItem,
        places: Statement::new(sql::conflicts::PLACES).id(space).id(id),
    })
}

/// # Errors
/// 404 `no_such_block`: this space does not have the block, even if another one does,
/// or it is damaged.
pub async fn of_block(
    db: &impl Database,
    space: SpaceId,
    hash: BlockHash,
) -> Result<Stored, Failure> {
    let read = Statement::new(sql::blocks::BLOCK).id(space).id(hash);
    let places = query::one(db, read.clone().list::<BlockPlace>()).await?;
    let places = places.ok_or(Problem::NoSuchBlock)?;
    let place = places.first().filter(|place| !place.is_damaged);
    let place = place.ok_or(Problem::NoSuchBlock)?;
    Ok(Stored {
        size: place.length,
        name: None,
        at: None,
        gone: Problem::NoSuchItem,
        places: read,
    })
}

/// Finds out from where to read a part of stored bytes with few calls. If these are
/// more than a request may make, [`requests_of`](crate::store::places::requests_of)
/// splits the part.
///
/// # Errors
/// The database does not answer, or a block is known to be damaged: wrong bytes are
/// never sent knowingly. 404: the content was deleted for good or thinned meanwhile.
pub async fn runs(db: &impl Database, stored: &Stored, span: Span) -> Result<Vec<Run>, Failure> {
    let places = stored.places.clone().list().or_default();
    let places: Vec<BlockPlace> = query::one(db, places).await?;
    if places.iter().any(|place| place.is_damaged) {
        return Err(DbError::Fault("a block of this content is damaged".into()).into());
    }
    let length = places
        .iter()
        .fold(0, |sum: u64, place| sum.saturating_add(place.length));
    if length != stored.size {
        // It was deleted for good or thinned since it was found, so rows of its list are gone.
        return Err(stored.gone.clone().into());
    }
    Ok(runs_of(&places, span))
}

/// A run that was opened.
pub enum Opened<B> {
    /// Bytes that are sent as they are stored.
    Plain(B),
    /// Blocks in memory that are sent part by part.
    Gathered(GatheredParts),
}

/// Blocks in memory, as they are stored. Each iteration makes a piece of one block, so
/// that only one block is decoded at a time. A block that comes several times in a row
/// is decoded once.
pub struct GatheredParts {
    stored: ExtentBytes,
    parts: std::vec::IntoIter<BlockSpan>,
    /// What is left of the part that was begun.
    begun: Option<BlockSpan>,
    plain: Option<(Extent, Vec<u8>)>,
    /// Holds memory for the largest of the blocks that are decoded.
    _decoded: Hold,
}

impl Iterator for GatheredParts {
    type Item = Result<Vec<u8>, Failure>;

    fn next(&mut self) -> Option<Self::Item> {
        let part = self.begun.take().or_else(|| self.parts.next())?;
        let most = part.span.start.saturating_add(PIECE_BYTES as u64);
        let end = part.span.end.min(most);
        let piece = self.bytes(&part, part.span.start, end);
        if end < part.span.end {
            let mut rest = part;
            rest.span.start = end;
            self.begun = Some(rest);
        }
        let damaged = || DbError::Fault("a stored block is damaged".into()).into();
        Some(piece.ok_or_else(damaged))
    }
}

impl GatheredParts {
    /// # Errors
    /// 503 `hands_full`: there is no memory to decode its blocks now.
    fn of(stored: ExtentBytes, parts: Vec<BlockSpan>) -> Result<Self, Failure> {
        let compressed = parts.iter().filter(|part| part.codec == Codec::Lz4);
        let lengths = compressed.map(|part| stored.of(&part.stored).map_or(0, frame::lz4_length));
        let decoded = memory::hold(lengths.max().unwrap_or(0))?;
        Ok(Self {
            stored,
            parts: parts.into_iter(),
            begun: None,
            plain: None,
            _decoded: decoded,
        })
    }

    /// Some plain bytes of a block.
    fn bytes(&mut self, part: &BlockSpan, start: u64, end: u64) -> Option<Vec<u8>> {
        let range = usize::try_from(start).ok()?..usize::try_from(end).ok()?;
        let payload = self.stored.of(&part.stored)?;
        match part.codec {
            Codec::Plain => return payload.get(range).map(<[u8]>::to_vec),
            Codec::Patch => return None,
            Codec::Lz4 => {}
        }
        let is_known = matches!(&self.plain, Some((extent, _)) if *extent == part.stored);
        if !is_known {
            // The last block is dropped before the next one is decoded.
            self.plain = None;
            self.plain = Some((part.stored, frame::read_lz4(payload).ok()?));
        }
        let (_, plain) = self.plain.as_ref()?;
        plain.get(range).map(<[u8]>::to_vec)
    }
}

/// Opens one run.
///
/// # Errors
/// A pack of the run is gone or can't be reached. 503 `hands_full`.
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
        Run::Gathered(GatheredBlocks { extents, parts }) => {
            let stored = read(packs, space, &extents).await?;
            Ok(Opened::Gathered(GatheredParts::of(stored, parts)?))
        }
    }
}

/// The fault of a pack that does not have what its rows say.
pub fn lost(key: &str) -> DbError {
    DbError::Fault(format!("pack {key} is lost or shorter than recorded"))
}
