//! Handing files to the person, as a press on a download link does.

use super::{clock, js};
use crate::failure::{Failure, thrown};
use js_sys::Array;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Blob, HtmlElement};

/// A blob has an address for so long, in milliseconds: a download that has begun
/// does not need it any more.
const ADDRESS_MILLIS: u64 = 60_000;

/// Saves what is at an address.
pub fn link(address: &str, name: &str) {
    let document = web_sys::window().and_then(|window| window.document());
    let Some(Ok(link)) = document.map(|document| document.create_element("a")) else {
        return;
    };
    let _ = link.set_attribute("href", address);
    let _ = link.set_attribute("download", name);
    if let Ok(link) = link.dyn_into::<HtmlElement>() {
        link.click();
    }
}

/// Saves a blob.
///
/// # Errors
/// `Device`: it gives no address.
pub fn blob(blob: &Blob, name: &str) -> Result<(), Failure> {
    let maker = js::get(&js_sys::global(), "URL");
    let address = js::call(&maker, "createObjectURL", &Array::of1(blob));
    let address = address.map_err(|e| thrown(&e))?;
    link(&address.as_string().unwrap_or_default(), name);
    spawn_local(async move {
        clock::sleep(ADDRESS_MILLIS).await;
        let _ = js::call(&maker, "revokeObjectURL", &Array::of1(&address));
    });
    Ok(())
}
