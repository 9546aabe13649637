//! An owner hands an item over, with all that is in it, to a person who has access to it, and
//! the person accepts. The item leaves one space for another: it counts against another quota,
//! its blocks are in packs of that space, and whoever else has access goes on having it.
//!
//! - [`fit`]: what it takes, and whether there is room.
//! - [`accept`]: the request of the person, which is repeated until all is done.
//! - [`hints`]: the directory's indexes learn where everything is now, at once or by the job.
//!
//! **Three steps**, each of which may break off and be repeated:
//!
//! 1. The blocks that the new space lacks are copied into packs of its own
//!    ([`copies`](crate::writes::blocks::copies)). A pack is never shared between two spaces,
//!    so that no collector, scrub or end of an account of one reaches the bytes of another.
//!    Until the next step nothing refers to the copies, and nobody sees them.
//! 2. One batch moves all rows ([`writes::handover`](crate::writes::handover)), and writes
//!    down that the directory is to be mended. A foreign key refuses it if a block is missing.
//! 3. The directory's indexes, in which no statement of that batch can write, are mended.
//!
//! The two spaces have to be in one database.

pub mod accept;
pub mod fit;
pub mod hints;
