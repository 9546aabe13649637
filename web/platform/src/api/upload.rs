//! Requests that bring blocks along. The body is made of headers and slices of files,
//! so the files' bytes go from the disk to the network without passing through the
//! page's memory; and of frames that are smaller than that. By `XMLHttpRequest`,
//! because `fetch` tells nothing of an upload's progress.

use super::Api;
use super::transport::{Reply, smaller};
use crate::browser::clock;
use crate::failure::{Failure, thrown};
use blocks::frame::{CARRYING_CONTENT_TYPE, FRAMES_CONTENT_TYPE, carrying_head, plain_header};
use client::located::Located;
use client::ports::Frame;
use futures_channel::oneshot;
use futures_util::future::{Either, select};
use js_sys::{Array, Uint8Array};
use protocol::headers;
use serde::de::DeserializeOwned;
use std::cell::{Cell, RefCell};
use std::pin::pin;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{Blob, File, ProgressEvent, XmlHttpRequest};

/// A request that has made no progress for this long, in milliseconds, is dead.
const STALL_MILLIS: u64 = 60_000;
/// How often that is looked at.
const WATCH_MILLIS: u64 = 5_000;

/// The frames of these blocks, one after another, as a request's body. They may stand
/// behind the beginning of a solid one.
///
/// # Errors
/// `Device` where the browser can't make it.
pub fn body<'a>(
    solid: Option<&Uint8Array>,
    frames: impl IntoIterator<Item = &'a (File, Frame<Uint8Array>)>,
) -> Result<Blob, Failure> {
    let parts: Array = solid.into_iter().collect();
    for (file, frame) in frames {
        if let Some((_, made)) = &frame.made {
            parts.push(made);
            continue;
        }
        let Located { block, offset } = frame.located;
        let header = plain_header(block.hash, block.length);
        parts.push(&Uint8Array::from(header.as_slice()));
        let (start, end) = (offset as f64, (offset + u64::from(block.length)) as f64);
        // A slice takes the page longer than all the rest of a small file's frame.
        if start == 0.0 && end == file.size() {
            parts.push(file);
            continue;
        }
        let slice = file
            .slice_with_f64_and_f64(start, end)
            .map_err(|e| thrown(&e))?;
        parts.push(&slice);
    }
    Blob::new_with_blob_sequence(&parts).map_err(|e| thrown(&e))
}

/// A body of JSON and the frames that it carries, and its content type.
///
/// # Errors
/// `Device` where the browser can't make it.
async fn carrying(json: &str, frames: &Blob) -> Result<(Blob, String), Failure> {
    let (head, content_type) = match smaller(&json.into()).await {
        Some(compressed) => {
            let length = (compressed.size() as u32).to_le_bytes();
            let head = Array::of2(&Uint8Array::from(length.as_slice()), &compressed);
            (head, format!("{CARRYING_CONTENT_TYPE}; json=deflate"))
        }
        None => {
            let head = carrying_head(json.as_bytes());
            let head = Array::of1(&Uint8Array::from(head.as_slice()));
            (head, CARRYING_CONTENT_TYPE.to_owned())
        }
    };
    head.push(frames);
    let body = Blob::new_with_blob_sequence(&head).map_err(|e| thrown(&e))?;
    Ok((body, content_type))
}

impl Api {
    /// Posts the [`body`] of frames, carried by JSON if there is any; `progress` gets the bytes
    /// that have left. Dropping the future aborts it.
    ///
    /// # Errors
    /// `Unreachable`: no answer, or no progress. Also where one of the files can't
    /// be read any more: the browser does not tell these apart.
    pub async fn post_frames<T: DeserializeOwned>(
        &self,
        path: &str,
        json: Option<&str>,
        frames: Blob,
        progress: impl Fn(u64) + 'static,
    ) -> Result<T, Failure> {
        let (sent, content_type) = match json {
            Some(json) => carrying(json, &frames).await?,
            None => (frames, FRAMES_CONTENT_TYPE.to_owned()),
        };
        self.read(self.upload(path, &content_type, &sent, progress).await?)
    }

    async fn upload(
        &self,
        path: &str,
        content_type: &str,
        body: &Blob,
        progress: impl Fn(u64) + 'static,
    ) -> Result<Reply, Failure> {
        let request = XmlHttpRequest::new().map_err(|e| thrown(&e))?;
        let refused = |e| thrown(&e);
        let path = self.at(path);
        request.open("POST", &path).map_err(refused)?;
        request
            .set_request_header("content-type", content_type)
            .map_err(refused)?;
        request
            .set_request_header(headers::CLIENT, "web")
            .map_err(refused)?;
        if let Some((name, value)) = self.voice().header() {
            request.set_request_header(name, &value).map_err(refused)?;
        }

        let moved_at: Rc<Cell<u64>> = Rc::new(Cell::new(clock::running_ms()));
        let on_progress = {
            let moved_at = moved_at.clone();
            Closure::<dyn FnMut(ProgressEvent)>::new(move |event: ProgressEvent| {
                moved_at.set(clock::running_ms());
                progress(event.loaded() as u64);
            })
        };
        let upload = request.upload().map_err(refused)?;
        upload.set_onprogress(Some(on_progress.as_ref().unchecked_ref()));

        let (sender, ended) = oneshot::channel();
        let sender = RefCell::new(Some(sender));
        let on_end = Closure::<dyn FnMut()>::new(move || {
            if let Some(sender) = sender.borrow_mut().take() {
                let _ = sender.send(());
            }
        });
        // Comes last, whether it went well or not.
        request.set_onloadend(Some(on_end.as_ref().unchecked_ref()));
        request
            .send_with_opt_blob(Some(body))
            .map_err(|e| thrown(&e))?;
        let running = Running {
            request,
            _on_progress: on_progress,
            _on_end: on_end,
        };

        let mut ended = pin!(ended);
        loop {
            match select(&mut ended, pin!(clock::sleep(WATCH_MILLIS))).await {
                Either::Left(_) => break,
                Either::Right(_) => {
                    if clock::running_ms().saturating_sub(moved_at.get()) > STALL_MILLIS {
                        return Err(Failure::Unreachable);
                    }
                }
            }
        }
        match running.request.status().unwrap_or(0) {
            0 => Err(Failure::Unreachable),
            status => Ok(Reply {
                status,
                text: running
                    .request
                    .response_text()
                    .ok()
                    .flatten()
                    .unwrap_or_default(),
            }),
        }
    }
}

/// A request with its listeners, which must not outlive it.
struct Running {
    request: XmlHttpRequest,
    _on_progress: Closure<dyn FnMut(ProgressEvent)>,
    _on_end: Closure<dyn FnMut()>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.request.set_onloadend(None);
        if let Ok(upload) = self.request.upload() {
            upload.set_onprogress(None);
        }
        // Does nothing to a request that has ended.
        let _ = self.request.abort();
    }
}
