//! The end of an account. Its person ends it, and until it comes everything is as before,
//! so that whoever has something of theirs can copy what they need, and so that they can
//! keep it after all. Then it goes, with everything in it.
//!
//! - [`announced`]: the end is set or taken away, and everybody with access is told before
//!   the person is.
//! - [`removal`]: what is left of an account that has ended goes, step by step.
//! - [`due`]: the job that does the steps.
//! - [`deleted`]: access to single items ends, because they were deleted for good.
//!
//! **Two rows.** The space's row says when access to it ends, and the directory's row
//! from when on nobody comes in. No batch has both. The space's is written first, then
//! everybody is told, and the directory's is written last; it is taken away in the same
//! order. So nobody is shut out, and nothing goes, before the others were told. Where a
//! request broke off in between, the job finds two rows that do not say the same, and goes
//! on: what the space's row says holds. Nothing goes unless both rows say that the end has
//! come.

pub mod announced;
pub mod deleted;
pub mod due;
pub mod removal;
