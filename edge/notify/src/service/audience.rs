//! Who may see a space, and so has to be woken when its journal grows.

use super::error::NotifyError;
use protocol::ids::{SpaceId, UserId};
use serde::Deserialize;
use serde_json::Value as Json;
use std::collections::HashMap;
use worker::{Env, console_error};

#[derive(Deserialize)]
struct Row {
    space: SpaceId,
    user: UserId,
}

/// The users who may see each of `spaces`.
pub async fn of_spaces(
    env: &Env,
    spaces: &[SpaceId],
) -> Result<HashMap<SpaceId, Vec<UserId>>, NotifyError> {
    let spaces = serde_json::to_string(spaces).map_err(worker::Error::from)?;
    let rows: Vec<Json> = env
        .d1("DIRECTORY_DB")?
        .prepare(
            "SELECT home_space AS space, id AS user FROM users
             WHERE home_space IN (SELECT value FROM json_each(?1))",
        )
        .bind(&[spaces.into()])?
        .all()
        .await?
        .results()?;
    let mut audience: HashMap<SpaceId, Vec<UserId>> = HashMap::new();
    for row in rows {
        // One that can't be read keeps nobody else from being woken.
        match Row::deserialize(&row) {
            Ok(row) => audience.entry(row.space).or_default().push(row.user),
            Err(why) => console_error!("the user of a space can't be read, {row}: {why}"),
        }
    }
    Ok(audience)
}
