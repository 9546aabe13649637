//! `POST /api/v1/files/{id}/sync`: the proposal.

use crate::answer;
use crate::auth;
use crate::call::Call;
use crate::error::Failure;
use driftless_core::access::reach::Use;
use driftless_core::reads::proposal;
use protocol::files::Proposal;
use protocol::ids::ItemId;
use worker::Response;

/// 200 with [`ProposalAnswer`](protocol::files::ProposalAnswer); what
/// is refused is told at [`proposal::propose`].
pub async fn propose(call: &mut Call, id: ItemId) -> Result<Response, Failure> {
    let who = auth::signed_in(call, Use::Drive).await?;
    let body: Proposal = call.json().await?;
    let db = call.space_of(&who)?;
    answer::json(&proposal::propose(&db, who.space, id, body).await?)
}
