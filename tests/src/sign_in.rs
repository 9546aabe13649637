//! The client's side of OPAQUE, step by step, so that a test can stop between
//! two steps and a benchmark can time the server's part alone.

use crate::client::{Client, Failure, Reply};
use crate::random::MachineRandom;
use opaque_ke::{
    ClientLogin, ClientLoginFinishParameters, ClientLoginStartResult, ClientRegistration,
    ClientRegistrationFinishParameters, CredentialResponse, RegistrationResponse,
};
use protocol::accounts::{
    Confirm, NewDevice, PasswordChanged, PasswordFinish, PasswordStart, Session, SignInFinish,
    SignInStart, SignInStarted, SignUpFinish, SignUpStart, SignUpStarted,
};
use protocol::devices::DeviceKind;
use protocol::ids::DeviceId;
use protocol::opaque::{Message, Suite};
use protocol::paths;

/// What a test calls its device.
pub fn new_device(name: &str, kind: DeviceKind, id: Option<DeviceId>) -> NewDevice {
    NewDevice {
        name: name.to_owned(),
        kind,
        id,
    }
}

/// A device that holds a token.
pub fn program(name: &str) -> NewDevice {
    new_device(name, DeviceKind::Program, None)
}

/// A password on its way to the server, between the two requests.
pub struct Registering {
    state: ClientRegistration<Suite>,
    password: String,
}

impl Registering {
    /// Begins, with the message of the first request.
    pub fn new(password: &str) -> (Self, Message) {
        let started = ClientRegistration::<Suite>::start(&mut MachineRandom, password.as_bytes());
        let started = started.expect("a registration starts");
        let registering = Self {
            state: started.state,
            password: password.to_owned(),
        };
        (registering, Message(started.message.serialize().to_vec()))
    }

    /// The message of the second request.
    pub fn finish(self, started: &SignUpStarted) -> Message {
        let response = RegistrationResponse::deserialize(&started.message.0)
            .expect("the server's message can be read");
        let done = self.state.finish(
            &mut MachineRandom,
            self.password.as_bytes(),
            response,
            ClientRegistrationFinishParameters::default(),
        );
        let done = done.expect("the registration finishes");
        Message(done.message.serialize().to_vec())
    }
}

/// Both requests of a sign-up; the answer to the second one as it came.
pub fn sign_up(
    client: &Client,
    user_name: &str,
    password: &str,
    device: NewDevice,
    headers: &[(&str, &str)],
) -> Result<Reply, Failure> {
    let (registering, message) = Registering::new(password);
    let start = SignUpStart {
        user_name: user_name.to_owned(),
        message,
        invite: None,
    };
    let answer: SignUpStarted = send(client, paths::SIGN_UP_START, &start, headers)?.json()?;
    let message = registering.finish(&answer);
    let finish = SignUpFinish {
        user_name: user_name.to_owned(),
        message,
        registration: answer.registration,
        device,
        invite: None,
    };
    send(client, paths::SIGN_UP_FINISH, &finish, headers)?.success()
}

/// The password again, on a device that is signed in.
pub fn confirm(client: &Client, user_name: &str, password: &str) -> Result<Reply, Failure> {
    let finish = start(client, user_name, password)?
        .finish(password, program("x"))
        .expect("the password is right");
    let confirm = Confirm {
        attempt: finish.attempt,
        message: finish.message,
    };
    send(client, paths::CONFIRM, &confirm, &[])?.success()
}

/// Both requests of a change of password.
pub fn change_password(
    client: &Client,
    password: &str,
    keep: Vec<DeviceId>,
) -> Result<PasswordChanged, Failure> {
    let (registering, message) = Registering::new(password);
    let start = PasswordStart { message };
    let answer: SignUpStarted = send(client, paths::PASSWORD_START, &start, &[])?
        .success()?
        .json()?;
    let message = registering.finish(&answer);
    let finish = PasswordFinish {
        message,
        registration: answer.registration.expect("a registration has a name"),
        keep,
        keep_all: false,
    };
    send(client, paths::PASSWORD_FINISH, &finish, &[])?
        .success()?
        .json()
}

/// A sign-in between its two requests.
pub struct Attempt {
    prepared: Prepared,
    /// The server's first answer, as it came.
    pub reply: Reply,
    pub started: SignInStarted,
}

/// A sign-in before its first request.
pub struct Prepared {
    state: ClientLogin<Suite>,
    pub message: Message,
}

/// Makes the first message, without sending it.
pub fn prepare(password: &str) -> Prepared {
    let ClientLoginStartResult { message, state } =
        ClientLogin::<Suite>::start(&mut MachineRandom, password.as_bytes())
            .expect("a sign-in starts");
    Prepared {
        state,
        message: Message(message.serialize().to_vec()),
    }
}

impl Prepared {
    /// Sends the first request.
    pub fn send(self, client: &Client, user_name: &str) -> Result<Attempt, Failure> {
        let start = SignInStart {
            user_name: user_name.to_owned(),
            message: self.message.clone(),
        };
        let reply = send(client, paths::SIGN_IN_START, &start, &[])?.success()?;
        Ok(Attempt {
            prepared: self,
            started: reply.clone().json()?,
            reply,
        })
    }

    /// The message of the second request, if the password opens the server's answer.
    pub fn proof(self, password: &str, started: &SignInStarted) -> Option<Message> {
        let response = CredentialResponse::deserialize(&started.message.0)
            .expect("the server's message can be read");
        let done = self.state.finish(
            &mut MachineRandom,
            password.as_bytes(),
            response,
            ClientLoginFinishParameters::default(),
        );
        Some(Message(done.ok()?.message.serialize().to_vec()))
    }
}

/// Prepares and sends the first request.
pub fn start(client: &Client, user_name: &str, password: &str) -> Result<Attempt, Failure> {
    prepare(password).send(client, user_name)
}

impl Attempt {
    /// The second request, if the password opens the server's answer.
    pub fn finish(self, password: &str, device: NewDevice) -> Option<SignInFinish> {
        let message = self.prepared.proof(password, &self.started)?;
        Some(SignInFinish {
            attempt: self.started.attempt,
            message,
            device,
            replaces: None,
        })
    }

    /// What somebody sends who can't open the server's answer and tries anyway:
    /// a message of the right length.
    pub fn guess(self, device: NewDevice) -> SignInFinish {
        SignInFinish {
            attempt: self.started.attempt,
            // An HMAC-SHA-512.
            message: Message(crate::random::unseen_bytes(64)),
            device,
            replaces: None,
        }
    }
}

/// Both requests of a sign-in with the right password.
pub fn sign_in(
    client: &Client,
    user_name: &str,
    password: &str,
    device: NewDevice,
    headers: &[(&str, &str)],
) -> Result<Reply, Failure> {
    let finish = start(client, user_name, password)?
        .finish(password, device)
        .expect("the password is right");
    send(client, paths::SIGN_IN_FINISH, &finish, headers)?.success()
}

/// A client with the token of the session that was answered.
pub fn signed_in(client: &Client, reply: Reply) -> Result<(Client, Session), Failure> {
    let session: Session = reply.json()?;
    Ok((client.with_token(session.token.as_deref()), session))
}

fn send(
    client: &Client,
    path: &str,
    body: &impl serde::Serialize,
    headers: &[(&str, &str)],
) -> Result<Reply, Failure> {
    let json = serde_json::to_vec(body).expect("JSON");
    let mut all = vec![("content-type", "application/json")];
    all.extend_from_slice(headers);
    client.send("POST", path, &all, Some(&json))
}
