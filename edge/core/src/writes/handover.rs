//! The batch that hands an item over, with all that is below it: all rows move from one
//! space to another, or none. It goes by what is below the item at that moment, so that
//! whatever was changed since it was looked at moves, too.
//!
//! - Items keep their ids, versions, conflicts and lists. Mounts in it are the old owner's
//!   and go away; so do those of the new owner that led to it.
//! - Access of others goes along under the same ids. The new owner's ends, and the old owner
//!   gets some, and a mount where the item stood.
//! - The new space has an entry of its journal for each item, each folder before what is in
//!   it; the old one as well, and two more, of the mount and of the access.
//!
//! The batch is refused unless the offer still stands, the item is where it was, there is
//! room, and the new space has all blocks.

use super::{Announcement, Author, JournalEntry, append};
use crate::error::Failure;
use crate::ports::{Database, DbError, Statement};
use crate::query::{self, Query};
use crate::store::handover::{Counts, Transfer};
use crate::store::rows::HeadRow;
use crate::store::sql::{grants, handover as sql, items, space};
use protocol::grants::{Grant, Person, Role};
use protocol::ids::{GrantId, ItemId, Seq, UnixMillis, UserId};
use protocol::items::{Item, Mount};
use protocol::limits::{MAX_FOLDER_DEPTH, MAX_HANDED_ITEMS, MAX_HANDED_ROWS};
use protocol::name::Name;
use protocol::notifications::{Actor, Event, EventType};
use serde::Deserialize;
use std::collections::BTreeSet;

/// What is handed over, and what becomes of it.
#[derive(Clone, Debug)]
pub struct Handing<'a> {
    /// The item and its spaces.
    pub of: Transfer,
    /// The offer.
    pub grant: &'a Grant,
    /// When it was made.
    pub offered_at: UnixMillis,
    /// The item as it was looked at.
    pub item: &'a Item,
    /// What there was of it.
    pub counts: Counts,
    /// Where it is to stand.
    pub place: (Option<ItemId>, Name),
    /// Fresh ids of the old owner's grant and mount.
    pub fresh: (GrantId, ItemId),
}

/// What was written.
#[derive(Clone, Debug)]
pub struct Handed {
    /// What polls of the old space are told.
    pub gone: (Announcement, Seq),
    /// The same of the new one.
    pub come: (Announcement, Seq),
    /// Whose access goes on, and the new owner: their polls of the old space end.
    pub woken: Vec<UserId>,
    /// The access of the old owner.
    pub grant: Grant,
}

#[derive(Deserialize)]
struct UserRow {
    user: UserId,
}

