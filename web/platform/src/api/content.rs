//! A file's bytes, for what the page itself shows of them.

use super::Api;
use super::transport::{self, BinaryAnswer, Request};
use crate::browser::js;
use crate::failure::{Failure, thrown};
use js_sys::{Uint8Array, encode_uri_component};
use std::ops::Range;
use wasm_bindgen::JsValue;
use web_sys::{Blob, Url};

/// An address of bytes in memory; they go when this is dropped.
pub struct ObjectUrl(String);

impl ObjectUrl {
    /// # Errors
    /// `Device`, for what is no blob.
    pub fn of(blob: &Blob) -> Result<Self, Failure> {
        let url = Url::create_object_url_with_blob(blob).map_err(|e| thrown(&e))?;
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

/// A PDF's first bytes; up to so many others may come before them.
const PDF_HEAD: &[u8] = b"%PDF-";
const BEFORE_PDF_HEAD: f64 = 1024.0;

/// A PDF's address; `None` if it does not begin as one. Whatever else the bytes are,
/// the browser is told that they are a PDF.
///
/// # Errors
/// `Device`, where the bytes can't be read.
pub async fn pdf(blob: &Blob) -> Result<Option<ObjectUrl>, Failure> {
    match begins_as_pdf(blob).await? {
        true => called(blob, "application/pdf").map(Some),
        false => Ok(None),
    }
}

/// A picture's address. Whatever the bytes are, the browser is told that they are a
/// picture: opened by itself, such an address runs nothing.
///
/// # Errors
/// `Device`, for what is no blob.
pub fn picture(blob: &Blob) -> Result<ObjectUrl, Failure> {
    called(blob, "image/png")
}

/// An address that has all of a drawing (SVG). Shown as a picture it runs nothing and loads
/// nothing; and opened by itself, that address is of nobody's origin, where one of bytes in
/// memory would be of the page's.
///
/// # Errors
/// `Device`, where the bytes can't be read.
pub async fn drawing(blob: &Blob) -> Result<String, Failure> {
    let text = js::outcome(blob.text()).await.map_err(|e| thrown(&e))?;
    let text = text.as_string().unwrap_or_default();
    let encoded = String::from(encode_uri_component(&text));
    Ok(format!("data:image/svg+xml,{encoded}"))
}

impl Api {
    /// Loads a part of a file.
    ///
    /// # Errors
    /// `Unreachable`; `Refused` where there is no such content.
    pub async fn span(&self, address: &str, span: Range<u64>) -> Result<Blob, Failure> {
        let last = span.end.saturating_sub(1);
        let range = format!("bytes={}-{last}", span.start);
        let request = Request::get(address)
            .with_header("range", &range)
            .with_deadline(DEADLINE_MILLIS);
        let blob = self.blob(request).await?;
        let length = (span.end - span.start) as f64;
        if blob.size() <= length {
            return Ok(blob);
        }
        // Whoever is between did not hand on what was asked.
        let cut = blob.slice_with_f64_and_f64(span.start as f64, span.end as f64);
        cut.map_err(|e| thrown(&e))
    }

    /// Loads a file.
    ///
    /// # Errors
    /// The same.
    pub async fn content(&self, address: &str) -> Result<Blob, Failure> {
        self.whole(address).await
    }

    async fn whole(&self, address: &str) -> Result<Blob, Failure> {
        self.blob(Request::get(address).with_deadline(DEADLINE_MILLIS))
            .await
    }

    async fn blob(&self, request: Request) -> Result<Blob, Failure> {
        match transport::send_for_blob(&self.voice(), request).await? {
            BinaryAnswer::Whole(blob) => Ok(blob),
            BinaryAnswer::Refused(reply) => Err(self.refusal(reply)),
        }
    }
}

fn called(blob: &Blob, kind: &str) -> Result<ObjectUrl, Failure> {
    let typed = blob.slice_with_f64_and_f64_and_content_type(0.0, blob.size(), kind);
    ObjectUrl::of(&typed.map_err(|e| thrown(&e))?)
}

async fn begins_as_pdf(blob: &Blob) -> Result<bool, Failure> {
    let thrown = |error: JsValue| thrown(&error);
    let head = blob
        .slice_with_f64_and_f64(0.0, BEFORE_PDF_HEAD + PDF_HEAD.len() as f64)
        .map_err(thrown)?;
    let buffer = js::outcome(head.array_buffer()).await.map_err(thrown)?;
    let head = Uint8Array::new(&buffer).to_vec();
    Ok(head
        .windows(PDF_HEAD.len())
        .any(|window| window == PDF_HEAD))
}
