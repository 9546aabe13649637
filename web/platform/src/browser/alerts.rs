//! The browser's own notifications: whether the person wants them, and showing one.

use protocol::ids::UserId;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Notification, NotificationOptions, NotificationPermission};

/// Whose page has them on.
const KEY: &str = "driftless-alerts";
/// Of what they are not to tell.
const SILENT_KEY: &str = "driftless-alerts-silent";
/// The next one takes the place of the last.
const TAG: &str = "driftless-news";

/// Whether this browser may and shall show them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alerts {
    /// It can't, to a page.
    Unknown,
    /// The person has forbidden it to this address.
    Denied,
    Off,
    On,
}

/// What one may be about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// Others added, changed, moved, deleted or brought back something.
    Files,
    /// Two versions of a file.
    Conflicts,
    /// Who has access to what.
    Access,
}

impl About {
    /// All of them, as a person reads the choice.
    pub const ALL: [Self; 3] = [Self::Files, Self::Conflicts, Self::Access];

    fn key(self) -> &'static str {
        match self {
            Self::Files => "files",
            Self::Conflicts => "conflicts",
            Self::Access => "access",
        }
    }
}

/// Whether they tell of it in this browser. They do until the person says otherwise.
pub fn tell_of(about: About) -> bool {
    !silent().iter().any(|key| key == about.key())
}

/// Whether they are to tell of it from now on.
pub fn set_tell_of(about: About, is_told: bool) {
    let mut silent = silent();
    silent.retain(|key| key != about.key());
    if !is_told {
        silent.push(about.key().to_owned());
    }
    if let Some(storage) = local_storage() {
        let _ = storage.set_item(SILENT_KEY, &silent.join(" "));
    }
}

fn silent() -> Vec<String> {
    let kept = local_storage().and_then(|storage| storage.get_item(SILENT_KEY).ok()?);
    let kept = kept.unwrap_or_default();
    kept.split_whitespace().map(str::to_owned).collect()
}

/// What is so for a person.
pub fn state(user: Option<UserId>) -> Alerts {
    if !exist() {
        return Alerts::Unknown;
    }
    match Notification::permission() {
        NotificationPermission::Denied => Alerts::Denied,
        NotificationPermission::Granted if is_wanted(user) => Alerts::On,
        _ => Alerts::Off,
    }
}

pub fn are_on(user: Option<UserId>) -> bool {
    state(user) == Alerts::On
}

/// Asks the browser, which asks the person, and remembers that they are wanted. Must be
/// called within the press that asks for them.
pub async fn turn_on(user: UserId) -> Alerts {
    if !exist() {
        return Alerts::Unknown;
    }
    if let Ok(asked) = Notification::request_permission() {
        // A refusal is in the permission.
        let _ = JsFuture::from(asked).await;
    }
    if Notification::permission() == NotificationPermission::Granted
        && let Some(storage) = local_storage()
    {
        let _ = storage.set_item(KEY, &user.to_string());
    }
    state(Some(user))
}

pub fn turn_off() {
    if let Some(storage) = local_storage() {
        let _ = storage.remove_item(KEY);
    }
}

/// Shows one in the place of the last. A press on it brings this page to the front and
/// calls `on_press`.
pub fn show(title: &str, body: &str, on_press: impl Fn() + 'static) {
    let options = NotificationOptions::new();
    options.set_body(body);
    options.set_tag(TAG);
    options.set_icon("/icon-192.svg");
    // Fails on phones, where only a service worker may.
    let Ok(shown) = Notification::new_with_options(title, &options) else {
        return;
    };
    let notification = shown.clone();
    let press = Closure::<dyn FnMut()>::new(move || {
        if let Some(window) = web_sys::window() {
            let _ = window.focus();
        }
        notification.close();
        on_press();
    });
    shown.set_onclick(Some(press.as_ref().unchecked_ref()));
    press.forget();
}

fn exist() -> bool {
    let window = web_sys::window();
    window.is_some_and(|window| js_sys::Reflect::has(&window, &"Notification".into()) == Ok(true))
}

fn is_wanted(user: Option<UserId>) -> bool {
    let kept = local_storage().and_then(|storage| storage.get_item(KEY).ok()?);
    kept.is_some() && kept == user.map(|user| user.to_string())
}

fn local_storage() -> Option<web_sys::Storage> {
    web_sys::window()?.local_storage().ok()?
}
