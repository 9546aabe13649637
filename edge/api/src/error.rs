//! What the platform refuses, as the rest of the server has it.

use driftless_core::error::Failure;

/// A fault that the client is told nothing of.
pub fn platform(error: worker::Error) -> Failure {
    Failure::Platform(error.to_string())
}
