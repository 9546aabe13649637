//! The end of an account is set, or taken away again. Everybody who has something of it is
//! told of either.

use crate::directory::{ends, shares};
use crate::error::Failure;
use crate::query;
use crate::services::Services;
use crate::writes::Author;
use crate::writes::ending::{self, Entry, Notice};
use protocol::activity::AccountNews;
use protocol::ids::{SpaceId, UnixMillis, UserId};
use protocol::notifications::{EventType, JournalGrew};
use std::collections::BTreeSet;

/// Ends the author's account at a time. If it is ended already, that end stays. Returns when
/// it is. `known_end` is what the directory has had.
///
/// 1. The space has the end: access to it ends then.
/// 2. Whoever has some is told.
/// 3. The directory has it, unless the end was taken away meanwhile.
///
/// # Errors
/// A database fails. Once more, it goes on.
pub async fn begin(
    services: &impl Services,
    author: &Author,
    ends_at: UnixMillis,
    known_end: Option<UnixMillis>,
) -> Result<UnixMillis, Failure> {
    let user = author.person()?.user_id;
    let (db, directory) = (services.database_of(author.space)?, services.directory()?);
    // 1
    let (ends_at, entry) = ending::set(&db, author, ends_at).await?;
    // 2
    let told = tell(services, author, Some(ends_at)).await?;
    // 3
    ends::put(&directory, user, known_end, Some(ends_at), author.now).await?;
    let still = query::one(&db, ending::end_of(author.space)).await?;
    if still != Some(ends_at) {
        ends::put(&directory, user, Some(ends_at), None, author.now).await?;
    }
    announce(services, author.space, entry, told);
    Ok(ends_at)
}

/// Keeps the author's account after all. `known_end` is what the directory has had.
///
/// 1. The space has no end any more: access to it is as it was given.
/// 2. Whoever has some is told.
/// 3. The directory has no end either.
///
/// # Errors
/// A database fails. Once more, it goes on.
pub async fn keep(
    services: &impl Services,
    author: &Author,
    known_end: Option<UnixMillis>,
) -> Result<(), Failure> {
    let user = author.person()?.user_id;
    let (db, directory) = (services.database_of(author.space)?, services.directory()?);
    // 1
    let taken = ending::take_away(&db, author).await?;
    let (end, entry) = taken.unzip();
    let ends: BTreeSet<UnixMillis> = [end, known_end].into_iter().flatten().collect();
    if ends.is_empty() {
        return Ok(());
    }
    // 2
    let told = tell(services, author, None).await?;
    // 3
    for end in ends {
        ends::put(&directory, user, Some(end), None, author.now).await?;
    }
    announce(services, author.space, entry, told);
    Ok(())
}

/// Tells everybody who has something of the author's space what becomes of the account, in
/// the journals of their own. Returns what is announced.
async fn tell(
    services: &impl Services,
    author: &Author,
    ends_at_ms: Option<UnixMillis>,
) -> Result<Vec<JournalGrew>, Failure> {
    let people = ending::people(&services.database_of(author.space)?, author).await?;
    let account = AccountNews { ends_at_ms };
    notify(services, author, EventType::ShareChanged, account, &people).await
}

/// Tells these people.
///
/// # Errors
/// A database fails.
pub async fn notify(
    services: &impl Services,
    author: &Author,
    event: EventType,
    account: AccountNews,
    people: &BTreeSet<UserId>,
) -> Result<Vec<JournalGrew>, Failure> {
    if people.is_empty() {
        return Ok(Vec::new());
    }
    let people = query::one(&services.directory()?, shares::people(people)?).await?;
    let told = people
        .iter()
        .map(|one| (one.home, one.person().user_name))
        .collect::<Vec<_>>();
    let notice = Notice {
        event,
        account,
        told: &told,
    };
    let mut messages = Vec::new();
    for db in services.space_databases()? {
        let told = notice.write(&db, author, Vec::new()).await?.into_iter();
        messages.extend(told.map(|(space, news, seq)| news.message(space, seq, Vec::new())));
    }
    Ok(messages)
}

fn announce(
    services: &impl Services,
    space: SpaceId,
    entry: Option<Entry>,
    told: Vec<JournalGrew>,
) {
    let own = entry.map(|(news, seq)| news.message(space, seq, Vec::new()));
    for message in own.into_iter().chain(told) {
        services.announce(message);
    }
}
