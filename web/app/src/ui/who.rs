//! Who changed something, as the person reads it: themselves by their device where that is
//! another one, and others by their names. Two browsers of one kind are told apart.

use crate::state::Drive;
use crate::state::session::SessionState;
use crate::words::{say, t};
use leptos::prelude::*;
use protocol::ids::DeviceId;
use protocol::items::Committed;

/// Who reads it, and where.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Who {
    /// Nobody, for whoever came by a link.
    user: String,
    device: Option<(DeviceId, String)>,
}

impl Who {
    /// Follows who is signed in.
    pub fn reads(drive: Drive) -> Self {
        drive.session.with(|session| match session {
            SessionState::SignedIn(session) => Self {
                user: session.user.name.clone(),
                device: Some((session.device.id, session.device.name.clone())),
            },
            _ => Self::default(),
        })
    }

    /// In a column: "You", "You, Firefox on Linux", "ann".
    pub fn changed(&self, by: &Committed) -> String {
        let device = &by.device_name;
        if is_visitor(by) {
            by_link(by)
        } else if !self.is_own(by) {
            by.user_name.clone()
        } else {
            match self.which(by.device_id, device) {
                Which::Here => t("You").to_owned(),
                Which::Another => say!("You, another {device}", device),
                Which::Named => say!("You, {device}", device),
            }
        }
    }

    /// Where there is room: "You, on this device", "ann, on Chrome on Linux".
    pub fn whole(&self, by: &Committed) -> String {
        if is_visitor(by) {
            return by_link(by);
        }
        let (person, device) = (&by.user_name, &by.device_name);
        match (self.is_own(by), self.which(by.device_id, device)) {
            (true, Which::Here) => t("You, on this device").to_owned(),
            (true, Which::Another) => say!("You, on another {device}", device),
            (true, Which::Named) => say!("You, on {device}", device),
            (false, Which::Here) => say!("{person}, on this device", person),
            (false, Which::Another) => say!("{person}, on another {device}", person, device),
            (false, Which::Named) => say!("{person}, on {device}", person, device),
        }
    }

    /// A device: "this device", "another Chrome on Linux".
    pub fn device(&self, id: DeviceId, name: &str) -> String {
        match self.which(id, name) {
            Which::Here => t("this device").to_owned(),
            Which::Another => say!("another {device}", device = name),
            Which::Named => name.to_owned(),
        }
    }

    fn which(&self, id: DeviceId, name: &str) -> Which {
        match &self.device {
            Some((here, _)) if *here == id => Which::Here,
            Some((_, like)) if like == name => Which::Another,
            _ => Which::Named,
        }
    }

    fn is_own(&self, by: &Committed) -> bool {
        !self.user.is_empty() && self.user == by.user_name && !is_visitor(by)
    }
}

/// Which device something was done on.
enum Which {
    /// The one that it is read on.
    Here,
    /// Another one that is called the same.
    Another,
    /// One whose name says which it is.
    Named,
}

fn by_link(by: &Committed) -> String {
    say!(
        "{person}, by {link}",
        person = by.user_name,
        link = by.device_name
    )
}

/// Whoever came by a link has no device of their own; the link is named in its place.
fn is_visitor(by: &Committed) -> bool {
    by.device_id == DeviceId::from_random([0; 16])
}

#[cfg(test)]
mod tests {
    use super::{Committed, DeviceId, Who};

    fn by(user: &str, device: u8, name: &str) -> Committed {
        Committed {
            user_name: user.to_owned(),
            device_id: DeviceId::from_random([device; 16]),
            device_name: name.to_owned(),
            at_ms: 0,
        }
    }

    #[test]
    fn each_is_called_by_what_tells_them_apart() {
        let who = Who {
            user: "ann".to_owned(),
            device: Some((DeviceId::from_random([1; 16]), "Chrome on Linux".to_owned())),
        };
        let cases = [
            (
                by("ann", 1, "Chrome on Linux"),
                "You",
                "You, on this device",
            ),
            (
                by("ann", 2, "Chrome on Linux"),
                "You, another Chrome on Linux",
                "You, on another Chrome on Linux",
            ),
            (by("ann", 3, "backup"), "You, backup", "You, on backup"),
            (
                by("bob", 4, "Safari on iPad"),
                "bob",
                "bob, on Safari on iPad",
            ),
            (
                by("Somebody", 0, "the link “press”"),
                "Somebody, by the link “press”",
                "Somebody, by the link “press”",
            ),
        ];
        for (by, short, long) in cases {
            assert_eq!(
                (who.changed(&by), who.whole(&by)),
                (short.to_owned(), long.to_owned())
            );
        }
        // Whoever came by a link is nobody, and no name is theirs.
        let nobody = Who::default();
        assert_eq!(nobody.changed(&by("ann", 1, "Chrome on Linux")), "ann");
        assert_eq!(nobody.changed(&by("", 1, "Chrome on Linux")), "");
    }
}
