//! `POST /api/v1/files/{id}/sync`: the proposal.

use crate::access::reach::Use;
use crate::error::Failure;
use crate::http::answer;
use crate::http::answer::Response;
use crate::http::auth;
use crate::http::call::Call;
use crate::http::runtime::Runtime;
use crate::reads::proposal;
use protocol::files::Proposal;
use protocol::ids::ItemId;

/// 200 with [`ProposalAnswer`](protocol::files::ProposalAnswer); what
/// is refused is told at [`proposal::propose`].
pub async fn propose(call: &mut Call<impl Runtime>, id: ItemId) -> Result<Response, Failure> {
    let who = auth::signed_in(call, Use::Item(id)).await?;
    let body: Proposal = call.json().await?;
    let db = call.space_of(who.space)?;
    answer::json(&proposal::propose(&db, who.space, &who.reach(), id, body).await?)
}
