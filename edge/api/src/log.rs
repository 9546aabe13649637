//! What an operator is told beyond the answers. Outside of the Workers runtime
//! nobody listens.

use std::fmt::Display;

/// Something went wrong that no answer speaks of.
pub fn fault(what: impl Display) {
    #[cfg(target_arch = "wasm32")]
    worker::console_error!("{what}");
    #[cfg(not(target_arch = "wasm32"))]
    let _ = what;
}
