//! R2 behind [`Packs`].

use crate::store::streams::read_whole;
use driftless_core::memory::PIECE_BYTES;
use driftless_core::ports::{ObjectListing, PackError, Packs, StoredObject};
use futures_util::stream;
use worker::web_sys::ReadableStream;
use worker::{Bucket, Data, Env, Error, FixedLengthStream, Object, Range, ResponseBody};

/// R2's own number for a range that an object has no byte of.
const RANGE_NOT_SATISFIABLE: &str = "(10039)";

/// The bucket of packs.
pub struct R2(Bucket);

impl R2 {
    /// # Errors
    /// There is no such binding.
    pub fn bound(env: &Env) -> Result<Self, PackError> {
        env.bucket("PACKS").map(Self).map_err(|e| pack_error(&e))
    }

    /// `None` where there is no such object, or where it ends before the range.
    async fn get(&self, key: &str, offset: u64, length: u64) -> Result<Option<Object>, PackError> {
        let range = Range::OffsetWithLength { offset, length };
        match self.0.get(key).range(range).execute().await {
            Err(error) if error.to_string().contains(RANGE_NOT_SATISFIABLE) => Ok(None),
            answer => answer.map_err(|e| pack_error(&e)),
        }
    }
}

impl Packs for R2 {
    type Body = ReadableStream;

    async fn put(&self, key: &str, bytes: Vec<u8>) -> Result<(), PackError> {
        let put = self.0.put(key, data_of(bytes)).execute().await;
        put.map(drop).map_err(|e| pack_error(&e))
    }

    async fn open(
        &self,
        key: &str,
        offset: u64,
        length: u64,
    ) -> Result<Option<ReadableStream>, PackError> {
        let Some(object) = self.get(key, offset, length).await? else {
            return Ok(None);
        };
        let body = object.body().map(|body| body.response_body()).transpose();
        match body.map_err(|e| pack_error(&e))? {
            Some(ResponseBody::Stream(stream)) => Ok(Some(stream)),
            _ => Ok(None),
        }
    }

    async fn read(
        &self,
        key: &str,
        offset: u64,
        length: u64,
    ) -> Result<Option<Vec<u8>>, PackError> {
        let Some(object) = self.get(key, offset, length).await? else {
            return Ok(None);
        };
        let Some(body) = object.body() else {
            return Ok(None);
        };
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let read = async {
            if length <= PIECE_BYTES {
                return body.bytes().await.map(Some);
            }
            match body.response_body()? {
                ResponseBody::Stream(stream) => read_whole(&stream, length).await.map(Some),
                _ => Ok(None),
            }
        };
        read.await.map_err(|e| pack_error(&e))
    }

    async fn list(&self, after: &str, at_most: u32) -> Result<ObjectListing, PackError> {
        let mut list = self.0.list().limit(at_most);
        if !after.is_empty() {
            list = list.start_after(after);
        }
        let listed = list.execute().await.map_err(|e| pack_error(&e))?;
        let one = |object: &Object| StoredObject {
            key: object.key(),
            uploaded_at: object.uploaded().as_millis(),
            size: object.size(),
        };
        Ok(ObjectListing {
            objects: listed.objects().iter().map(one).collect(),
            has_more: listed.truncated(),
        })
    }

    async fn delete(&self, keys: Vec<String>) -> Result<(), PackError> {
        let deleted = self.0.delete_multiple(keys).await;
        deleted.map_err(|e| pack_error(&e))
    }
}

/// What is large goes to the store piece by piece: a copy for the runtime would take as
/// much memory again.
fn data_of(bytes: Vec<u8>) -> Data {
    let length = bytes.len();
    if length <= PIECE_BYTES {
        return Data::Bytes(bytes);
    }
    let pieces = stream::unfold((bytes, 0_usize), async |(bytes, at)| {
        let end = at.saturating_add(PIECE_BYTES).min(bytes.len());
        let piece = bytes.get(at..end).filter(|piece| !piece.is_empty())?;
        let piece = Ok(piece.to_vec());
        Some((piece, (bytes, end)))
    });
    Data::Stream(FixedLengthStream::wrap(pieces, length as u64))
}

fn pack_error(error: &Error) -> PackError {
    PackError(error.to_string())
}
