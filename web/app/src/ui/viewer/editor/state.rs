//! What is known of a text while it is typed over: what was typed, what of it is kept, and
//! where the version is that was made of it.

use crate::commands::{Commands, KeptText, OnItsWay, OpenText, use_commands};
use crate::state::Drive;
use crate::state::session::SessionState;
use crate::ui::work::Work;
use crate::words::say;
use blocks::number::FileTime;
use leptos::prelude::*;
use leptos::task::spawn_local;
use platform::browser::clock;
use protocol::ids::{ConflictId, DeviceId, ItemId, Version};
use protocol::items::{Committed, Item};
use web_sys::{Blob, HtmlTextAreaElement};

/// A pause in typing, in milliseconds: what was typed is kept then.
const PAUSE_MILLIS: u64 = 600;

/// Where what was typed is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nothing was saved here.
    Unsaved,
    /// It is on its way to the server.
    Going,
    /// It waits for the person, in the list of uploads.
    Stuck,
    /// The server has it as this version.
    Saved(Version),
    /// Somebody else's version was first.
    Conflict(ConflictId),
    /// The server has it, and more has happened since.
    Over,
}

/// Whether what was typed is kept in this browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeping {
    Not,
    Yes,
    /// There is no room for it.
    Impossible,
}

/// A version that came while the person types.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Newer {
    pub version: Version,
    pub by: Committed,
    /// Whether it is the person's own, of another device or tab.
    pub is_own: bool,
}

#[derive(Clone, Copy)]
pub struct Editing {
    item: ItemId,
    name: StoredValue<String>,
    drive: Drive,
    commands: Commands,
    pub field: StoredValue<Option<HtmlTextAreaElement>, LocalStorage>,
    /// The version that what is typed is based on.
    base: RwSignal<Version>,
    /// What that version says, and its bytes.
    said: StoredValue<String>,
    bytes: StoredValue<Blob, LocalStorage>,
    /// Counts what was typed.
    count: StoredValue<u64>,
    /// What was typed, as the preview shows it: some moments old.
    pub seen: RwSignal<String>,
    pub is_dirty: RwSignal<bool>,
    pub kept: RwSignal<Keeping>,
    pub standing: RwSignal<Standing>,
    /// When the file was made that is on its way.
    sent_at: StoredValue<Option<FileTime>>,
    pub newer: Memo<Option<Newer>>,
    pub is_gone: Memo<bool>,
    pub work: Work,
}

impl Editing {
    pub fn begin(item: &Item, text: &OpenText) -> Self {
        let (drive, commands): (Drive, _) = (expect_context(), use_commands());
        let id = item.id;
        let base = RwSignal::new(text.base);
        let standing = RwSignal::new(Standing::Unsaved);
        let newer = Memo::new(move |_| {
            if standing.get() == Standing::Going {
                return None;
            }
            newer(drive, id, base.get())
        });
        let is_gone =
            Memo::new(move |_| drive.tree.with(|tree| tree.complete && !tree.is_live(id)));
        let editing = Self {
            item: id,
            name: StoredValue::new(item.name.to_string()),
            drive,
            commands,
            field: StoredValue::new_local(None),
            base,
            said: StoredValue::new(text.text.clone()),
            bytes: StoredValue::new_local(text.bytes.clone()),
            count: StoredValue::new(0),
            seen: RwSignal::new(String::new()),
            is_dirty: RwSignal::new(false),
            kept: RwSignal::new(Keeping::Not),
            standing,
            sent_at: StoredValue::new(None),
            newer,
            is_gone,
            work: Work::new(),
        };
        Effect::new(move |_| editing.follow());
        editing
    }

    /// What the field begins with.
    pub fn start(self, text: &OpenText) -> String {
        let typed = text.typed.as_ref().map(|typed| typed.text.clone());
        typed.unwrap_or_else(|| text.text.clone())
    }

    fn value(self) -> Option<String> {
        let value = |field: &Option<HtmlTextAreaElement>| Some(field.as_ref()?.value());
        self.field.try_with_value(value)?
    }

    /// Something was typed.
    pub fn typed(self) {
        let Some(value) = self.value() else {
            return;
        };
        let is_dirty = self.said.with_value(|said| *said != value);
        if self.is_dirty.get_untracked() != is_dirty {
            self.is_dirty.set(is_dirty);
        }
        self.kept.set(Keeping::Not);
        let count = self.count.get_value() + 1;
        self.count.set_value(count);
        spawn_local(async move {
            clock::sleep(PAUSE_MILLIS).await;
            if self.count.try_get_value() == Some(count) {
                if let Some(value) = self.value() {
                    self.seen.try_set(value);
                }
                self.keep().await;
            }
        });
    }

    /// Whether something was typed that would be gone with the page.
    pub fn is_unkept(self) -> bool {
        self.is_dirty.try_get_untracked() == Some(true)
            && self.kept.try_get_untracked() != Some(Keeping::Yes)
    }

    pub fn keep_soon(self) {
        if self.is_unkept() {
            spawn_local(async move { self.keep().await });
        }
    }

