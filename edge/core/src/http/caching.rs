//! What browsers may keep of answers.

/// May be kept by the browser that was allowed to see it, and is asked for again before
/// it is used, even where it never changes: whoever sits at that browser next gets it
/// only if the server lets them have it.
pub(super) const TO_BE_ASKED_AGAIN: &str = "private, no-cache";

/// Lets a browser forget all that it keeps of this server's answers: name and value of
/// a header.
pub(super) const FORGET_ANSWERS: (&str, &str) = ("clear-site-data", "\"cache\"");
