//! Files of the page itself.

use crate::failure::Failure;
use gloo_net::http::Request;

/// The text of one, by its path.
///
/// # Errors
/// It can't be fetched, or is not there.
pub async fn text(path: &str) -> Result<String, Failure> {
    let response = Request::get(path).send().await;
    let response = response.map_err(|_| Failure::Unreachable)?;
    if !response.ok() {
        return Err(Failure::Unreachable);
    }
    response.text().await.map_err(|_| Failure::Unreachable)
}
