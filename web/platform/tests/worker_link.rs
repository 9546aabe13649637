//! The link to a worker, with workers of a few lines: each answer comes to its own
//! job, and a worker that breaks or never starts is an error and no endless wait.

use futures_util::future::join;
use js_sys::{Array, Uint8Array};
use platform::browser::js;
use platform::failure::{Failure, refused};
use platform::worker::link::{Launcher, Program, WorkerLink};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::{Blob, BlobPropertyBag, Url};

wasm_bindgen_test_configure!(run_in_browser);

/// A worker of this script.
fn program(script: &str) -> Program {
    let options = BlobPropertyBag::new();
    options.set_type("text/javascript");
    let parts = Array::of1(&JsValue::from_str(script));
    let blob = Blob::new_with_str_sequence_and_options(&parts, &options).unwrap();
    Program {
        loader: Url::create_object_url_with_blob(&blob).unwrap().leak(),
        name: "the test worker",
        number: "job",
    }
}

/// Answers with what it was asked: the later a question, the sooner.
const ECHO: &str = "
    onmessage = ({ data }) =>
      setTimeout(() => postMessage({ job: data.job, echo: data.text, bytes: data.bytes }), 60 / data.job);
    postMessage({ ready: true });";

#[wasm_bindgen_test]
async fn each_answer_comes_to_whoever_asked() {
    let link = WorkerLink::launch(program(ECHO)).await.unwrap();
    let ask = async |text: &str| {
        let fields = [("text", JsValue::from_str(text))];
        let answer = link.ask(&fields, &Array::new()).await.unwrap();
        js::get_text(&answer, "echo").unwrap()
    };
    assert_eq!(
        join(ask("one"), ask("two")).await,
        ("one".into(), "two".into())
    );
}

#[wasm_bindgen_test]
async fn a_buffer_goes_to_the_worker_and_is_no_copy() {
    let link = WorkerLink::launch(program(ECHO)).await.unwrap();
    let bytes = Uint8Array::from(&[1, 2, 3][..]);
    let fields = [("bytes", bytes.clone().into())];
    let answer = link.ask(&fields, &Array::of1(&bytes.buffer())).await;
    let back: Uint8Array = js::get(&answer.unwrap(), "bytes").unchecked_into();
    assert_eq!((bytes.length(), back.to_vec()), (0, vec![1, 2, 3]));
}

#[wasm_bindgen_test]
async fn a_job_hears_all_that_is_said_of_it_and_a_dropped_one_nothing() {
    let script = "
        onmessage = ({ data: { job } }) => { for (const step of [1, 2]) postMessage({ job, step }); };
        postMessage({ ready: true });";
    let link = WorkerLink::launch(program(script)).await.unwrap();
    drop(link.begin(&[], &Array::new()).unwrap());
    let mut job = link.begin(&[], &Array::new()).unwrap();
    for step in [1.0, 2.0] {
        let said = job.next().await.unwrap();
        assert_eq!(js::get_number(&said, "step"), Some(step));
        assert_eq!(js::get_number(&said, "job"), Some(job.number() as f64));
    }
}

#[wasm_bindgen_test]
async fn a_worker_that_numbers_nothing_answers_in_turn() {
    let script = "onmessage = ({ data }) => postMessage(`${data}!`); postMessage('ready');";
    let mut link = WorkerLink::launch(program(script)).await.unwrap();
    for text in ["one", "two"] {
        let answer = link.ask_in_turn(&JsValue::from_str(text)).await.unwrap();
        assert_eq!(answer.as_string(), Some(format!("{text}!")));
    }
}

#[wasm_bindgen_test]
async fn a_worker_that_breaks_fails_every_job_then_and_later() {
    let script = "
        onmessage = ({ data: { text } }) => { if (text) throw new Error(text); };
        postMessage({ ready: true });";
    let link = WorkerLink::launch(program(script)).await.unwrap();
    let nothing = Array::new();
    let waits = link.ask(&[], &nothing);
    let fields = [("text", JsValue::from_str("boom"))];
    let breaks = link.ask(&fields, &nothing);
    let broke = refused("the test worker failed: Uncaught Error: boom");
    assert_eq!(
        join(waits, breaks).await,
        (Err(broke.clone()), Err(broke.clone()))
    );
    assert!(link.is_broken());
    assert_eq!(link.ask(&[], &Array::new()).await, Err(broke));
}

#[wasm_bindgen_test]
async fn a_worker_whose_script_is_broken_or_missing_counts_as_out_of_reach() {
    let missing = Program {
        loader: "/there-is-no-such-loader.js",
        ..program("")
    };
    for program in [program("throw new Error('at once');"), missing] {
        let launcher = Launcher::default();
        assert!(!launcher.failed_just_now());
        let launched = launcher.launch(program).await;
        assert_eq!(launched.err(), Some(Failure::Unreachable));
        assert!(launcher.failed_just_now());
    }
}
