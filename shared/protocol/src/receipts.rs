//! Receipts for blocks. Who has only a folder or a file of a space may name blocks that
//! its files have, and blocks that they have sent themselves: the server gives them a
//! receipt for each of those, and they show it where they name the block.

use base64ct::{Base64UrlUnpadded, Encoding};
use blocks::hash::BlockHash;
use blocks::manifest::BlockRef;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::{HashMap, HashSet};

/// Bytes of one receipt.
const RECEIPT_BYTES: usize = 4 + MAC_BYTES;
/// Bytes of a receipt's code: nobody guesses that many while the receipt holds.
pub const MAC_BYTES: usize = 16;
const HOUR_MILLIS: u64 = 60 * 60 * 1_000;

/// What the server gives for a block that somebody has sent. It is of use to nobody else,
/// in no other space, and for no other block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// When it ends, in hours since 1970.
    pub until_hour: u32,
    /// By which the server knows that it gave the receipt.
    pub mac: [u8; MAC_BYTES],
}

impl Receipt {
    /// The hour in which a receipt ends that is given now and holds for so long, in
    /// milliseconds.
    pub fn hour_after(now_ms: u64, holds_ms: u64) -> u32 {
        let hours = now_ms.saturating_add(holds_ms) / HOUR_MILLIS;
        u32::try_from(hours).unwrap_or(u32::MAX)
    }

    /// Whether it has not ended.
    pub fn holds_at(&self, now_ms: u64) -> bool {
        now_ms < u64::from(self.until_hour) * HOUR_MILLIS
    }
}

/// Receipts for blocks in an order that both sides know: one for each frame of an upload,
/// or one for each block that a content names. On the wire it is one text: base64url of
/// 20 bytes for each, which are 0 where there is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String))]
pub struct Receipts(pub Vec<Option<Receipt>>);

impl Receipts {
    /// Those for the blocks that a content names, each block once, in the order in which
    /// they are named first; `None` if there is none for any of them.
    pub fn shown(named: &[BlockRef], find: impl Fn(&BlockHash) -> Option<Receipt>) -> Option<Self> {
        let mut receipts: Vec<_> = each_once(named).map(|hash| find(&hash)).collect();
        let last = receipts.iter().rposition(Option::is_some)?;
        receipts.truncate(last + 1);
        Some(Self(receipts))
    }

    /// The same by block: which block of those that a content names each is shown for.
    pub fn by_block(&self, named: &[BlockRef]) -> HashMap<BlockHash, Receipt> {
        let shown = each_once(named).zip(&self.0);
        let shown = shown.filter_map(|(hash, receipt)| Some((hash, (*receipt)?)));
        shown.collect()
    }
}

fn each_once(named: &[BlockRef]) -> impl Iterator<Item = BlockHash> {
    let mut seen = HashSet::new();
    let hashes = named.iter().map(|block| block.hash);
    hashes.filter(move |hash| seen.insert(*hash))
}

impl Serialize for Receipts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut bytes = Vec::with_capacity(self.0.len() * RECEIPT_BYTES);
        for receipt in &self.0 {
            match receipt {
                Some(Receipt { until_hour, mac }) => {
                    bytes.extend_from_slice(&until_hour.to_be_bytes());
                    bytes.extend_from_slice(mac);
                }
                None => bytes.extend_from_slice(&[0; RECEIPT_BYTES]),
            }
        }
        serializer.serialize_str(&Base64UrlUnpadded::encode_string(&bytes))
    }
}

impl<'de> Deserialize<'de> for Receipts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = Base64UrlUnpadded::decode_vec(&text);
        let bytes = bytes.map_err(serde::de::Error::custom)?;
        let (receipts, rest) = bytes.as_chunks::<RECEIPT_BYTES>();
        if !rest.is_empty() {
            return Err(serde::de::Error::custom("the last receipt is cut off"));
        }
        let receipt = |bytes: &[u8; RECEIPT_BYTES]| {
            let (hour, mac) = bytes.split_first_chunk::<4>()?;
            let until_hour = u32::from_be_bytes(*hour);
            let mac = mac.try_into().ok()?;
            (until_hour > 0).then_some(Receipt { until_hour, mac })
        };
        Ok(Self(receipts.iter().map(receipt).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn block(name: &str) -> BlockRef {
        BlockRef {
            hash: BlockHash::of(name.as_bytes()),
            length: 1,
        }
    }

    fn receipt(first: u8) -> Receipt {
        Receipt {
            until_hour: 500_000,
            mac: [first; MAC_BYTES],
        }
    }

    #[test]
    fn a_receipt_is_shown_for_its_block_however_often_that_is_named() {
        let (one, two, three, four) = (block("1"), block("2"), block("3"), block("4"));
        let named = [one, two, one, three, two, four];
        let given = HashMap::from([(one.hash, receipt(1)), (three.hash, receipt(3))]);
        let shown = Receipts::shown(&named, |hash| given.get(hash).copied()).unwrap();
        assert_eq!(shown.0, [Some(receipt(1)), None, Some(receipt(3))]);
        let text = serde_json::to_string(&shown).unwrap();
        let read: Receipts = serde_json::from_str(&text).unwrap();
        assert_eq!(read.by_block(&named), given);
        assert_eq!(Receipts::shown(&named, |_| None), None);
    }

    #[test]
    fn a_text_that_is_cut_off_is_refused() {
        let text = serde_json::to_string(&Receipts(vec![Some(receipt(1))])).unwrap();
        assert_eq!(text.len(), 27 + 2);
        let short = format!("{}\"", &text[..text.len() - 3]);
        for bad in [short.as_str(), "\"!\"", "7"] {
            assert!(serde_json::from_str::<Receipts>(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_receipt_holds_until_its_hour() {
        let now = 1_795_392_000_123;
        let until_hour = Receipt::hour_after(now, 24 * HOUR_MILLIS);
        let receipt = Receipt {
            until_hour,
            ..receipt(1)
        };
        let end = u64::from(until_hour) * HOUR_MILLIS;
        assert!(receipt.holds_at(now) && receipt.holds_at(end - 1));
        assert!(!receipt.holds_at(end) && end > now + 23 * HOUR_MILLIS);
    }
}
