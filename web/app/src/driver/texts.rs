//! A text that is edited in the page: read as a text field takes it, kept while it is
//! typed, and handed in as the file's next version. It is based on the version that it was
//! typed over, so a newer one of somebody else makes a conflict of it, as with any edit.

use super::current::Current;
use super::door::Door;
use super::store::Store;
use super::viewing::{Source, in_time};
use crate::words::{say, t};
use js_sys::Array;
use merge::{Encoding, Unwritten};
use platform::browser::locks::{self, HeldLock};
use platform::failure::{Failure, refused, thrown};
use platform::local_db::texts::KeptText;
use protocol::ids::{ItemId, Version};
use protocol::paths;
use sync::edit::{DraftBytes, DraftId, Trouble};
use web_sys::{Blob, File};
use workers::reading::{ReadReply, ReadRequest, Reader};

/// A larger file is not edited here, in bytes.
pub const MAX_EDITED_BYTES: u64 = 2 << 20;
/// A tab that has just closed the file needs no longer than this to say so, in
/// milliseconds.
const TURN_MILLIS: u64 = 700;

/// Where a file's next version is that was handed in here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnItsWay {
    /// There is none, or the server has it.
    No,
    Yes,
    /// It needs the person.
    Stuck,
}

/// A text that can be typed over.
pub struct OpenText {
    /// The version that it says.
    pub base: Version,
    /// What that version says, with line feeds only.
    pub text: String,
    /// What was typed over it before, and not saved.
    pub typed: Option<KeptText>,
    pub encoding: Encoding,
    pub has_mixed_ends: bool,
    /// The version's bytes.
    pub bytes: Blob,
    /// No other tab edits the file meanwhile.
    _turn: Option<HeldLock>,
}

/// What comes of opening a file to edit it.
#[allow(clippy::large_enum_variant, reason = "one exists at a time")]
pub enum Opened {
    Text(OpenText),
    /// Some of its bytes stand for no characters in this encoding.
    Damaged(Encoding),
}

/// What works on one root's texts.
pub struct Texts<'a> {
    pub current: &'a Current,
    pub store: &'a Store,
    pub door: &'a Door,
}

