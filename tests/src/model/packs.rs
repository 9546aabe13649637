//! Packs in memory behind [`Packs`], which can be lost and damaged.

use super::lapses::{Lapse, Lapses};
use driftless_core::ports::{ObjectListing, PackError, Packs, StoredObject};
use protocol::ids::UnixMillis;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::ops::Bound;

/// A pack store of its own, gone when it is dropped.
#[derive(Debug, Default)]
pub struct MemoryPacks {
    objects: RefCell<BTreeMap<String, Vec<u8>>>,
    uploaded_at: RefCell<BTreeMap<String, UnixMillis>>,
    /// When a pack is uploaded that is put now.
    pub clock: Cell<UnixMillis>,
    /// How often packs were read, or opened.
    pub reads: Cell<usize>,
    pub lapses: Lapses,
}

impl MemoryPacks {
    /// The names of all packs, in order.
    pub fn keys(&self) -> Vec<String> {
        self.objects.borrow().keys().cloned().collect()
    }

    /// A pack's bytes.
    pub fn get(&self, key: &str) -> Option<Vec<u8>> {
        self.objects.borrow().get(key).cloned()
    }

    /// How many packs there are.
    pub fn len(&self) -> usize {
        self.objects.borrow().len()
    }

    /// The bytes of all packs.
    pub fn bytes(&self) -> u64 {
        let objects = self.objects.borrow();
        objects.values().map(|bytes| bytes.len() as u64).sum()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether there is such a pack.
    pub fn has(&self, key: &str) -> bool {
        self.objects.borrow().contains_key(key)
    }

    /// Loses a pack; what it was, if there was one.
    pub fn remove(&self, key: &str) -> Option<Vec<u8>> {
        self.objects.borrow_mut().remove(key)
    }

    /// Puts a pack back that was lost.
    pub fn restore(&self, key: String, bytes: Vec<u8>) {
        self.objects.borrow_mut().insert(key, bytes);
    }

    /// Flips every bit of one byte; whether there was such a byte.
    pub fn corrupt(&self, key: &str, offset: usize) -> bool {
        let mut objects = self.objects.borrow_mut();
        let byte = objects.get_mut(key).and_then(|bytes| bytes.get_mut(offset));
        match byte {
            Some(byte) => {
                *byte = !*byte;
                true
            }
            None => false,
        }
    }

    /// Cuts a pack off after so many bytes; whether there was one.
    pub fn truncate(&self, key: &str, length: usize) -> bool {
        let mut objects = self.objects.borrow_mut();
        let object = objects.get_mut(key);
        object.map(|bytes| bytes.truncate(length)).is_some()
    }

    /// Empties the store.
    pub fn clear(&self) {
        self.lapses.clear();
        self.uploaded_at.borrow_mut().clear();
        self.objects.borrow_mut().clear();
    }

    fn call<T>(
        &self,
        call: impl FnOnce(&mut BTreeMap<String, Vec<u8>>) -> T,
    ) -> Result<T, PackError> {
        let lapse = self.lapses.take();
        if lapse == Some(Lapse::Unreached) {
            return Err(PackError("it was not reached".into()));
        }
        let answer = call(&mut self.objects.borrow_mut());
        if lapse == Some(Lapse::AnswerLost) {
            return Err(PackError("its answer was lost".into()));
        }
        Ok(answer)
    }
}

impl Packs for MemoryPacks {
    type Body = Vec<u8>;

    async fn put(&self, key: &str, bytes: Vec<u8>) -> Result<(), PackError> {
        self.call(|objects| {
            let mut times = self.uploaded_at.borrow_mut();
            times.insert(key.to_owned(), self.clock.get());
            objects.insert(key.to_owned(), bytes);
        })
    }

    async fn open(
        &self,
        key: &str,
        offset: u64,
        length: u64,
    ) -> Result<Option<Vec<u8>>, PackError> {
        self.reads.set(self.reads.get() + 1);
        let range = usize::try_from(offset).unwrap_or(usize::MAX)
            ..usize::try_from(offset.saturating_add(length)).unwrap_or(usize::MAX);
        self.call(|objects| Some(objects.get(key)?.get(range)?.to_vec()))
    }

    async fn read(
        &self,
        key: &str,
        offset: u64,
        length: u64,
    ) -> Result<Option<Vec<u8>>, PackError> {
        self.reads.set(self.reads.get() + 1);
        let (start, length) = (offset as usize, length as usize);
        self.call(|objects| {
            let rest = objects.get(key)?.get(start..)?;
            Some(rest[..length.min(rest.len())].to_vec())
        })
    }

    async fn list(&self, after: &str, at_most: u32) -> Result<ObjectListing, PackError> {
        self.call(|objects| {
            let times = self.uploaded_at.borrow();
            let mut rest = objects.range::<str, _>((Bound::Excluded(after), Bound::Unbounded));
            let listed = rest
                .by_ref()
                .take(at_most as usize)
                .map(|(key, bytes)| StoredObject {
                    key: key.clone(),
                    uploaded_at: times.get(key).copied().unwrap_or(0),
                    size: bytes.len() as u64,
                });
            ObjectListing {
                objects: listed.collect(),
                has_more: rest.next().is_some(),
            }
        })
    }

    async fn delete(&self, keys: Vec<String>) -> Result<(), PackError> {
        self.call(|objects| objects.retain(|key, _| !keys.contains(key)))
    }
}
