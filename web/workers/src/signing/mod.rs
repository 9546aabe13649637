//! The client's part of OPAQUE, in a web worker that lives for one attempt.
//!
//! The page asks in JSON text, one question after another, and the worker
//! answers each; the state between start and finish stays in the worker.

pub mod strength;
pub mod worker;

use futures_channel::mpsc;
use futures_util::StreamExt;
use futures_util::future::{Either, select};
use platform::browser::{clock, js};
use platform::failure::{Failure, refused, thrown};
use protocol::opaque::Message;
use protocol::problem::Problem;
use serde::{Deserialize, Serialize};
use std::pin::pin;
use strength::Weak;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{MessageEvent, Worker};

/// Where Trunk puts the worker's loader.
const LOADER: &str = "/signer_loader.js";

/// How long the worker's script and module may take to arrive, in milliseconds.
const LAUNCH_MILLIS: u64 = 30_000;

/// What the page asks of the worker.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ask {
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
}

/// What the worker says.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Say {
    /// It listens; what is sent earlier is lost.
    Ready,
    Message {
        message: Message,
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
pub struct Signer {
    worker: Worker,
    said: mpsc::UnboundedReceiver<Result<Say, Failure>>,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_error: Closure<dyn FnMut(JsValue)>,
}

impl Signer {
    /// Starts the worker.
    ///
    /// # Errors
    /// `Unreachable` where its script does not arrive.
    pub async fn launch() -> Result<Self, Failure> {
        let worker = js::module_worker(LOADER).map_err(|e| thrown(&e))?;
        let (sender, said) = mpsc::unbounded();
        let on_message = {
            let sender = sender.clone();
            Closure::new(move |event: MessageEvent| {
                let say = event
                    .data()
                    .as_string()
                    .and_then(|text| serde_json::from_str(&text).ok())
                    .ok_or_else(|| refused("a torn message".to_owned()));
                let _ = sender.unbounded_send(say);
            })
        };
        let on_error = Closure::new(move |error: JsValue| {
            let text = format!("the sign-in worker failed: {}", js::error_text(&error));
            let _ = sender.unbounded_send(Err(refused(text)));
        });
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        let mut signer = Self {
            worker,
            said,
            _on_message: on_message,
            _on_error: on_error,
        };
        let deadline = pin!(clock::sleep(LAUNCH_MILLIS));
        let said = match select(pin!(signer.hear()), deadline).await {
            Either::Left((said, _)) => said,
            Either::Right(_) => Err(Failure::Unreachable),
        };
        match said {
            Ok(Say::Ready) => Ok(signer),
            // The browser does not tell why a script did not arrive.
            _ => Err(Failure::Unreachable),
        }
    }

    /// Asks and waits for the message to send to the server.
    ///
    /// # Errors
    /// `Refused(SignInRefused)` where the password is wrong, `Device` with the reason
    /// where a new one is too easy to guess.
    pub async fn ask(&mut self, ask: &Ask) -> Result<Message, Failure> {
        let text = serde_json::to_string(ask).map_err(|e| refused(e.to_string()))?;
        self.worker
            .post_message(&JsValue::from_str(&text))
            .map_err(|e| thrown(&e))?;
        match self.hear().await? {
            Say::Message { message } => Ok(message),
            Say::WrongPassword => Err(Problem::SignInRefused.into()),
            Say::Weak { why } => Err(Failure::Device(why.to_string())),
            Say::Failed { detail } => Err(refused(detail)),
            Say::Ready => Err(refused("the sign-in worker restarted".to_owned())),
        }
    }

    async fn hear(&mut self) -> Result<Say, Failure> {
        let ended = || refused("the sign-in worker ended".to_owned());
        self.said.next().await.ok_or_else(ended)?
    }
}

impl Drop for Signer {
    fn drop(&mut self) {
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
    }
}
