//! What was deleted for good is told, and access to it ends everywhere.

use crate::directory::{links, shares};
use crate::error::Failure;
use crate::log;
use crate::query;
use crate::services::Services;
use crate::store::grants::RemovedRow;
use crate::writes::deletion::{Deleted, Ended};
use crate::writes::grants::hint_ended;
use crate::writes::{Author, mounts};

/// Tells devices of a deletion for good, and ends access to what is no more.
pub async fn tell(services: &impl Services, author: &Author, deleted: &Deleted) {
    if let Some((news, seq)) = &deleted.news {
        services.announce(news.message(author.space, *seq, Vec::new()));
    }
    if let Err(why) = end_access(services, author, &deleted.ended).await {
        // Rows that are left lead nowhere, and whoever is not told finds out when they look.
        log::fault(format_args!(
            "access to what was deleted in {} is not ended everywhere: {why}",
            author.space
        ));
    }
}

/// How many people one request tells that what they had was deleted.
const MOST_TOLD: usize = 100;

/// The directory forgets access that is no more. The mounts of whoever had it go, and they are
/// told, as when it is taken back.
async fn end_access(
    services: &impl Services,
    author: &Author,
    ended: &Ended,
) -> Result<(), Failure> {
    if ended.grants.is_empty() && ended.links.is_empty() {
        return Ok(());
    }
    let lasts = |grant: &RemovedRow| grant.ends_at.is_none_or(|end| end > author.now);
    let had = ended.grants.iter();
    let had: Vec<_> = had.map(|(grant, _)| (grant.user, grant.item)).collect();
    let ended_for = ended.grants.iter().take(MOST_TOLD);
    let people = ended_for.clone().map(|(grant, _)| grant.user).collect();
    let forget = (
        shares::remove_each(author.space, &had)?,
        links::remove_each(&ended.links)?,
        shares::people(&people)?,
    );
    let (_, _, people) = query::all(&services.directory()?, forget).await?;
    let people = people?;
    let at_home = ended_for.filter_map(|(grant, name)| {
        let account = people.iter().find(|one| one.id == grant.user)?;
        Some((account.home, grant, name.as_str()))
    });
    let at_home: Vec<_> = at_home.collect();
    let mounted: Vec<_> = at_home
        .iter()
        .map(|(home, grant, _)| (*home, grant.id))
        .collect();
    let told: Vec<_> = at_home
        .into_iter()
        .filter(|(_, grant, _)| lasts(grant))
        .collect();
    for db in services.space_databases()? {
        let gone = mounts::forget_each(&db, author, &mounted).await?;
        let hinted = hint_ended(&db, author, &told).await?;
        for (home, news, seq) in gone.into_iter().chain(hinted) {
            services.announce(news.message(home, seq, Vec::new()));
        }
    }
    Ok(())
}
