//! Receipts for blocks that somebody has sent: see [`protocol::receipts`]. They are codes
//! under the server's secret, so no row is kept of them. After another secret has taken
//! over, blocks are sent again.

use blocks::hash::BlockHash;
use protocol::ids::{LinkId, SpaceId, UnixMillis, UserId};
use protocol::limits::RECEIPT_MILLIS;
use protocol::receipts::Receipt;

const OF_PEOPLE: &str = "driftless 2026 receipts for blocks";
const OF_LINKS: &str = "driftless 2026 receipts for blocks over links";

/// Who sends blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlockSender {
    /// A person.
    Person(UserId),
    /// Whoever visits a link.
    Visitor(LinkId),
}

/// Gives receipts to one person in one space, or to the visitors of one link, and knows
/// them again.
pub struct ReceiptBook {
    key: [u8; 32],
    sender: BlockSender,
    space: SpaceId,
}

impl ReceiptBook {
    /// The book of a server with this secret.
    pub fn new(secret: &[u8], sender: BlockSender, space: SpaceId) -> Self {
        let context = match sender {
            BlockSender::Person(_) => OF_PEOPLE,
            BlockSender::Visitor(_) => OF_LINKS,
        };
        let key = blake3::derive_key(context, secret);
        Self { key, sender, space }
    }

    /// A receipt for a block that they have sent now.
    pub fn give(&self, block: BlockHash, now: UnixMillis) -> Receipt {
        let until_hour = Receipt::hour_after(now, RECEIPT_MILLIS);
        let code = self.code(block, until_hour);
        let mac = code.as_bytes().first_chunk().copied().unwrap_or_default();
        Receipt { until_hour, mac }
    }

    /// Whether they have sent the block, and not too long ago.
    pub fn knows(&self, block: BlockHash, receipt: &Receipt, now: UnixMillis) -> bool {
        let code = self.code(block, receipt.until_hour);
        let mut shown = *code.as_bytes();
        if let Some(mac) = shown.first_chunk_mut() {
            *mac = receipt.mac;
        }
        // Hashes are compared in constant time.
        receipt.holds_at(now) && blake3::Hash::from_bytes(shown) == code
    }

    /// All parts have lengths of their own, so they can't run into one another.
    fn code(&self, block: BlockHash, until_hour: u32) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new_keyed(&self.key);
        let sender = match self.sender {
            BlockSender::Person(user) => user.to_string(),
            BlockSender::Visitor(link) => link.to_string(),
        };
        hasher.update(sender.as_bytes());
        hasher.update(self.space.to_string().as_bytes());
        hasher.update(block.as_bytes());
        hasher.update(&until_hour.to_be_bytes());
        hasher.finalize()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receipt_is_of_one_person_one_space_one_block_and_one_day() {
        let user = |n| BlockSender::Person(UserId::from_random([n; 16]));
        let link = |n| BlockSender::Visitor(LinkId::from_random([n; 16]));
        let space = |n| SpaceId::from_random([n; 16]);
        let (block, now) = (BlockHash::of(b"block"), 1_795_392_000_123);
        let book = ReceiptBook::new(b"secret", user(1), space(2));
        let receipt = book.give(block, now);
        assert!(book.knows(block, &receipt, now));
        assert!(!book.knows(BlockHash::of(b"other"), &receipt, now));
        for other in [
            ReceiptBook::new(b"secret", user(2), space(2)),
            ReceiptBook::new(b"secret", link(1), space(2)),
            ReceiptBook::new(b"secret", user(1), space(3)),
            ReceiptBook::new(b"other", user(1), space(2)),
        ] {
            assert!(!other.knows(block, &receipt, now));
        }
        assert!(!book.knows(block, &receipt, now + RECEIPT_MILLIS));
        let longer = Receipt {
            until_hour: receipt.until_hour + 1,
            ..receipt
        };
        assert!(!book.knows(block, &longer, now));
        for byte in 0..receipt.mac.len() {
            let mut forged = receipt;
            let mut bytes = forged.mac.iter_mut();
            bytes.nth(byte).into_iter().for_each(|byte| *byte ^= 1);
            assert!(!book.knows(block, &forged, now), "{byte}");
        }
    }
}
