//! Doubles that let others go first: a future on them waits once before each
//! call, so that whoever drives several futures with [`step`](super::ready::step)
//! decides in which order their batches reach the database.

use driftless_core::ports::{Database, DbError, ObjectListing, PackError, Packs, Rows, Statement};
use std::future::poll_fn;
use std::task::Poll;

/// A database or a pack store, one call a turn.
#[derive(Clone, Copy, Debug)]
pub struct Turns<'a, T>(pub &'a T);

impl<D: Database> Database for Turns<'_, D> {
    async fn batch(&self, statements: Vec<Statement>) -> Result<Vec<Rows>, DbError> {
        turn().await;
        self.0.batch(statements).await
    }
}

impl<P: Packs> Packs for Turns<'_, P> {
    type Body = P::Body;

    async fn put(&self, key: &str, bytes: Vec<u8>) -> Result<(), PackError> {
        turn().await;
        self.0.put(key, bytes).await
    }

    async fn open(
        &self,
        key: &str,
        offset: u64,
        length: u64,
    ) -> Result<Option<P::Body>, PackError> {
        turn().await;
        self.0.open(key, offset, length).await
    }

    async fn read(
        &self,
        key: &str,
        offset: u64,
        length: u64,
    ) -> Result<Option<Vec<u8>>, PackError> {
        turn().await;
        self.0.read(key, offset, length).await
    }

    async fn list(&self, after: &str, at_most: u32) -> Result<ObjectListing, PackError> {
        turn().await;
        self.0.list(after, at_most).await
    }

    async fn delete(&self, keys: Vec<String>) -> Result<(), PackError> {
        turn().await;
        self.0.delete(keys).await
    }
}

/// Waits once.
pub async fn turn() {
    let mut has_waited = false;
    poll_fn(|_| match std::mem::replace(&mut has_waited, true) {
        true => Poll::Ready(()),
        false => Poll::Pending,
    })
    .await;
}