impl Handing<'_> {
    /// Writes it. `author` is the new owner.
    ///
    /// # Errors
    /// A guard or a foreign key refuses it, or the database fails.
    pub async fn write(&self, db: &impl Database, author: &Author) -> Result<Handed, Failure> {
        let by = author.person()?;
        let new_owner = Person {
            user_id: by.user_id,
            user_name: by.user_name.clone(),
        };
        let grant = self.grant_of_old_owner(author, &new_owner);
        let old = self.of.from;
        let on_old = |sql| Statement::new(sql).id(old);
        let batch = (
            self.guards(author, by)?,
            vec![
                on_old(sql::FILL).id(self.of.item),
                self.on_both(sql::FILL_MOUNTS).id(by.user_id),
                on_old(sql::GUARD_SIZE)
                    .bind(MAX_HANDED_ITEMS)
                    .bind(MAX_HANDED_ROWS),
            ],
            head(self.on_both(sql::COUNT_IN)),
            self.moves(author, by)?,
            self.on_both(sql::MOVE_GRANTS)
                .id(new_owner.user_id)
                .bind(new_owner.user_name.as_str())
                .readable::<UserRow>(&["user"]),
            self.gives(author, &grant)?,
            head(self.on_both(sql::COUNT_OUT)),
            self.tells(author, by)?,
        );
        let (_, _, come, _, users, _, gone, _) = query::all(db, batch).await?;
        let mut woken: BTreeSet<UserId> = users?.into_iter().map(|row| row.user).collect();
        woken.insert(new_owner.user_id);
        let event = Event {
            event_type: EventType::HandedOver,
            file_id: self.of.item,
            timestamp: author.now,
            name: Some(self.item.name.to_string()),
            by: Some(by.clone()),
        };
        let news = |event: Event, parent: Option<ItemId>| Announcement {
            event,
            owner: None,
            about: parent.into_iter().chain([self.of.item]).collect(),
            below: BTreeSet::new(),
        };
        let there = Event {
            name: Some(self.place.1.to_string()),
            ..event.clone()
        };
        Ok(Handed {
            gone: (news(event, self.item.parent), gone?),
            come: (news(there, self.place.0), come?),
            woken: woken.into_iter().collect(),
            grant,
        })
    }

    fn on_both(&self, sql: &'static str) -> Statement {
        Statement::new(sql).id(self.of.from).id(self.of.to)
    }

    /// What the old owner has of it from then on.
    fn grant_of_old_owner(&self, author: &Author, new_owner: &Person) -> Grant {
        Grant {
            id: self.fresh.0,
            item: self.of.item,
            name: self.place.1.to_string(),
            is_folder: self.item.is_folder(),
            owner: new_owner.clone(),
            person: self.grant.owner.clone(),
            role: Role::Editor,
            created_at_ms: author.now,
            ends_at_ms: None,
            account_ends_at_ms: None,
            offered_at_ms: None,
        }
    }

    /// That all is as it was looked at.
    fn guards(&self, author: &Author, by: &Actor) -> Result<Vec<Statement>, Failure> {
        let old = self.of.from;
        let within = serde_json::to_string(&[self.of.item])?;
        Ok(vec![
            Statement::new(sql::GUARD_OFFERED)
                .id(old)
                .id(self.grant.id)
                .id(by.user_id)
                .id(self.of.item)
                .bind(self.offered_at)
                .bind(author.now),
            Statement::new(sql::GUARD_LASTS)
                .id(self.of.to)
                .bind(author.now),
            Statement::new(items::GUARD_WITHIN)
                .id(old)
                .bind(within)
                .id(self.of.item),
            Statement::new(items::GUARD_PLACE_IS)
                .id(old)
                .id(self.of.item)
                .bind(self.item.place_version),
        ])
    }

    /// Moves the rows, but those of access.
    fn moves(&self, author: &Author, by: &Actor) -> Result<Vec<Statement>, Failure> {
        let (old, new) = (self.of.from, self.of.to);
        let on_old = |sql| Statement::new(sql).id(old);
        let on_new = |sql| Statement::new(sql).id(new);
        let (parent, name) = &self.place;
        let parent_text = parent.map(|id| id.to_string());
        let most_rows = match self.counts.list_rows {
            0 => NO_LIMIT,
            _ => author.limits.list_rows,
        };
        let mut moves = vec![
            on_new(space::GUARD_ROOM)
                .bind(author.limits.items)
                .bind(most_rows),
            on_new(sql::REMEMBER_MOUNTS),
            on_new(sql::DELETE_OWN_MOUNTS),
            on_old(sql::REMEMBER),
            on_new(sql::FORGET_DELETED),
            on_old(sql::DELETE_MOUNTS),
            on_old(sql::FORGET_OPENINGS),
            self.on_both(sql::MOVE_ITEMS)
                .id(self.of.item)
                .bind(parent_text)
                .bind(name.as_str())
                .bind(name.key()),
            self.on_both(sql::MOVE_VERSIONS),
            self.on_both(sql::MOVE_THINNED),
            self.on_both(sql::MOVE_LISTS),
            self.on_both(sql::MOVE_CONFLICT_LISTS),
            self.on_both(sql::MOVE_CONFLICTS),
            on_old(sql::END_GRANTS).id(by.user_id),
            self.on_both(sql::MOVE_LINKS).bind(by.user_name.as_str()),
        ];
        if let Some(parent) = parent {
            let place = [(self.of.item, parent, 0)];
            let guard = on_new(items::GUARD_PLACES).bind(serde_json::to_string(&place)?);
            moves.push(guard.bind(MAX_FOLDER_DEPTH as u64));
        }
        Ok(moves)
    }

    /// Gives the old owner access, and a mount where the item stood.
    fn gives(&self, author: &Author, grant: &Grant) -> Result<Vec<Statement>, Failure> {
        let name = &self.item.name;
        let none = None::<u64>;
        let mount = (
            self.fresh.1,
            self.item.parent,
            name,
            name.key(),
            none,
            grant.id,
        );
        Ok(vec![
            Statement::new(grants::INSERT)
                .id(self.of.to)
                .id(grant.id)
                .id(grant.item)
                .id(grant.owner.user_id)
                .bind(grant.owner.user_name.as_str())
                .id(grant.person.user_id)
                .bind(grant.person.user_name.as_str())
                .bind("editor")
                .bind(grant.created_at_ms)
                .bind(none),
            Statement::new(items::INSERT_ITEMS)
                .id(self.of.from)
                .bind(serde_json::to_string(&[mount])?)
                .bind(author.now),
        ])
    }

    /// Writes both journals, and that the directory's indexes are to be mended.
    fn tells(&self, author: &Author, by: &Actor) -> Result<Vec<Statement>, Failure> {
        let signed = |append: Statement| {
            append
                .bind(author.now)
                .id(by.user_id)
                .bind(by.user_name.as_str())
                .id(by.device_id)
                .bind(by.device_name.as_str())
        };
        let (parent, name) = &self.place;
        let gone = Statement::new(sql::APPEND_GONE)
            .id(self.of.from)
            .bind(by.user_name.as_str());
        let come = Statement::new(sql::APPEND_COME)
            .id(self.of.to)
            .bind(self.grant.owner.user_name.as_str());
        let at_old = Author {
            space: self.of.from,
            ..author.clone()
        };
        let mount = JournalEntry::new(EventType::FileCreate, &self.mount(author));
        let access = JournalEntry::access_elsewhere(
            EventType::ShareGranted,
            self.of.item,
            name.as_str(),
            &self.grant.owner.user_name,
            Some(Role::Editor),
        );
        Ok(vec![
            signed(gone),
            signed(come)
                .bind(parent.map(|id| id.to_string()))
                .bind(name.as_str()),
            append(&at_old, [(1, &mount), (0, &access)].into_iter())?,
            self.on_both(sql::INSERT)
                .id(self.grant.id)
                .id(self.of.item)
                .bind(author.now),
            Statement::new(sql::EMPTY),
        ])
    }

    fn mount(&self, author: &Author) -> Item {
        Item {
            id: self.fresh.1,
            parent: self.item.parent,
            name: self.item.name.clone(),
            place_version: 1,
            file: None,
            mount: Some(Mount {
                grant: self.fresh.0,
            }),
            created_at_ms: author.now,
            trashed_at_ms: None,
            damaged: false,
        }
    }
}

/// More than any count; D1 keeps it exactly.
const NO_LIMIT: u64 = 1 << 52;

/// Where a journal is after a statement that moves it on.
fn head(advance: Statement) -> Query<Seq> {
    advance.first::<HeadRow>().then(|row| {
        let row = row.ok_or_else(|| DbError::Fault("a space is missing".into()))?;
        Ok(row.head_seq)
    })
}
