//! What others did, in one's own drive and in all that is shared with one.

use super::Api;
use super::transport::Request;
use crate::failure::Failure;
use protocol::changes::LIMIT;
use protocol::ids::UnixMillis;
use protocol::news::{News, Seen, Unseen};
use protocol::routes::Route;

impl Api {
    pub async fn news(&self) -> Result<News, Failure> {
        self.get(Route::News.path()).await
    }

    /// Only how much there is that the person has not seen.
    pub async fn unseen(&self) -> Result<u64, Failure> {
        let path = format!("{}?{LIMIT}=1", Route::News.path());
        let answer: Unseen = self.get(&path).await?;
        Ok(answer.unseen)
    }

    /// The person has seen what is not newer.
    pub async fn see_news(&self, up_to_ms: UnixMillis) -> Result<(), Failure> {
        let request = Request::post(Route::SeeNews.path());
        let body = super::to_json(&Seen { up_to_ms })?;
        self.send_bare(request.with_json(body)).await
    }
}
