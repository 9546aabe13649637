//! The client's part of OPAQUE, in a web worker that lives for one attempt, and the making of
//! recovery codes, whose hashes are not for the page's thread.
//!
//! The page asks in JSON text, one question after another, and the worker
//! answers each; the state between start and finish stays in the worker.

pub mod strength;
pub mod worker;

use blocks::hash::BlockHash;
use platform::failure::{Failure, refused};
use platform::worker::link::{Program, WorkerLink};
use protocol::ids::UserId;
use protocol::opaque::Message;
use protocol::problem::Problem;
use serde::{Deserialize, Serialize};
use strength::Weak;
use wasm_bindgen::JsValue;

const PROGRAM: Program = Program {
    loader: "/workers-0000000000000000/signer_loader.js",
    name: "the sign-in worker",
    number: "job",
};

/// What the page asks of the worker.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignRequest {
    StartSignUp {
        password: String,
        /// Of whom the password is new, so that it has to be a good one; `None`
        /// for one that is in use.
        new_for: Option<String>,
    },
    FinishSignUp {
        answer: Message,
    },
    StartSignIn {
        password: String,
    },
    FinishSignIn {
        answer: Message,
    },
    /// A set of recovery codes for whoever this is.
    MakeCodes {
        user: UserId,
    },
}

/// A set of recovery codes, before the server has its hashes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewCodes {
    /// As the person writes them down.
    pub codes: Vec<String>,
    /// Of each, what the server keeps.
    pub hashes: Vec<BlockHash>,
}

/// What the worker says.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignReply {
    /// It listens; what is sent earlier is lost.
    Ready,
    Message {
        message: Message,
    },
    /// [`NewCodes`] as JSON: what reads them is not needed to sign in.
    Codes {
        codes: String,
    },
    /// The password does not fit the server's answer.
    WrongPassword,
    /// A new password that is too easy to guess.
    Weak {
        why: Weak,
    },
    Failed {
        detail: String,
    },
}

/// A running sign-in worker; it ends when this is dropped.
pub struct Signer(WorkerLink);

impl Signer {
    /// Starts the worker.
    ///
    /// # Errors
    /// `Unreachable` where its script does not arrive.
    pub async fn launch() -> Result<Self, Failure> {
        WorkerLink::launch(PROGRAM).await.map(Self)
    }

    /// Asks and waits for the message to send to the server.
    ///
    /// # Errors
    /// `Refused(SignInRefused)` where the password is wrong, `Device` with the reason
    /// where a new one is too easy to guess.
    pub async fn ask(&mut self, ask: &SignRequest) -> Result<Message, Failure> {
        match self.reply(ask).await? {
            SignReply::Message { message } => Ok(message),
            SignReply::Codes { .. } => Err(refused("an answer to another question")),
            SignReply::WrongPassword => Err(Problem::SignInRefused.into()),
            SignReply::Weak { why } => Err(Failure::Device(why.to_string())),
            SignReply::Failed { detail } => Err(refused(detail)),
            SignReply::Ready => Err(refused("the sign-in worker restarted")),
        }
    }

    /// Asks for a set of recovery codes.
    ///
    /// # Errors
    /// The worker fails.
    pub async fn make_codes(&mut self, user: UserId) -> Result<NewCodes, Failure> {
        match self.reply(&SignRequest::MakeCodes { user }).await? {
            SignReply::Codes { codes } => {
                serde_json::from_str(&codes).map_err(|e| refused(e.to_string()))
            }
            _ => Err(refused("the sign-in worker has made no codes")),
        }
    }

    async fn reply(&mut self, ask: &SignRequest) -> Result<SignReply, Failure> {
        let text = serde_json::to_string(ask).map_err(|e| refused(e.to_string()))?;
        let said = self.0.ask_in_turn(&JsValue::from_str(&text)).await?;
        let say = said.as_string();
        let say = say.and_then(|text| serde_json::from_str(&text).ok());
        say.ok_or_else(|| refused("a torn message"))
    }
}
