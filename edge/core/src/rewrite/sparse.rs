//! Which packs are written anew, and which objects nobody knows.

use super::{MOST_PER_NEEDED, RewriteBounds};
use crate::collect::progress::Position;
use crate::error::Failure;
use crate::ports::{Database, ObjectListing, Packs, Statement};
use crate::query;
use crate::store::packs::{pack_key, pack_of_key};
use crate::store::sql::{rewriting, scrub};
use protocol::ids::{PackId, SpaceId, UnixMillis};
use protocol::limits::BLOCK_GRACE_MILLIS;
use serde::Deserialize;
use std::collections::HashMap;

/// A pack of which little is stored by what its rows tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sparse {
    /// Whose it is.
    pub space: SpaceId,
    /// Its id.
    pub pack: PackId,
    /// The bytes of its object.
    pub size: u64,
}

impl Sparse {
    /// Where the next look goes on behind it.
    pub fn position(&self) -> Position {
        Position {
            space: self.space.to_string(),
            key: self.pack.to_string(),
        }
    }
}

/// Whether an object of so many bytes is to be written anew, of which rows tell so many.
pub fn is_sparse(size: u64, stored: u64) -> bool {
    let (most, needed) = MOST_PER_NEEDED;
    stored > 0 && size.saturating_mul(needed) > stored.saturating_mul(most)
}

/// Some objects of the store, in the order of their keys.
#[derive(Debug)]
pub struct Page {
    /// Those that are to be written anew, in that order.
    pub sparse: Vec<Sparse>,
    /// How many objects were looked at.
    pub looked_at: u64,
    /// `None` if no object is left after these.
    pub next: Option<Position>,
    strays: Vec<(SpaceId, PackId)>,
}

#[derive(Deserialize)]
struct StoredRow {
    space: SpaceId,
    pack: PackId,
    blocks: u64,
    bytes: u64,
}

impl Page {
    /// Lists the objects after a position, and reads how much of each its rows take.
    /// Objects of the last day are left alone.
    ///
    /// # Errors
    /// The database or the pack store does not answer.
    pub async fn read(
        db: &impl Database,
        packs: &impl Packs,
        at: &Position,
        now: UnixMillis,
        bounds: &RewriteBounds,
    ) -> Result<Self, Failure> {
        let after = match at.space.is_empty() {
            true => String::new(),
            false => format!("{}/{}", at.space, at.key),
        };
        let ObjectListing { objects, has_more } =
            packs.list(&after, bounds.objects_per_page).await?;
        let end = objects.last().filter(|_| has_more);
        let mut next = end.map(|object| Position::of_key(&object.key));
        let last = next.clone().unwrap_or(Position::of_key(scrub::END_OF_KEYS));
        let stored = Statement::new(rewriting::STORED)
            .bind(at.space.as_str())
            .bind(at.key.as_str())
            .bind(last.space)
            .bind(last.key)
            .bind(bounds.rows_per_page);
        let stored = query::one(db, stored.readable::<StoredRow>(&["space", "pack"])).await?;
        let rows = stored
            .iter()
            .fold(0, |sum: u64, row| sum.saturating_add(row.blocks));
        // The rows of the last pack may go on after the last row that was read.
        let is_cut = rows >= bounds.rows_per_page;
        let last_whole = stored.iter().rev().nth(1).or(stored.last());
        let cut = last_whole.filter(|_| is_cut);
        let cut = cut.map(|row| pack_key(row.space, row.pack));
        if let Some(cut) = &cut {
            next = Some(Position::of_key(cut));
        }
        let is_whole = |key: &String| cut.as_ref().is_none_or(|cut| key <= cut);
        let whole: Vec<_> = objects.iter().filter(|one| is_whole(&one.key)).collect();
        let of: HashMap<(SpaceId, PackId), u64> = stored
            .iter()
            .map(|row| ((row.space, row.pack), row.bytes))
            .collect();
        let (mut sparse, mut strays) = (Vec::new(), Vec::new());
        let stored_before = now.saturating_sub(BLOCK_GRACE_MILLIS);
        for object in whole.iter().filter(|one| one.uploaded_at < stored_before) {
            let Some((space, pack)) = pack_of_key(&object.key) else {
                continue;
            };
            let size = object.size;
            match of.get(&(space, pack)) {
                Some(stored) if is_sparse(size, *stored) => {
                    sparse.push(Sparse { space, pack, size });
                }
                Some(_) => {}
                None => strays.push((space, pack)),
            }
        }
        Ok(Self {
            sparse,
            looked_at: whole.len() as u64,
            next,
            strays,
        })
    }

    /// Condemns the objects of which no row tells: they are left of an upload or a move
    /// that was cut off.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn condemn_strays(&self, db: &impl Database) -> Result<(), Failure> {
        if self.strays.is_empty() {
            return Ok(());
        }
        let strays = serde_json::to_string(&self.strays)?;
        let condemn = Statement::new(rewriting::CONDEMN_STRAYS).bind(strays);
        db.run(condemn).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pack_is_sparse_above_thirteen_tenths_of_what_is_stored() {
        assert!(!is_sparse(130, 100) && is_sparse(131, 100));
        // Of what has no block, nothing would be written.
        assert!(!is_sparse(131, 0));
        assert!(is_sparse(u64::MAX, 1) && !is_sparse(1, u64::MAX));
    }
}
