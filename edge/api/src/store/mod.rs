//! D1 and R2 behind the ports, and bytes on their way from and to them.

pub mod d1;
pub mod own_requests;
pub mod r2;
pub mod streams;
