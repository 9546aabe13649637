//! What every live test starts from: a running server, and accounts on it that
//! no other test uses.

use crate::client::Client;
use crate::random;
use crate::sign_in;
use protocol::accounts::Session;

/// The password of every account that the tests make.
pub const PASSWORD: &str = "correct horse battery staple";

/// The server's origin.
pub fn url() -> String {
    setting("DRIFTLESS_URL")
}

/// What `npm test` says about the servers that it has started.
///
/// # Panics
/// If it is not said.
pub fn setting(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| {
        panic!(
            "{name} is not set: this test needs a running server. \
             `npm test -- --only live` starts what is needed; for most of the \
             tests a server of your own will do: DRIFTLESS_URL=http://127.0.0.1:8787"
        )
    })
}

/// A client that is not signed in.
pub fn anyone() -> Client {
    Client::new(&url())
}

/// A name that no account has.
pub fn user_name() -> String {
    format!(
        "test-{}",
        data_encoding::HEXLOWER.encode(&random::id_bytes()[..8])
    )
}

/// A person with an account and a first device.
pub struct Person {
    pub name: String,
    pub client: Client,
    pub session: Session,
}

/// Signs somebody up.
pub fn person() -> Person {
    person_at(&anyone())
}

/// Signs somebody up at another server than the usual one.
pub fn person_at(anyone: &Client) -> Person {
    let name = user_name();
    let device = sign_in::program("First device");
    let reply = sign_in::sign_up(anyone, &name, PASSWORD, device, &[]).expect("signed up");
    let (client, session) = sign_in::signed_in(anyone, reply).expect("a session");
    assert!(client.token.is_some(), "a program is given its token");
    Person {
        name,
        client,
        session,
    }
}

impl Person {
    /// One more device of this person, by an access token.
    pub fn second_device(&self, name: &str) -> Client {
        let token = self.client.new_access_token(name).expect("a token");
        self.client.with_token(Some(&token.token))
    }
}
