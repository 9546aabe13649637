//! What is left of an account that has ended goes. Each step looks what there is, does a
//! bounded amount of work, and leaves nothing to remember: the next one looks again, whoever
//! makes it and whatever became of this one.
//!
//! 1. What lets its person in: devices, tokens, the record of the password.
//! 2. Access that they had to what is others'. The others are told.
//! 3. Access that others had, with the places that these gave it among their own files.
//!    They are told.
//! 4. Links.
//! 5. Items, as by a deletion for good: they go at once, and what is left over of them goes
//!    by thousands of rows.
//! 6. The journal, and what else was written down.
//! 7. Blocks, and with the last of a pack its object.
//! 8. The space, if nothing is left of it.
//! 9. What the directory knows of the space, and the person. Now the name is free.
//!
//! What they wrote in the spaces of others stays, by the name that they had.

use super::announced::notify;
use crate::collect::evict;
use crate::directory::ends::{self, EndingAccount};
use crate::directory::{links, shares};
use crate::error::Failure;
use crate::ports::{Database, Statement};
use crate::query;
use crate::services::Services;
use crate::store::openings;
use crate::store::sql::ending as sql;
use crate::writes::ending::Notice;
use crate::writes::{Author, deletion, mounts};
use protocol::activity::AccountNews;
use protocol::ids::{GrantId, ItemId, SpaceId, UnixMillis, UserId};
use protocol::links::LinkKey;
use protocol::notifications::EventType;
use serde::Deserialize;
use serde_json::Value as Json;
use std::collections::BTreeSet;

/// What one step does at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StepBounds {
    /// Grants and links; each may take a mount along.
    pub access: u64,
    /// Rows of each other kind.
    pub rows: u64,
}

/// At most 9 calls of databases and pack store, three more for each further database of
/// spaces.
pub const BOUNDS: StepBounds = StepBounds {
    access: 8,
    rows: 4_000,
};

/// What a step came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// There is more.
    Goes,
    /// Nothing is left of the account.
    Gone,
}

#[derive(Deserialize)]
struct LeftRow {
    grants: u8,
    links: u8,
    items: u8,
    doomed: u8,
    others: u8,
    blocks: u8,
    packs: u8,
}

/// An account that has ended, in the hands of the job.
pub struct Ended<'a> {
    /// The account.
    pub account: &'a EndingAccount,
    /// Its person, as what is told names them.
    pub author: &'a Author,
    /// What ended before this is gone for good.
    pub before: UnixMillis,
    /// What a step does.
    pub bounds: StepBounds,
}

