//! Zips as the block worker writes them.
//!
//! | file | does |
//! | --- | --- |
//! | [`work`] | the steps that the page asks for |
//! | [`writer`] | the format itself |
//! | [`manifest`] | what an export says of itself |

pub mod manifest;
pub mod work;
pub mod writer;
