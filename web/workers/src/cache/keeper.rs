//! The page's side of the block worker, which is started at its first use and
//! kept.

use client::bell::Bell;
use futures_util::future::{Either, select};
use js_sys::{Array, Uint8Array};
use platform::browser::{clock, js};
use platform::failure::{Failure, refused};
use platform::worker::link::{Launcher, Program, WorkerLink};
use std::cell::{Cell, RefCell};
use std::pin::pin;
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue};

const PROGRAM: Program = Program {
    loader: "/workers-0000000000000000/keeper_loader.js",
    name: "the block worker",
    number: "job",
};

/// A worker that has not answered for this long, in milliseconds, never will. A
/// question is about 16 MiB at most, which takes it less than a second.
const ANSWER_MILLIS: u64 = 120_000;

#[derive(Default)]
pub struct Keeper {
    launcher: Launcher,
    running: RefCell<Option<Rc<WorkerLink>>>,
    is_launching: Cell<bool>,
    launched: Bell,
}

impl Keeper {
    /// Asks, and waits for the answer; buffers in `lent` go to the worker.
    ///
    /// # Errors
    /// `Unreachable` where no worker's script arrives; `Device` where the worker
    /// breaks, hangs or says that it failed.
    pub async fn ask(
        &self,
        what: &str,
        fields: &[(&str, JsValue)],
        lent: &Array,
    ) -> Result<JsValue, Failure> {
        let running = self.running().await?;
        let mut job = running.begin(&[&[("ask", what.into())], fields].concat(), lent)?;
        let deadline = pin!(clock::sleep(ANSWER_MILLIS));
        let Either::Left((Ok(answer), _)) = select(pin!(job.next()), deadline).await else {
            // It broke or hangs, and with it whatever it was doing; the next
            // question has a new one.
            self.running
                .borrow_mut()
                .take_if(|ended| Rc::ptr_eq(ended, &running));
            return Err(refused("the block worker ended"));
        };
        match js::get_text(&answer, "failed") {
            Some(text) => Err(refused(text)),
            None => Ok(answer),
        }
    }

    async fn running(&self) -> Result<Rc<WorkerLink>, Failure> {
        loop {
            let running = self.running.borrow().clone();
            if let Some(running) = running.filter(|running| !running.is_broken()) {
                return Ok(running);
            }
            if !self.is_launching.get() {
                break;
            }
            self.launched.next().await;
        }
        // Everything goes on without it.
        if self.launcher.failed_just_now() {
            return Err(Failure::Unreachable);
        }
        // Also if the future is dropped.
        let _launching = Launching::begin(self);
        let running = Rc::new(self.launcher.launch(PROGRAM).await?);
        *self.running.borrow_mut() = Some(running.clone());
        Ok(running)
    }
}

/// While one starts the worker, the others wait.
struct Launching<'a>(&'a Keeper);

impl<'a> Launching<'a> {
    fn begin(keeper: &'a Keeper) -> Self {
        keeper.is_launching.set(true);
        Self(keeper)
    }
}

impl Drop for Launching<'_> {
    fn drop(&mut self) {
        self.0.is_launching.set(false);
        self.0.launched.ring();
    }
}

/// Packed bytes as a message has them.
pub fn list(packed: &[u8]) -> JsValue {
    Uint8Array::from(packed).into()
}

/// A packed list of an answer.
///
/// # Errors
/// `Device`: it is torn.
pub fn read<T>(
    answer: &JsValue,
    name: &str,
    unpack: impl FnOnce(&[u8]) -> Option<T>,
) -> Result<T, Failure> {
    let packed = js::get(answer, name).dyn_into::<Uint8Array>().ok();
    packed
        .and_then(|packed| unpack(&packed.to_vec()))
        .ok_or_else(|| refused("a torn answer of the block worker".to_owned()))
}
