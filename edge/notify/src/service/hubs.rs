//! Which hub holds whose polls.

use super::error::NotifyError;
use protocol::ids::UserId;
use serde::Serialize;
use worker::{Env, Headers, Method, Request, RequestInit, Response};

/// More hubs than this would each hold a handful of polls.
const MAX_HUBS: u64 = 65_536;

/// The hub of a user, from 0 to `count - 1`: the same for all of the user's
/// devices, and even over users.
pub fn number(user: UserId, count: u64) -> u64 {
    let hash = blake3::hash(user.to_string().as_bytes());
    let (head, _) = hash
        .as_bytes()
        .split_first_chunk::<8>()
        .unwrap_or((&[0; 8], &[]));
    u64::from_le_bytes(*head).checked_rem(count).unwrap_or(0)
}

/// How many hubs there are, from the configuration.
pub fn count(env: &Env) -> Result<u64, NotifyError> {
    env.var("HUB_COUNT")?
        .to_string()
        .parse()
        .ok()
        .filter(|count| (1..=MAX_HUBS).contains(count))
        .ok_or(NotifyError::BadHubCount)
}

/// Sends `body` to the hub of `user` and waits for its answer.
pub async fn send(
    env: &Env,
    user: UserId,
    path: &str,
    body: &impl Serialize,
) -> Result<Response, NotifyError> {
    send_to(env, number(user, count(env)?), path, body).await
}

/// Sends `body` to hub number `hub` and waits for its answer.
pub async fn send_to(
    env: &Env,
    hub: u64,
    path: &str,
    body: &impl Serialize,
) -> Result<Response, NotifyError> {
    let json = serde_json::to_string(body).map_err(worker::Error::from)?;
    let headers = Headers::new();
    headers.set("content-type", "application/json")?;
    let mut init = RequestInit::new();
    init.with_method(Method::Post)
        .with_headers(headers)
        .with_body(Some(json.into()));
    let request = Request::new_with_init(&format!("https://hub{path}"), &init)?;
    let stub = env
        .durable_object("HUBS")?
        .get_by_name(&format!("hub-{hub}"))?;
    Ok(stub.fetch_with_request(request).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_are_spread_evenly_and_stay_where_they_are() {
        let user = |i: u16| {
            let [a, b] = i.to_le_bytes();
            UserId::from_random([a, b, 7, a, b, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
        };
        let mut users_per_hub = [0; 8];
        for i in 0..8_000 {
            let hub = number(user(i), 8);
            assert_eq!(hub, number(user(i), 8));
            users_per_hub[hub as usize] += 1;
        }
        assert!(
            users_per_hub
                .iter()
                .all(|users| (800..1_200).contains(users)),
            "{users_per_hub:?}"
        );
    }
}
