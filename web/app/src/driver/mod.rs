//! The page around the client: who is signed in, what a person does, and what they are
//! shown. What goes on between the engine and the server is in [`client`].
//!
//! Each file is given what it needs when it is made, and uses files above it in this
//! table only. What it has to tell one further down goes by a callback.
//!
//! | file | does |
//! | --- | --- |
//! | [`store`] | the local database, and life without it |
//! | [`ports`] | the client's ports, in a browser |
//! | [`current`] | whom the page works for: their client, and the API in their name |
//! | [`show`] | what has changed, into the signals |
//! | [`notices`] | what the engine tells, in words |
//! | [`upwards`] | what parts of a root tell whoever owns it |
//! | [`promises`] | what was asked for, said to be done once it is |
//! | [`panel`] | the uploads, each to the end of its row |
//! | [`door`] | what is handed in, until the engine has it |
//! | [`downloads`] | a file on its way to the person |
//! | [`zips`] | several files or a folder, as one zip |
//! | [`merges`] | two versions of a text, with the merging worker |
//! | [`remains`] | whose it is what this browser keeps, and when it goes |
//! | [`heirs`] | taking over what a closed tab has not sent |
//! | [`tabs`] | which tab leads, and what tabs tell each other |
//! | [`openings`] | which files the person has open, and which others have |
//! | [`thumbnails`] | small pictures of files |
//! | [`listener`] | what the client tells, to all that it concerns |
//! | [`root`] | one tree with its engine: makes and owns most of the others |
//! | [`shares`] | what is shared with the person: its roots, and who has access to what |
//! | [`news`] | how much others did that the person has not seen |
//! | [`marks`] | what the person has starred, and searches that they have saved |
//! | [`offline`] | files that this device keeps for when there is no connection |
//! | [`session`] | from start to sign-out; makes and owns the roots |
//! | [`events`] | what the browser tells the page about itself |
//! | [`accounts`] | making an account, signing in, another password, recovery codes |
//! | [`acts`] | what a person does, as the engine takes it |
//! | [`undo`] | taking it back, and doing it again |
//! | [`copies`] | copies of files and of whole folders |
//! | [`purge`] | deleting for good |
//! | [`links`] | the links that the person made |
//! | [`visit`] | somebody who has a link |
//! | [`viewing`] | what a file says, for whoever looks at it |
//! | [`texts`] | a text that is edited in the page |
//! | [`transfer`] | a whole drive on its way out, and back in |

pub mod accounts;
pub mod acts;
pub mod copies;
pub mod current;
pub mod door;
pub mod downloads;
pub mod events;
pub mod heirs;
pub mod links;
mod listener;
pub mod marks;
pub mod merges;
pub mod news;
mod notices;
pub mod offline;
pub mod openings;
mod panel;
pub mod past;
pub mod ports;
pub mod promises;
pub mod purge;
mod remains;
pub mod root;
pub mod session;
pub mod shares;
mod show;
pub mod store;
mod tabs;
pub mod texts;
pub mod thumbnails;
pub mod transfer;
pub mod undo;
mod upwards;
pub mod viewing;
pub mod visit;
pub mod zips;
