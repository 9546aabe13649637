//! A file's bytes, for what the page itself shows of them.

use crate::browser::js;
use crate::failure::Failure;
use shared::protocol::problem::Problem;
use wasm_bindgen::JsCast;
use wasm_bindgen::JsValue;
use web_sys::{Blob, Response, Url};

/// An address of bytes in memory; they go when this is dropped.
pub struct ObjectUrl(String);

impl ObjectUrl {
    /// # Errors
    /// `Browser`, for what is no blob.
    pub fn of(blob: &Blob) -> Result<Self, Failure> {
        let url = Url::create_object_url_with_blob(blob).map_err(|e| Failure::thrown(&e))?;
        Ok(Self(url))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Drop for ObjectUrl {
    fn drop(&mut self) {
        let _ = Url::revoke_object_url(&self.0);
    }
}

/// Loads a PDF. Whatever the bytes are, the browser is told that they are one.
///
/// # Errors
/// `Unreachable`; `Refused` where there is no such content.
pub async fn pdf(address: &str) -> Result<ObjectUrl, Failure> {
    let blob = blob(address).await?;
    let typed = blob
        .slice_with_f64_and_f64_and_content_type(0.0, blob.size(), "application/pdf")
        .map_err(|e| Failure::thrown(&e))?;
    ObjectUrl::of(&typed)
}

async fn blob(address: &str) -> Result<Blob, Failure> {
    let window = web_sys::window().ok_or(Failure::Unreachable)?;
    let answered = js::outcome(window.fetch_with_str(address)).await;
    let response: Response = answered
        .and_then(JsCast::dyn_into)
        .map_err(|_| Failure::Unreachable)?;
    match response.status() {
        200 => {}
        404 => return Err(Problem::NoSuchVersion.into()),
        _ => return Err(Failure::Unreachable),
    }
    let blob = response.blob().map_err(|_: JsValue| Failure::Unreachable)?;
    let blob = js::outcome(blob).await.map_err(|_| Failure::Unreachable)?;
    blob.dyn_into().map_err(|e: JsValue| Failure::thrown(&e))
}
