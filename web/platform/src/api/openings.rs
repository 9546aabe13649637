//! Who has which file open, of those that several people have.

use super::Api;
use super::transport::Request;
use crate::failure::Failure;
use protocol::openings::{Openings, SayOpen, Telling};
use protocol::routes::Route;

impl Api {
    /// What others have open, or had some minutes ago.
    pub async fn openings(&self) -> Result<Openings, Failure> {
        self.get(Route::Openings.path()).await
    }

    /// The person has opened a file, has it open still, or has closed it.
    pub async fn say_open(&self, said: SayOpen) -> Result<(), Failure> {
        let request = Request::post(&self.at(Route::SayOpen.path()));
        self.send_bare(request.with_json(super::to_json(&said)?))
            .await
    }

    /// Whether others are told what the person has open, and the other way round.
    pub async fn tell_openings(&self, tells: bool) -> Result<(), Failure> {
        let request = Request::post(Route::TellOpenings.path());
        self.send_bare(request.with_json(super::to_json(&Telling { tells })?))
            .await
    }
}
