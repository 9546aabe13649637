//! What the parts of a root have to tell whoever owns it.

use protocol::grants::Grants;
use protocol::ids::UnixMillis;

pub struct Upwards {
    /// The figure of the space's use is old.
    pub on_other_use: Box<dyn Fn()>,
    /// What this browser keeps is another user's by now.
    pub on_not_ours: Box<dyn Fn()>,
    /// Something is shared with the person, or not any more.
    pub on_shares: Box<dyn Fn()>,
    /// What is shared by now, and when the person's account ends: another tab has asked.
    pub on_access: Box<dyn Fn(Grants, Option<UnixMillis>)>,
    /// Something has happened here that may be somebody else's doing.
    pub on_news: Box<dyn Fn()>,
    /// Something has happened in what others share with the person.
    pub on_elsewhere: Box<dyn Fn()>,
    /// This root is not shared with the person any more.
    pub on_withdrawn: Box<dyn Fn()>,
    /// A tab is gone, and what it had not sent may be of roots that nobody works on.
    pub on_tab_gone: Box<dyn Fn()>,
}
