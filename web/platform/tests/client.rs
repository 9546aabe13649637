//! The client at a real `fetch`: what comes back when nothing answers, or
//! something that is not the API.

use platform::api::Api;
use platform::api::transport::Reply;
use platform::failure::Failure;
use protocol::accounts::Server;
use protocol::problem::Problem;
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen_test]
async fn a_server_that_does_not_know_the_api_gives_a_failure() {
    // The test runner's own server answers here: with a 404 that is no problem
    // of the API.
    let answer = Api::default().server().await;
    assert_eq!(answer.err(), Some(Failure::Refused(Problem::Unknown)));
}

#[wasm_bindgen_test]
fn an_ended_session_is_reported_once_for_each_answer_that_says_so() {
    let client = Api::default();
    let heard = Rc::new(RefCell::new(Vec::new()));
    client.on_session_end({
        let heard = heard.clone();
        move |_, problem| heard.borrow_mut().push(problem.clone())
    });
    let read = |status, text: &str| {
        client.read::<Server>(Reply {
            status,
            text: text.to_owned(),
        })
    };
    let ended = read(401, r#"{"code":"session_ended","message":"…"}"#);
    assert_eq!(ended.unwrap_err(), Failure::Refused(Problem::SessionEnded));
    // A wrong password is no end of a session.
    let refused = read(401, r#"{"code":"sign_in_refused","message":"…"}"#);
    assert_eq!(
        refused.unwrap_err(),
        Failure::Refused(Problem::SignInRefused)
    );
    let another = read(
        403,
        r#"{"code":"another_user","user_name":"bob","message":"…"}"#,
    );
    let user_name = "bob".to_owned();
    let is_bobs = Problem::AnotherUser { user_name };
    assert_eq!(another.unwrap_err(), Failure::Refused(is_bobs.clone()));
    assert_eq!(*heard.borrow(), [Problem::SessionEnded, is_bobs]);
}
