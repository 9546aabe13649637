//! Who has a file open that several people have. It is between people: no token says it,
//! and none is told.

use crate::access::reach::Use;
use crate::directory::{guesses, shares, telling};
use crate::error::Failure;
use crate::http::answer;
use crate::http::answer::Response;
use crate::http::auth;
use crate::http::call::Call;
use crate::http::runtime::Runtime;
use crate::ports::Database;
use crate::reads::openings as reads;
use crate::store::openings as rows;
use crate::writes::openings as writes;
use protocol::ids::{ItemId, SpaceId};
use protocol::notifications::{Event, EventType, JournalGrew};
use protocol::openings::{Openings, SayOpen, Telling};

/// `GET /openings`: 200 with [`Openings`], of what is the caller's to see.
///
/// 1. 403 `not_for_tokens`.
/// 2. Nothing for whoever tells nothing.
/// 3. See [`reads::of_others`].
pub async fn list(call: &mut Call<impl Runtime>) -> Result<Response, Failure> {
    let who = auth::signed_in(call, Use::Named).await?;
    // 1
    who.check_person()?;
    // 2
    let tells = telling::tells(&call.runtime.directory()?, who.user).await?;
    if !tells {
        let openings = Vec::new();
        return answer::json(&Openings { tells, openings });
    }
    // 3
    let (db, reach, now) = (call.space_of(who.space)?, who.reach(), call.runtime.now());
    let of = (who.space, reach.part());
    let openings = reads::of_others(&db, of, who.user, now).await?;
    answer::json(&Openings { tells, openings })
}

/// `POST /openings`: 204, whether anybody is told or not.
///
/// 1. 403 `not_for_tokens`.
/// 2. 404 `no_such_item` for what they may not see, 409 for what is no file.
/// 3. Nothing comes of it if they tell nothing, or have said it just now.
/// 4. 429 `too_many_requests`.
/// 5. Writes it. Those who have the file too are told.
pub async fn say(call: &mut Call<impl Runtime>) -> Result<Response, Failure> {
    let who = auth::signed_in(call, Use::Named).await?;
    // 1
    who.check_person()?;
    let said: SayOpen = call.json().await?;
    // 2
    let (db, directory) = (call.space_of(who.space)?, call.runtime.directory()?);
    let author = call.author(&who);
    let step = writes::look(&db, &author, said).await?;
    // 3
    let Some(step) = step else {
        return Ok(answer::no_content());
    };
    if !telling::tells(&directory, who.user).await? {
        return Ok(answer::no_content());
    }
    // 4
    guesses::count_opening(&directory, who.user, author.now).await?;
    // 5
    let told = writes::write(&db, &author, &step).await?;
    if !told.is_empty() {
        // Who has opened what is for each of them to ask for, by what they may know.
        let event = Event {
            event_type: EventType::FileOpened,
            file_id: ItemId::from_random([0; 16]),
            timestamp: author.now,
            name: None,
            by: None,
        };
        call.runtime.announce(JournalGrew {
            space: who.space,
            owner: None,
            seq: 0,
            event,
            about: Vec::new(),
            below: Vec::new(),
            also: told.into_iter().collect(),
        });
    }
    Ok(answer::no_content())
}

/// `POST /openings/telling`: 204. It holds for the person, on all their devices.
///
/// 1. 403 `not_for_tokens`.
/// 2. Writes it. What was said before is forgotten where nothing is to be told.
pub async fn tell(call: &mut Call<impl Runtime>) -> Result<Response, Failure> {
    let who = auth::signed_in(call, Use::Drive).await?;
    // 1
    who.check_person()?;
    let Telling { tells } = call.json().await?;
    // 2
    let directory = call.runtime.directory()?;
    telling::set(&directory, who.user, tells).await?;
    if !tells {
        let shared = shares::of_user(&directory, who.user).await?;
        let shared = shared.into_iter().map(|share| share.space);
        let spaces: Vec<SpaceId> = shared.chain([who.space]).collect();
        for db in call.runtime.space_databases()? {
            db.run(rows::forget(&spaces, who.user)?).await?;
        }
    }
    Ok(answer::no_content())
}
