//! What a scheduled job reaches the outside with.

use crate::call::announcing;
use crate::store::d1::{D1, SpaceDatabases};
use crate::store::r2::R2;
use driftless_core::error::Failure;
use driftless_core::services::Services;
use protocol::ids::SpaceId;
use protocol::notifications::JournalGrew;
use worker::{Env, ScheduleContext};

/// The bindings of the Worker, for a scheduled event.
pub struct JobServices<'a> {
    pub env: &'a Env,
    pub context: &'a ScheduleContext,
}

impl Services for JobServices<'_> {
    type Db = D1;
    type Packs = R2;

    fn directory(&self) -> Result<D1, Failure> {
        Ok(D1::bound(self.env, "DIRECTORY_DB")?)
    }

    fn database_of(&self, space: SpaceId) -> Result<D1, Failure> {
        Ok(SpaceDatabases(self.env).of(space)?)
    }

    fn space_databases(&self) -> Result<Vec<D1>, Failure> {
        Ok(SpaceDatabases(self.env).all()?)
    }

    fn packs(&self) -> Result<R2, Failure> {
        Ok(R2::bound(self.env)?)
    }

    fn announce(&self, news: JournalGrew) {
        self.context.wait_until(announcing(self.env, news));
    }
}