impl Texts<'_> {
    /// Opens a file of which the newest version is `newest`, or goes on with what was typed
    /// over an older one. `None` for what is no text.
    ///
    /// # Errors
    /// In words, also why it is not the time for it.
    pub async fn open(&self, item: ItemId, newest: Version) -> Result<Option<Opened>, Failure> {
        let turn = match locks::exist() {
            true => {
                let name = format!("driftless-text-{item}");
                let turn = locks::take_within(&name, TURN_MILLIS);
                let why = t("You are editing this file in another tab of this browser");
                Some(turn.await.ok_or_else(|| Failure::Device(why.to_owned()))?)
            }
            false => None,
        };
        let typed = self.kept(item).await?;
        self.check_way(item)?;
        let base = typed.as_ref().map_or(newest, |typed| typed.base);
        let api = self.current.api();
        let address = api.at(&paths::content(item, Some(base)));
        let client = self.current.client();
        let here = client.map(|client| (client, item, base));
        let bytes = Source { api, here }.whole(&address).await?;
        if bytes.size() > MAX_EDITED_BYTES as f64 {
            return Ok(None);
        }
        let reader = Reader::launch().await?;
        let ReadReply::Field(field) = in_time(reader.ask(ReadRequest::Field, &bytes)).await? else {
            return Ok(None);
        };
        let Some(text) = field.text else {
            return Ok(Some(Opened::Damaged(field.encoding)));
        };
        Ok(Some(Opened::Text(OpenText {
            base,
            text,
            typed,
            encoding: field.encoding,
            has_mixed_ends: field.has_mixed_ends,
            bytes,
            _turn: turn,
        })))
    }

    /// What was typed over a file and not saved; or handed in, and its bytes are gone.
    ///
    /// # Errors
    /// The local database fails.
    pub async fn kept(&self, item: ItemId) -> Result<Option<KeptText>, Failure> {
        let Some(database) = self.store.database() else {
            return Ok(None);
        };
        if !database.is_ours().await? {
            return Ok(None);
        }
        if let Some(typed) = database.typed_text(item).await? {
            return Ok(Some(typed));
        }
        let Some(handed_in) = database.handed_in_text(item).await? else {
            return Ok(None);
        };
        let draft = handed_in.draft.unwrap_or(DraftId(0));
        match self.bytes_of(draft) {
            Some(DraftBytes::Gone) => return Ok(Some(handed_in)),
            Some(_) => return Ok(None),
            None => {}
        }
        // Another tab may have it still.
        let is_over = self
            .store
            .drafts()
            .await
            .is_some_and(|all| !all.contains(&draft));
        if is_over {
            database.forget_handed_in(item).await?;
        }
        Ok(None)
    }

    fn bytes_of(&self, draft: DraftId) -> Option<DraftBytes> {
        let client = self.current.client()?;
        let engine = client.engine();
        engine.trees().draft(draft).map(|draft| draft.bytes)
    }

    /// Keeps what was typed.
    ///
    /// # Errors
    /// There is no room for it, or no database.
    pub async fn keep(&self, item: ItemId, text: &KeptText) -> Result<(), Failure> {
        let Some(database) = self.store.database() else {
            return Err(refused(t("it keeps no data for this page")));
        };
        database.keep_typed(item, text).await
    }

    /// Lets go of what was typed.
    ///
    /// # Errors
    /// The local database fails.
    pub async fn forget(&self, item: ItemId) -> Result<(), Failure> {
        let Some(database) = self.store.database() else {
            return Ok(());
        };
        database.forget_typed(item).await?;
        if self.way(item) == OnItsWay::Stuck {
            database.forget_handed_in(item).await?;
        }
        Ok(())
    }

    /// Makes what was typed the next version of the file. It is kept until the server has
    /// it. Returns its file.
    ///
    /// # Errors
    /// In words; nothing is changed then.
    pub async fn save(
        &self,
        item: ItemId,
        name: &str,
        over: &Blob,
        typed: KeptText,
    ) -> Result<File, Failure> {
        let reader = Reader::launch().await?;
        let ask = ReadRequest::Write {
            typed: typed.text.clone(),
        };
        let bytes = match in_time(reader.ask_for_bytes(ask, over)).await? {
            (ReadReply::Written, Some(bytes)) => bytes,
            (ReadReply::Unwritten(unwritten), _) => {
                return Err(Failure::Device(unwritten_words(&unwritten)));
            }
            _ => return Err(refused(t("the text was not written"))),
        };
        let file = File::new_with_u8_array_sequence(&Array::of1(&bytes), name);
        let file = file.map_err(|e| thrown(&e))?;
        self.check_way(item)?;
        let draft = self.door.add_typed(item, typed.base, file.clone());
        let draft = draft.ok_or_else(|| Failure::Device(t("It was not saved").to_owned()))?;
        if let Some(database) = self.store.database() {
            let handed_in = KeptText {
                draft: Some(draft),
                ..typed
            };
            // Without room for it, what was typed stays where it is.
            let _ = database.hand_in_typed(item, &handed_in).await;
        }
        Ok(file)
    }

    /// A second version would have to be based on one that is not there yet.
    fn check_way(&self, item: ItemId) -> Result<(), Failure> {
        match self.way(item) {
            OnItsWay::Yes => {
                let why = t(
                    "A version of it is still on its way from here to the server. It can be edited once it is there",
                );
                Err(Failure::Device(why.to_owned()))
            }
            OnItsWay::No | OnItsWay::Stuck => Ok(()),
        }
    }

    /// Where the next version is that was handed in last.
    pub fn way(&self, item: ItemId) -> OnItsWay {
        let Some(client) = self.current.client() else {
            return OnItsWay::No;
        };
        let engine = client.engine();
        let edit = engine.trees().edit(item);
        let Some(edit) = edit.filter(|edit| edit.draft().is_some()) else {
            return OnItsWay::No;
        };
        match edit.trouble {
            None => OnItsWay::Yes,
            Some(Trouble::BytesGone) => OnItsWay::Stuck,
            // Its bytes are here: it goes on from the list of uploads.
            Some(_) => OnItsWay::Yes,
        }
    }
}

fn unwritten_words(unwritten: &Unwritten) -> String {
    let chars: Vec<String> = unwritten.chars.iter().map(char::to_string).collect();
    say!(
        "The file is written in {encoding}, which does not have {characters}. Take that out to save the rest",
        encoding = unwritten.encoding.name(),
        characters = chars.join(" ")
    )
}

#[cfg(test)]
mod tests {
    use super::unwritten_words;
    use merge::{Encoding, Unwritten};

    #[test]
    fn it_is_said_which_characters_can_not_be_written() {
        let unwritten = Unwritten {
            encoding: Encoding::Windows1252,
            chars: vec!['☃', '→'],
        };
        assert_eq!(
            unwritten_words(&unwritten),
            "The file is written in Windows-1252, which does not have ☃ →. \
             Take that out to save the rest"
        );
    }
}
