//! What browsers may keep of the API's answers.

/// The browser that was allowed to see an answer may keep it, and asks the server again
/// before it uses it, even for bytes that never change. So whoever sits at that browser
/// next gets the answer only if the server lets them have it.
pub(super) const TO_BE_ASKED_AGAIN: &str = "private, no-cache";

/// The header that makes a browser forget all that it keeps of this server's answers:
/// name and value.
pub(super) const FORGET_ANSWERS: (&str, &str) = ("clear-site-data", "\"cache\"");
