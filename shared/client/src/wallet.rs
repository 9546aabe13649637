//! Receipts for blocks that were sent and that no version names yet: see
//! [`protocol::receipts`]. They are kept in memory beside the draft that the blocks are of,
//! and go with it. After a reload such blocks are sent again, at most.

use blocks::hash::BlockHash;
use protocol::problem::Problem;
use protocol::receipts::Receipt;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use sync::edit::DraftId;

/// The receipts that this device has. A clone is another handle of the same wallet.
#[derive(Clone, Default)]
pub struct Wallet(Rc<RefCell<HashMap<DraftId, HashMap<BlockHash, Receipt>>>>);

impl Wallet {
    /// Keeps a receipt for a block of a draft.
    pub fn put(&self, draft: DraftId, block: BlockHash, receipt: Receipt) {
        let mut drafts = self.0.borrow_mut();
        drafts.entry(draft).or_default().insert(block, receipt);
    }

    /// Whether there are receipts for blocks of a draft.
    pub fn has_some(&self, draft: Option<DraftId>) -> bool {
        draft.is_some_and(|draft| self.0.borrow().contains_key(&draft))
    }

    /// The receipt for a block of a draft. Whether it still holds is for the server to say:
    /// the clock here may be wrong.
    pub fn find(&self, draft: Option<DraftId>, block: &BlockHash) -> Option<Receipt> {
        self.0.borrow().get(&draft?)?.get(block).copied()
    }

    /// Hears why the server refused a draft's content. A receipt for a block that is
    /// missing all the same is worth nothing any more.
    pub fn refused(&self, draft: Option<DraftId>, why: &Problem) {
        let (Some(draft), Problem::BlocksMissing { missing_blocks }) = (draft, why) else {
            return;
        };
        if let Some(receipts) = self.0.borrow_mut().get_mut(&draft) {
            receipts.retain(|block, _| !missing_blocks.contains(block));
        }
    }

    /// Forgets the receipts of a draft.
    pub fn release(&self, draft: DraftId) {
        self.0.borrow_mut().remove(&draft);
    }

    /// Forgets all receipts.
    pub fn let_go(&self) {
        self.0.take();
    }
}