impl Ended<'_> {
    /// Makes the next step. The caller has looked that both rows of the account say that it
    /// has ended.
    ///
    /// # Errors
    /// A database or the pack store does not answer, or another step was faster.
    pub async fn step(&self, services: &impl Services) -> Result<Step, Failure> {
        let (space, rows) = (self.account.home, self.bounds.rows);
        let directory = services.directory()?;
        let person = ends::left(&directory, self.account.id).await?;
        if person.has_devices() {
            ends::remove_ways_in(&directory, self.account.id, rows).await?;
            return Ok(Step::Goes);
        }
        if person.has_shares() {
            self.remove_access_had(services).await?;
            return Ok(Step::Goes);
        }
        let db = services.database_of(space)?;
        let left = Statement::new(sql::LEFT).id(space);
        let Some(left) = query::one(&db, left.first::<LeftRow>()).await? else {
            let gone = ends::remove_person(&directory, self.account, self.before, rows).await?;
            return Ok(match gone {
                true => Step::Gone,
                false => Step::Goes,
            });
        };
        if left.grants != 0 {
            self.remove_access_given(services, &db).await?;
        } else if left.links != 0 {
            self.remove_links(&directory, &db).await?;
        } else if left.doomed != 0 {
            // Before more is doomed, or each step would look through all that is.
            deletion::go_on_in(&db, space, rows).await?;
        } else if left.items != 0 {
            self.doom_items(&db).await?;
        } else if left.others != 0 {
            self.remove_others(&db).await?;
        } else if left.blocks != 0 || left.packs != 0 {
            evict::clear(&db, &services.packs()?, space, self.author.now).await?;
        } else {
            let remove = Statement::new(sql::REMOVE_SPACE);
            db.run(remove.id(space).bind(self.before)).await?;
        }
        Ok(Step::Goes)
    }

    fn account(&self) -> AccountNews {
        AccountNews {
            ends_at_ms: self.account.ends_at,
        }
    }

    /// Takes some of what others have shared with the person away, and tells these.
    async fn remove_access_had(&self, services: &impl Services) -> Result<(), Failure> {
        #[derive(Deserialize)]
        struct OfSpace {
            space: SpaceId,
        }
        let (user, at_most) = (self.account.id, self.bounds.access);
        let directory = services.directory()?;
        let had = shares::some_of_user(&directory, user, at_most).await?;
        let had: Vec<(SpaceId, ItemId)> = had.iter().map(|one| (one.space, one.item)).collect();
        let had = serde_json::to_string(&had)?;
        let about = |sql| Statement::new(sql).id(user).bind(had.as_str());
        for db in services.space_databases()? {
            let spaces: Vec<OfSpace> = db.run(about(sql::SPACES_OF_HELD)).await?.all()?;
            let ids: Vec<SpaceId> = spaces.iter().map(|one| one.space).collect();
            let name = &self.account.name;
            let told: Vec<_> = spaces
                .into_iter()
                .map(|one| (one.space, name.clone()))
                .collect();
            let notice = Notice {
                event: EventType::ShareRevoked,
                account: self.account(),
                told: &told,
            };
            let removal = vec![about(sql::REMOVE_HELD), openings::forget(&ids, user)?];
            for (space, news, seq) in notice.write(&db, self.author, removal).await? {
                services.announce(news.message(space, seq, Vec::new()));
            }
        }
        shares::remove_some(&directory, user, at_most).await
    }

    /// Takes some access away that others had, with the mounts of it, and tells them.
    async fn remove_access_given(
        &self,
        services: &impl Services,
        db: &impl Database,
    ) -> Result<(), Failure> {
        #[derive(Deserialize)]
        struct Given {
            id: GrantId,
            user: UserId,
        }
        let some = |sql| {
            let some = Statement::new(sql).id(self.account.home);
            some.bind(self.bounds.access)
        };
        let given: Vec<Given> = db.run(some(sql::GRANTS)).await?.readable(&["id"]);
        let people: BTreeSet<UserId> = given.iter().map(|one| one.user).collect();
        let homes = query::one(&services.directory()?, shares::people(&people)?).await?;
        let given = given.iter().filter_map(|one| {
            let home = homes.iter().find(|person| person.id == one.user)?.home;
            Some((home, one.id))
        });
        let given: Vec<(SpaceId, GrantId)> = given.collect();
        for db in services.space_databases()? {
            let told = mounts::forget_each(&db, self.author, &given).await?;
            for (home, news, seq) in told {
                services.announce(news.message(home, seq, Vec::new()));
            }
        }
        let event = EventType::ShareRevoked;
        for message in notify(services, self.author, event, self.account(), &people).await? {
            services.announce(message);
        }
        db.run(some(sql::REMOVE_GRANTS)).await?;
        Ok(())
    }

    /// Takes some links away, those in the directory first: a key without a link leads
    /// nowhere.
    async fn remove_links(
        &self,
        directory: &impl Database,
        db: &impl Database,
    ) -> Result<(), Failure> {
        #[derive(Deserialize)]
        struct OfLink {
            key: LinkKey,
        }
        let some = |sql| {
            let some = Statement::new(sql).id(self.account.home);
            some.bind(self.bounds.access)
        };
        let keys: Vec<OfLink> = db.run(some(sql::LINK_KEYS)).await?.readable(&["id"]);
        let keys: Vec<LinkKey> = keys.into_iter().map(|one| one.key).collect();
        directory.run(links::remove_each(&keys)?).await?;
        db.run(some(sql::REMOVE_LINKS)).await?;
        Ok(())
    }

    async fn doom_items(&self, db: &impl Database) -> Result<(), Failure> {
        let space = self.account.home;
        let some = Statement::new(sql::ITEMS).id(space).bind(self.bounds.rows);
        let some = query::one(db, some.list::<Json>().or_default()).await?;
        deletion::doom(db, space, &some).await
    }

    async fn remove_others(&self, db: &impl Database) -> Result<(), Failure> {
        let some = |sql| {
            let some = Statement::new(sql).id(self.account.home);
            some.bind(self.bounds.rows)
        };
        let statements = [
            sql::REMOVE_FILE_ROWS,
            sql::REMOVE_CONFLICT_ROWS,
            sql::REMOVE_VERSIONS,
            sql::REMOVE_CONFLICTS,
            sql::REMOVE_CHANGES,
            sql::REMOVE_OPERATIONS,
            sql::REMOVE_DELETED,
            sql::REMOVE_THINNED,
            sql::REMOVE_OPENINGS,
            sql::REMOVE_HANDOVERS,
        ];
        db.batch(statements.into_iter().map(some).collect()).await?;
        Ok(())
    }
}
