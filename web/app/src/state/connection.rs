//! Whether changes of other devices arrive.

/// As shown in the header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Connection {
    /// The first pull is under way.
    Connecting,
    /// A poll is held by the server, or another tab's is.
    Live,
    /// The last request failed; the next try comes by itself.
    Reconnecting,
    /// The browser says that there is no network.
    Offline,
}

impl Connection {
    /// Whether the server is known to be out of reach.
    pub fn is_cut(self) -> bool {
        matches!(self, Self::Reconnecting | Self::Offline)
    }
}
