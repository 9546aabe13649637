//! Header names that only this API uses, and the cookie.

/// Must be on every state-changing request that the cookie authorizes: a form
/// or a link on another site can't set it. Its value is not looked at.
pub const CLIENT: &str = "x-driftless-client";

/// Whose page a request comes from, by the user's id. All tabs of a browser share one
/// cookie, which may belong to somebody else by the time a tab asks. With this header,
/// the server refuses such a request as
/// [`AnotherUser`](super::problem::Problem::AnotherUser). A request without the header
/// is that of its token's owner.
pub const USER: &str = "x-driftless-user";

/// What proves that a visitor has given a link's password: see
/// [`Pass`](super::links::Pass).
pub const LINK_PASS: &str = "x-driftless-link-pass";

/// What the server shows itself when it asks for a part of a download over a link, which
/// was counted by then.
pub const REST: &str = "x-driftless-rest";

/// How many seconds a poll may be held.
pub const TIMEOUT: &str = "timeout";

/// The cookie that holds a browser's token. The `__Host-` prefix ties it to
/// this very host, over HTTPS.
pub const SESSION_COOKIE: &str = "__Host-driftless";

/// The cookie by which a browser is known again when somebody signs in there,
/// also after signing out. It lets nobody in.
pub const PLACE_COOKIE: &str = "__Host-driftless-place";

/// The beginning of the cookie that holds the pass for one link. It is sent to the API
/// only.
pub const PASS_COOKIE: &str = "__Secure-driftless-link-";
