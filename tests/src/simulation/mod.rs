//! A whole drive in one thread: tabs with the real client, the real server logic
//! on SQLite, the real table of parked polls, and a network, a queue and people
//! that are chance from a seed. The same seed is the same run, to the last step.
//!
//! | file | does |
//! | --- | --- |
//! | [`world`] | time and events: one step is one event |
//! | [`tab`], [`device`] | a client in its program; what the tabs of one browser have in common |
//! | [`storage`] | a local database, and what each tab keeps in it |
//! | [`driver`] | a client at work: what it is handed, and what it wishes for |
//! | [`ports`] | the client's ports, in memory |
//! | [`tabs`] | tabs open and close, lead, follow and inherit |
//! | [`people`], [`intakes`] | what persons do, and hand in |
//! | [`at_hand`], [`contents`] | what is in front of them; names and bytes by chance |
//! | [`society`], [`sharing`] | the people of a drive; what they share, and follow of each other's |
//! | [`withdrawal`] | what a page does when something is not shared any more |
//! | [`nosy`] | requests of persons who want to know more than they may |
//! | [`call`], [`network`] | requests and answers; their way |
//! | [`under_way`], [`jobs`], [`wire`] | requests at the server, a batch at a time |
//! | [`door`] | the same by way of the router and the handlers, in a drive of several people |
//! | [`hub`], [`polls`] | the queue, and polls that wait |
//! | [`background`] | what is at work beside the requests |
//! | [`collecting`] | the collector |
//! | [`thinning`] | the job that thins versions, and what it may take |
//! | [`returner`] | somebody who goes back to an earlier moment, and the moments |
//! | [`returning`] | that they do, and what it may change |
//! | [`rewriting`] | the job that writes packs anew, and how much is stored |
//! | [`looked_up`] | where blocks were a moment ago |
//! | [`mishaps`], [`faults`] | what goes wrong |
//! | [`oracle`], [`database`] | what must hold, after each step and at the end |
//! | [`sight`], [`watch`] | who may see what at a moment; whether nobody was told more |
//! | [`run`], [`settle`], [`shrink`] | one seed from start to end; how it ends; what is left of it when it fails |
//! | [`bugs`] | whether deliberate bugs are caught |
//! | [`rng`], [`trace`] | chance; what happened, as a number |

pub mod at_hand;
pub mod background;
pub mod bugs;
pub mod call;
pub mod collecting;
pub mod contents;
pub mod database;
pub mod device;
pub mod door;
pub mod driver;
pub mod faults;
pub mod hub;
pub mod intakes;
pub mod jobs;
pub mod looked_up;
pub mod mishaps;
pub mod network;
pub mod nosy;
pub mod oracle;
pub mod people;
pub mod polls;
pub mod ports;
pub mod returner;
pub mod returning;
pub mod rewriting;
pub mod rng;
pub mod run;
pub mod settle;
pub mod sharing;
pub mod shrink;
pub mod sight;
pub mod society;
pub mod storage;
pub mod tab;
pub mod tabs;
pub mod thinning;
pub mod trace;
pub mod under_way;
pub mod watch;
pub mod wire;
pub mod withdrawal;
pub mod world;
