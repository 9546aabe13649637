//! A file's bytes, for what the page itself shows of them.

use super::Api;
use super::transport::{self, BinaryAnswer, Request};
use crate::browser::js;
use crate::failure::{Failure, thrown};
use js_sys::Uint8Array;
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

impl Api {
    /// Loads a PDF; `None` if it does not begin as one. Whatever else the bytes are,
    /// the browser is told that they are a PDF.
    ///
    /// # Errors
    /// `Unreachable`; `Refused` where there is no such content.
    pub async fn pdf(&self, address: &str) -> Result<Option<ObjectUrl>, Failure> {
        let blob = self.whole(address).await?;
        match begins_as_pdf(&blob).await? {
            true => called(&blob, "application/pdf").map(Some),
            false => Ok(None),
        }
    }

    /// Loads a text. Whatever else the bytes are, the browser is told that they are one.
    ///
    /// # Errors
    /// The same.
    pub async fn text(&self, address: &str) -> Result<ObjectUrl, Failure> {
        called(&self.whole(address).await?, "text/plain;charset=utf-8")
    }

    async fn whole(&self, address: &str) -> Result<Blob, Failure> {
        let request = Request::get(address).with_deadline(DEADLINE_MILLIS);
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