    /// Keeps what was typed; or lets go of what was kept, if nothing differs any more.
    pub async fn keep(self) {
        let (Some(value), Some(base)) = (self.value(), self.base.try_get_untracked()) else {
            return;
        };
        if self.kept.try_get_untracked() == Some(Keeping::Yes) {
            return;
        }
        let count = self.count.try_get_value();
        let is_dirty = self.is_dirty.try_get_untracked() == Some(true);
        let outcome = match is_dirty {
            true => {
                let typed = kept(base, value);
                self.commands.keep_text(self.item, &typed).await
            }
            false => self.commands.forget_text(self.item).await,
        };
        // More may have been typed meanwhile.
        if self.count.try_get_value() == count {
            self.kept.try_set(match outcome {
                Ok(()) => Keeping::Yes,
                Err(_) if is_dirty => Keeping::Impossible,
                Err(_) => Keeping::Not,
            });
        }
    }

    /// The view goes: what was typed does not.
    pub fn end(self) {
        let (Some(value), Some(base)) = (self.value(), self.base.try_get_untracked()) else {
            return;
        };
        if !self.is_dirty.try_get_untracked().unwrap_or_default() {
            return;
        }
        let is_kept = self.kept.try_get_untracked() == Some(Keeping::Yes);
        let (commands, item, notices) = (self.commands, self.item, self.drive.notices);
        let name = self.name.try_get_value().unwrap_or_default();
        spawn_local(async move {
            let kept = match is_kept {
                true => Ok(()),
                false => commands.keep_text(item, &kept(base, value)).await,
            };
            if let Err(failure) = kept {
                let what = say!("What you typed in “{name}” could not be kept", name);
                notices.failure(&what, &failure);
            }
        });
    }

    pub fn may_save(self) -> bool {
        self.is_dirty.get()
            && !self.work.busy.get()
            && self.standing.get() != Standing::Going
            && !self.is_gone.get()
    }

    /// Makes what was typed the next version.
    pub fn save(self) {
        if !untrack(|| self.may_save()) {
            return;
        }
        let Some(value) = self.value() else {
            return;
        };
        let base = self.base.get_untracked();
        let (commands, item) = (self.commands, self.item);
        let (name, over) = (self.name.get_value(), self.bytes.get_value());
        let text = value.clone();
        let save = async move {
            commands
                .save_text(item, &name, &over, kept(base, text))
                .await
        };
        self.work.run(save, move |file| {
            let at = FileTime::nearest_to(file.last_modified());
            if self.sent_at.try_set_value(Some(at)).is_some() {
                return;
            }
            self.said.set_value(value);
            self.bytes.set_value(file.into());
            self.standing.set(Standing::Going);
            // What was typed since is another text, and not kept yet.
            self.typed();
        });
    }

    /// What has become of the version that is on its way.
    fn follow(self) {
        self.drive.tree.track();
        self.drive.conflicts.track();
        let standing = self.standing.get();
        if !matches!(standing, Standing::Going | Standing::Stuck) {
            return;
        }
        let now = match self.commands.text_way(self.item) {
            OnItsWay::Yes => Standing::Going,
            OnItsWay::Stuck => Standing::Stuck,
            OnItsWay::No => self.outcome(),
        };
        if now == standing {
            return;
        }
        if let Standing::Saved(version) = now {
            self.base.set(version);
            // What was typed meanwhile is based on it from now on.
            self.kept.set(Keeping::Not);
        }
        self.standing.set(now);
        if now != Standing::Stuck && now != Standing::Going {
            let (commands, item) = (self.commands, self.item);
            spawn_local(async move {
                self.keep().await;
                // The server has it.
                let _ = commands.kept_text(item).await;
            });
        }
    }

    /// Whose version came of it: only one that is surely the person's own is what the next
    /// one is based on.
    fn outcome(self) -> Standing {
        let device = self.device();
        let sent_at = self.sent_at.get_value();
        let head = self.drive.tree.with_untracked(|tree| {
            let head = tree.get(self.item)?.file.as_ref()?;
            Some((head.version, head.modified_at_ms, head.committed.device_id))
        });
        let base = self.base.get_untracked();
        if let Some((version, modified, by)) = head
            && version > base
            && Some(modified) == sent_at
            && Some(by) == device
        {
            return Standing::Saved(version);
        }
        let conflict = self.drive.conflicts.with_untracked(|all| {
            let is_it = |conflict: &&protocol::conflicts::Conflict| {
                conflict.item == self.item
                    && conflict.base_version == base
                    && Some(conflict.committed.device_id) == device
            };
            all.values().find(is_it).map(|conflict| conflict.id)
        });
        conflict.map_or(Standing::Over, Standing::Conflict)
    }

    fn device(self) -> Option<DeviceId> {
        self.drive.session.with_untracked(|session| match session {
            SessionState::SignedIn(session) => Some(session.device.id),
            _ => None,
        })
    }
}

fn kept(base: Version, text: String) -> KeptText {
    KeptText {
        base,
        text,
        at_ms: clock::now_ms(),
        draft: None,
    }
}

fn newer(drive: Drive, item: ItemId, base: Version) -> Option<Newer> {
    let (version, by) = drive.tree.with(|tree| {
        let head = tree.get(item)?.file.as_ref()?;
        (head.version > base).then(|| (head.version, head.committed.clone()))
    })?;
    let own = drive.session.with(SessionState::user_name);
    let is_own = by.user_name == own;
    Some(Newer {
        version,
        by,
        is_own,
    })
}
