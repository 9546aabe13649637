//! A file's bytes, for what the page itself shows of them.

use super::transport::{self, Request};
use crate::browser::js;
use crate::failure::Failure;
use shared::protocol::problem::Problem;
use wasm_bindgen::JsCast;
use web_sys::{Blob, Url};

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

/// How long that may take, in milliseconds: it is a whole file.
const DEADLINE_MILLIS: u64 = 300_000;

/// Loads a PDF. Whatever the bytes are, the browser is told that they are one.
///
/// # Errors
/// `Unreachable`; `Refused` where there is no such content.
pub async fn pdf(address: &str) -> Result<ObjectUrl, Failure> {
    let request = Request::get(address).with_deadline(DEADLINE_MILLIS);
    let blob: Blob = transport::in_time(request, async |response| {
        match response.status() {
            200 => {}
            404 => return Err(Problem::NoSuchVersion.into()),
            _ => return Err(Failure::Unreachable),
        }
        // It may be on the disk: its bytes are not copied into the page.
        let blob = web_sys::Response::from(response).blob();
        let blob = js::outcome(blob.map_err(|_| Failure::Unreachable)?).await;
        let blob = blob.and_then(JsCast::dyn_into);
        blob.map_err(|_| Failure::Unreachable)
    })
    .await?;
    let typed = blob
        .slice_with_f64_and_f64_and_content_type(0.0, blob.size(), "application/pdf")
        .map_err(|e| Failure::thrown(&e))?;
    ObjectUrl::of(&typed)
}
