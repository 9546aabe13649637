//! What this browser is called, and what it remembers of itself.

use super::js;
use protocol::ids::DeviceId;
use sync::Silence;

const DEVICE_KEY: &str = "driftless-device";
/// Read by `static/first-sight.js`, too.
const SIGNED_IN_KEY: &str = "driftless-signed-in";
const SILENCE_KEY: &str = "driftless-silence";

/// The first entry that the user agent contains names the browser: most of
/// them claim to be Chrome or Safari too, so the order matters.
const BROWSERS: [(&str, &str); 7] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS", "Firefox"),
    ("Chrome/", "Chrome"),
    ("CriOS", "Chrome"),
];

const SYSTEMS: [(&str, &str); 7] = [
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
];

/// What people will recognize this device by: "Chrome on Linux".
pub fn device_name(user_agent: &str) -> String {
    let find = |names: &[(&str, &'static str)]| {
        names
            .iter()
            .find(|(mark, _)| user_agent.contains(mark))
            .map(|&(_, name)| name)
    };
    let browser = find(&BROWSERS).unwrap_or(if user_agent.contains("Safari/") {
        "Safari"
    } else {
        "Browser"
    });
    match find(&SYSTEMS) {
        Some(system) => format!("{browser} on {system}"),
        None => browser.to_owned(),
    }
}

/// This browser's user agent.
pub fn user_agent() -> String {
    web_sys::window()
        .and_then(|window| window.navigator().user_agent().ok())
        .unwrap_or_default()
}

/// The id that this browser had when somebody last signed in.
pub fn remembered_device() -> Option<DeviceId> {
    local_storage()?.get_item(DEVICE_KEY).ok()??.parse().ok()
}

/// Keeps the id for the next sign-in. Where storage is blocked, the next
/// sign-in makes a new device and nothing else is lost.
pub fn remember_device(id: DeviceId) {
    if let Some(storage) = local_storage() {
        let _ = storage.set_item(DEVICE_KEY, &id.to_string());
    }
}

/// Keeps whether somebody is signed in, for what the next page shows before it knows.
pub fn remember_signed_in(is_signed_in: bool) {
    if let Some(storage) = local_storage() {
        let kept = if is_signed_in { "yes" } else { "no" };
        let _ = storage.set_item(SIGNED_IN_KEY, kept);
    }
}

/// What was learned of the way to this origin.
pub fn remembered_silence() -> Silence {
    let text = local_storage().and_then(|storage| storage.get_item(SILENCE_KEY).ok()?);
    let silence = text.and_then(|text| serde_json::from_str(&text).ok());
    silence.unwrap_or_default()
}

/// Keeps it. Where storage is blocked, the next page learns it again.
pub fn remember_silence(silence: Silence) {
    if let (Some(storage), Ok(text)) = (local_storage(), serde_json::to_string(&silence)) {
        let _ = storage.set_item(SILENCE_KEY, &text);
    }
}

/// Whether this page is in front.
pub fn is_looked_at() -> bool {
    let document = web_sys::window().and_then(|window| window.document());
    document.is_some_and(|document| !document.hidden())
}

/// Whether the person has told the browser to save data.
pub fn saves_data() -> bool {
    let navigator = js::get(&js_sys::global(), "navigator");
    js::get(&js::get(&navigator, "connection"), "saveData").is_truthy()
}

/// Whether the browser believes that there is a network.
pub fn is_online() -> bool {
    web_sys::window().is_none_or(|window| window.navigator().on_line())
}

fn local_storage() -> Option<web_sys::Storage> {
    web_sys::window()?.local_storage().ok()?
}

#[cfg(test)]
mod tests {
    use super::device_name;

    #[test]
    fn a_device_is_named_by_browser_and_system() {
        let cases = [
            (
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
                "Chrome on Linux",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15",
                "Safari on macOS",
            ),
            (
                "Mozilla/5.0 (Android 15; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0",
                "Firefox on Android",
            ),
            ("", "Browser"),
        ];
        for (agent, name) in cases {
            assert_eq!(device_name(agent), name);
        }
    }
}
