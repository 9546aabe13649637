//! An honest request at each route, about something of ann's that no other request is
//! about.

use super::Host;
use super::drive::{Drive, sent};
use crate::client::{commit_of, frames, new_file, operation_id, thumbnail};
use crate::drive::{change_place, new_conflict, new_folder, proposal, reopen, resolve};
use crate::random::id_bytes;
use crate::sign_in::Registering;
use protocol::accounts::PasswordStart;
use protocol::conflicts::Choice;
use protocol::grants::Grant;
use protocol::ids::{ItemId, SearchId};
use protocol::items::{Item, ItemChanged};
use protocol::marks::{NewSearch, SavedSearch};
use protocol::routes::Route;
use serde_json::{Value as Json, json};

pub struct Subject {
    /// What stands in the address.
    pub id: String,
    pub body: Vec<u8>,
    /// The item that it is about.
    pub item: ItemId,
}

fn new_search() -> NewSearch {
    NewSearch {
        id: SearchId::from_random(id_bytes()),
        name: "Bills".to_owned(),
        query: "bill".to_owned(),
    }
}

impl<H: Host> Drive<H> {
    /// A request at a route about an empty file in a folder, or about what is made of it.
    pub fn subject(&self, route: Route, folder: ItemId, file: &Item) -> Subject {
        let inside = Some(folder);
        let about = |id: String, body: Json| Subject {
            id,
            body: sent(&body),
            item: file.id,
        };
        let of = |body: Json| about(file.id.to_string(), body);
        let operation = json!({"operation_id": operation_id()});
        let based = |base: u64| json!({"operation_id": operation_id(), "base_place_version": base});
        match route {
            Route::CreateFolder => of(json!(new_folder(inside, &self.name()))),
            Route::ChangeItems => {
                let mut change = based(1);
                change["change"] = "trash".into();
                change["item"] = json!(file.id);
                of(json!({"changes": [change]}))
            }
            Route::ChangePlace => of(json!(change_place(file, inside, &self.name()))),
            Route::Trash => of(based(1)),
            Route::DeleteItem | Route::Restore => {
                self.trash(file.id);
                of(based(2))
            }
            Route::EmptyTrash => {
                let mut emptied = operation;
                emptied["trashed_up_to_ms"] = 1.into();
                of(emptied)
            }
            Route::CreateMount => of(self.new_mount(inside)),
            Route::RemoveMount => {
                let made: ItemChanged = self.gets(Route::CreateMount, "", self.new_mount(inside));
                about(made.item.id.to_string(), Json::Null)
            }
            Route::Give => of(json!({"person": self.people.carls_name, "role": "viewer"})),
            Route::ChangeGrant
            | Route::TakeBack
            | Route::ShowOffer
            | Route::Offer
            | Route::EndOffer
            | Route::AcceptOffer => {
                let new = json!({"person": self.people.carls_name, "role": "viewer"});
                let grant: Grant = self.gets(Route::Give, file.id, new);
                let body = match route {
                    Route::ChangeGrant => json!({"role": "editor"}),
                    _ => Json::Null,
                };
                about(grant.id.to_string(), body)
            }
            Route::MakeLink => of(json!({"may": "view"})),
            Route::ChangeLink | Route::RemoveLink => {
                let link = self.link(file.id, json!({"may": "view"}));
                let body = match route {
                    Route::ChangeLink => json!({"label": "Bills"}),
                    _ => Json::Null,
                };
                about(link.id.to_string(), body)
            }
            Route::LinkPasswordStart => {
                let (_, message) = Registering::new("a password");
                of(json!(PasswordStart { message }))
            }
            Route::SeeNews => of(json!({"up_to_ms": self.host.now()})),
            Route::ChangeStars => of(json!({"star": [{"item": file.id}]})),
            Route::SaveSearch => of(json!(new_search())),
            Route::ChangeSearch | Route::RemoveSearch => {
                let saved: SavedSearch = self.gets(Route::SaveSearch, file.id, new_search());
                let body = match route {
                    Route::ChangeSearch => json!({"base_version": 1, "name": "Bills"}),
                    _ => Json::Null,
                };
                about(saved.id.to_string(), body)
            }
            Route::MarkVersion => of(json!({
                "version": 1, "base_marks": 0, "name": "As it was sent", "pinned": true
            })),
            Route::ChangeRetention => of(json!({"retention": null})),
            Route::SayOpen => of(json!({"item": file.id, "is_open": true})),
            Route::TellOpenings => of(json!({"tells": true})),
            Route::CreateFile => of(json!(new_file(inside, &self.name(), None))),
            Route::CreateFiles => {
                let new = new_file(inside, &self.name(), None);
                of(json!({"files": [new]}))
            }
            Route::RevertFiles => {
                self.asks(Route::Commit, file.id, commit_of(1, b""));
                let revert = json!({
                    "operation_id": operation_id(), "item": file.id, "version": 1,
                    "base_version": 2,
                });
                of(json!({"files": [revert]}))
            }
            Route::Propose => of(json!(proposal(1, Vec::new()))),
            Route::Commit => of(json!(commit_of(1, b""))),
            Route::KeepConflict => {
                self.conflict(file.id);
                of(json!(new_conflict(b"")))
            }
            Route::StoreBlocks => Subject {
                body: frames(&[b"a new block"]),
                ..of(Json::Null)
            },
            Route::StoreThumbnail => Subject {
                body: thumbnail(file.id.to_string().as_bytes()),
                ..of(Json::Null)
            },
            Route::FetchBlocks | Route::FetchSignatures => {
                let made = self.file_of_a_block(folder);
                let mut fetch = match route {
                    Route::FetchBlocks => json!({"want": [self.block]}),
                    _ => json!({"blocks": [[self.block, 1_024]]}),
                };
                fetch["of"] = json!([made.id]);
                of(fetch)
            }
            Route::Block => about(self.block.to_string(), Json::Null),
            Route::Conflict | Route::ConflictContent | Route::ConflictManifest => {
                about(self.conflict(file.id).to_string(), Json::Null)
            }
            Route::Resolve => {
                let choice = resolve(2, Choice::KeepTheirs);
                about(self.conflict(file.id).to_string(), json!(choice))
            }
            Route::Reopen => {
                let conflict = self.conflict(file.id);
                let choice = resolve(2, Choice::KeepTheirs);
                self.asks(Route::Resolve, conflict, choice);
                about(conflict.to_string(), json!(reopen(2)))
            }
            _ => of(Json::Null),
        }
    }
}
