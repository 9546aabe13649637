//! Each module by itself, with a test in the place of the server, the clock and all else
//! that is outside.

mod batches;
mod bell;
mod downloads;
mod drafts;
mod fill;
mod frames;
mod gate;
mod gather;
mod home;
mod lists;
mod located;
mod lull;
mod past;
mod patience;
mod polls;
mod queue;
mod requests;
mod runner;
mod sender;
mod weight;
mod writes;
