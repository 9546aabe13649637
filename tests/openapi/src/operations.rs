//! What each route takes, answers and refuses. The match on the routes is exhaustive: a
//! new one does not compile before it is described.

use crate::bodies::{Body, body};
use blocks::manifest::Manifest;
use protocol::accounts::{
    AccountEnd, Confirm, NOBODY, PasswordChanged, PasswordFinish, PasswordStart, Server, Session,
    SignInFinish, SignInStart, SignInStarted, SignUpFinish, SignUpStart, SignUpStarted,
};
use protocol::activity::{Activity, BEFORE, BY, ITEM, KIND};
use protocol::administration::{
    self, Audit, Health, InviteMade, Invites, ManagedPerson, NewInvite, People, PersonChange,
    ServerSettings, SettingsChange,
};
use protocol::batches::{ChangeItems, FilesMade, ItemsChanged, NewFiles};
use protocol::blocks::{Fetch, FetchSignatures, OF};
use protocol::changes::{ChangePage, LIMIT, SINCE_TOKEN};
use protocol::conflicts::{AFTER, Conflict, Conflicts, NewConflict, Reopen, Resolve, STATE};
use protocol::content::Receipted;
use protocol::devices::{AccessToken, Device, DeviceChange, Devices, NewAccessToken};
use protocol::files::{
    self, BlocksStored, Commit, FileManifest, FileVersion, FileVersions, ManifestSince,
    MarkVersion, NewFile, Proposal, ProposalAnswer,
};
use protocol::grants::{Grant, GrantChange, Grants, ItemGrants, NewGrant, ROOT};
use protocol::handover::{Accepted, Handover};
use protocol::headers;
use protocol::items::{
    ChangePlace, ChangeTrashed, DeleteForGood, DeletedForGood, EmptyTrash, Item, ItemChanged,
    NewFolder, NewMount,
};
use protocol::limits::{MAX_ADMINISTRATION_PAGE, MAX_CHANGES_PER_PAGE, MAX_POLL_SECONDS};
use protocol::links::{
    self, LINK, Link, LinkChange, LinkShown, Links, NewLink, Pass, PassFinish, PassStart, PutIn,
};
use protocol::marks::{ChangeStars, Marks, NewSearch, SavedSearch, SearchChange};
use protocol::news::{News, Seen};
use protocol::notifications::PollEvent;
use protocol::openings::{Openings, SayOpen, Telling};
use protocol::past::{self, FilesReverted, Past, RevertFiles};
use protocol::paths::NAME;
use protocol::recovery::{NewRecoveryCodes, RecoverFinish, RecoverStart, RecoveryCodes};
use protocol::retention::{ChangeRetention, SpaceRetention};
use protocol::routes::{Method, Route};
use protocol::thumbnails::Thumbnails;
use serde_json::{Value as Json, json};
use utoipa::ToSchema;

/// Who may ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anybody.
    Open,
    /// Whoever is signed in, also with a token of one folder.
    SignedIn,
    /// Whoever is signed in and has the whole drive.
    WholeDrive,
}

/// A query parameter, or a header of a request.
pub struct Parameter {
    pub name: &'static str,
    pub detail: String,
    pub schema: Json,
}

fn text(name: &'static str, detail: impl Into<String>) -> Parameter {
    Parameter {
        name,
        detail: detail.into(),
        schema: json!({"type": "string"}),
    }
}

fn number(name: &'static str, detail: impl Into<String>, (from, to): (u64, u64)) -> Parameter {
    Parameter {
        name,
        detail: detail.into(),
        schema: json!({"type": "integer", "minimum": from, "maximum": to}),
    }
}

fn version(name: &'static str, detail: &str) -> Parameter {
    number(name, detail, (1, blocks::number::MAX_EXACT))
}

fn id(name: &'static str, detail: &str) -> Parameter {
    Parameter {
        schema: json!({"type": "string", "format": "uuid"}),
        ..text(name, detail)
    }
}

/// The header of every request that is somebody's.
pub fn user() -> Parameter {
    id(
        headers::USER,
        "Whose request this is, by the user's id: with a token or cookie of somebody else it is refused with `another_user`. Without the header it is its token's owner's.",
    )
}

/// An answer that is no error.
pub struct Answer {
    pub status: u16,
    pub detail: &'static str,
    pub bodies: Vec<Body>,
    pub headers: Vec<(&'static str, &'static str)>,
}

/// What the document says of a route.
pub struct Operation {
    pub access: Access,
    pub detail: &'static str,
    pub queries: Vec<Parameter>,
    pub headers: Vec<Parameter>,
    pub bodies: Vec<Body>,
    pub answers: Vec<Answer>,
    /// Whether visitors of links ask it, too.
    pub is_visited: bool,
    refused: Vec<&'static str>,
}

fn operation(access: Access) -> Operation {
    Operation {
        access,
        detail: "",
        queries: Vec::new(),
        headers: Vec::new(),
        bodies: Vec::new(),
        answers: Vec::new(),
        is_visited: false,
        refused: match access {
            Access::Open => Vec::new(),
            Access::SignedIn => LET_IN.to_vec(),
            Access::WholeDrive => [LET_IN, &["one_folder", "folder_gone"]].concat(),
        },
    }
}

/// What anybody may be refused with who is to be signed in.
const LET_IN: &[&str] = &[
    "not_signed_in",
    "session_ended",
    "another_user",
    "bad_request",
    "read_only",
];

impl Operation {
    /// The codes of its errors, each once.
    pub fn refusals(&self) -> Vec<&'static str> {
        let mut codes = self.refused.clone();
        codes.sort_unstable();
        codes.dedup();
        codes
    }

    fn detail(mut self, detail: &'static str) -> Self {
        self.detail = detail;
        self
    }

    fn takes(mut self, bodies: Vec<Body>) -> Self {
        self.bodies = bodies;
        self.refused(&["bad_json", "body_too_large"])
    }

    fn json<T: ToSchema>(self) -> Self {
        self.takes(vec![body::<T>()])
    }

    /// JSON by itself, or with frames behind it.
    fn json_and_blocks<T: ToSchema>(self) -> Self {
        let carrying = Body::Carrying(Box::new(body::<T>()));
        self.takes(vec![body::<T>(), carrying]).refused(&[
            "bad_frames",
            "block_too_large",
            "hash_mismatch",
            "patch_refused",
        ])
    }

    fn query(mut self, query: Parameter) -> Self {
        self.queries.push(query);
        self.refused(&["bad_request"])
    }

    fn header(mut self, header: Parameter) -> Self {
        self.headers.push(header);
        self
    }

    fn answer(mut self, status: u16, detail: &'static str, bodies: Vec<Body>) -> Self {
        self.answers.push(Answer {
            status,
            detail,
            bodies,
            headers: Vec::new(),
        });
        self
    }

    fn answers<T: ToSchema>(self, status: u16, detail: &'static str) -> Self {
        self.answer(status, detail, vec![body::<T>()])
    }

    /// Of the last answer.
    fn with(mut self, headers: &[(&'static str, &'static str)]) -> Self {
        if let Some(answer) = self.answers.last_mut() {
            answer.headers.extend_from_slice(headers);
        }
        self
    }

    fn refused(mut self, codes: &[&'static str]) -> Self {
        self.refused.extend_from_slice(codes);
        self
    }

    /// Asked over a link, too.
    fn visited(mut self) -> Self {
        self.is_visited = true;
        let link = text(
            LINK,
            "The key of a link, from its address: the request is then a visitor's, about the link's item and what is in it, whoever is signed in. Not beside `root`.",
        );
        self.query(link)
            .header(text(
                headers::LINK_PASS,
                "Of a link with a password: the pass that `passFinish` has given.",
            ))
            .refused(&["no_such_link", "link_password", "sign_in_unavailable"])
    }

    /// A change of a space, which a repeat of its operation id does not make again.
    fn changes(self) -> Self {
        self.refused(&["operation_reused", "folder_gone", "one_folder"])
    }

    /// A change that adds to what the space holds.
    fn grows(self) -> Self {
        self.changes().refused(&["quota_exceeded", "limit_reached"])
    }

    /// A change of a file's content.
    fn names_blocks(self) -> Self {
        self.grows()
            .refused(&["bad_manifest", "no_such_base", "blocks_missing"])
    }

    /// A new name, or a new place.
    fn places(self) -> Self {
        self.refused(&[
            "bad_name",
            "name_taken",
            "no_such_item",
            "not_a_folder",
            "is_a_mount",
            "in_trash",
            "too_deep",
        ])
    }

    /// JSON that a client may keep: asked for again before each use.
    fn kept(self) -> Self {
        let answered = self.with(&[ETAG, KEPT]).answer(
            304,
            "The client has it: `If-None-Match` names its `ETag`.",
            Vec::new(),
        );
        answered
            .header(text("If-None-Match", "The `ETag` of what the client has."))
            .refused(&["precondition_failed"])
    }

    /// Bytes, whole or in part, under all conditions of HTTP.
    fn bytes(self) -> Self {
        let told = &[
            ETAG,
            KEPT,
            ("Last-Modified", "When the server took it."),
            ("Accept-Ranges", "`bytes`"),
            (
                "Content-Disposition",
                "Always `attachment`, with the file's name.",
            ),
        ];
        self.answer(200, "All of it.", vec![Body::Bytes])
            .with(told)
            .answer(206, "The part that `Range` asks for. Several ranges are answered with all of it, by 200.", vec![Body::Bytes])
            .with(told)
            .with(&[("Content-Range", "Which bytes, of how many.")])
            .answer(304, "The client has it.", Vec::new())
            .with(&[ETAG])
            .header(text("Range", "One range of bytes, such as `bytes=1000-1999`. An answer may break off before its end; what is left is asked for with another one."))
            .header(text("If-Range", "The `ETag` or the date of what the client has a part of: if it is another by now, all of it comes."))
            .header(text("If-None-Match", "The `ETag` of what the client has."))
            .header(text("If-Match", "The `ETag` that it must have."))
            .header(text("If-Modified-Since", "A date; left out of account beside `If-None-Match`."))
            .header(text("If-Unmodified-Since", "A date; left out of account beside `If-Match`."))
            .refused(&["precondition_failed", "range_not_satisfiable"])
    }
}

const ETAG: (&str, &str) = ("ETag", "A strong one.");
const KEPT: (&str, &str) = (
    "Cache-Control",
    "`private, no-cache`: it may be kept, and is asked for again before each use.",
);

/// Whatever the route is about, also with a token of one folder.
fn signed_in(route: Route) -> Operation {
    let operation = operation(Access::SignedIn);
    match route.method() {
        Method::Get => operation,
        _ => operation.refused(&["cross_site"]),
    }
}

fn whole_drive(route: Route) -> Operation {
    let operation = operation(Access::WholeDrive);
    match route.method() {
        Method::Get => operation,
        _ => operation.refused(&["cross_site"]),
    }
}

/// A change by somebody who has just given the password, in a browser.
fn confirmed(route: Route) -> Operation {
    signed_in(route).refused(&["not_for_tokens", "confirm_password"])
}

/// For administrators in person. To everybody else and to tokens, there is nothing here.
fn administered(route: Route) -> Operation {
    signed_in(route).refused(&["no_such_route"])
}

fn open() -> Operation {
    operation(Access::Open)
}

/// What a visitor finds who has not given the password.
fn at_the_door() -> Operation {
    open()
        .query(text(LINK, "The key of the link, from its address."))
        .refused(&["no_such_link"])
}

const NO_CONTENT: &str = "Done.";

/// What the document says of a route.
pub fn of(route: Route) -> Operation {
    let described = described(route);
    let is_of_oneself = matches!(
        route,
        Route::Confirm
            | Route::PasswordStart
            | Route::PasswordFinish
            | Route::RecoveryCodes
            | Route::MakeRecoveryCodes
            | Route::SignOut
            | Route::Devices
            | Route::CreateToken
            | Route::RenameDevice
            | Route::RevokeDevice
            | Route::People
            | Route::ChangePerson
            | Route::Settings
            | Route::ChangeSettings
            | Route::Invites
            | Route::MakeInvite
            | Route::RemoveInvite
            | Route::Audit
            | Route::Health
    );
    match described.access {
        Access::Open => described,
        Access::SignedIn if is_of_oneself => described,
        // What is about a drive as a whole is refused with a root, but a poll.
        Access::WholeDrive if route != Route::Poll => described.refused(&["no_such_item"]),
        Access::SignedIn | Access::WholeDrive => described
            .query(id(
                ROOT,
                "An item that was shared with whoever asks. The request is about that, in the space that it is in, with what is in it and nothing else; without it, about their own drive.",
            ))
            .refused(&["no_such_item"]),
    }
}

fn described(route: Route) -> Operation {
    match route {
        Route::Server => open().answers::<Server>(200, "What anybody may know."),

        Route::SignUpStart => open()
            .json::<SignUpStart>()
            .answers::<SignUpStarted>(200, "Whether the name is free or not.")
            .refused(&["too_many_requests", "sign_up_closed", "invite_needed", "no_such_invite", "bad_name", "bad_sign_in_message", "sign_in_unavailable"]),
        Route::SignUpFinish => open()
            .json::<SignUpFinish>()
            .answers::<Session>(200, SESSION)
            .with(&[COOKIE])
            .refused(&["too_many_requests", "sign_up_closed", "invite_needed", "no_such_invite", "cross_site", "bad_name", "bad_sign_in_message", "sign_in_unavailable", "user_name_taken", "bad_request"]),
        Route::SignInStart => open()
            .json::<SignInStart>()
            .answers::<SignInStarted>(200, "Whether there is such a user or not.")
            .refused(&["too_many_requests", "bad_name", "bad_sign_in_message", "sign_in_unavailable"]),
        Route::SignInFinish => open()
            .json::<SignInFinish>()
            .answers::<Session>(200, SESSION)
            .with(&[COOKIE])
            .refused(&["too_many_requests", "cross_site", "sign_in_refused", "account_disabled", "bad_sign_in_message", "sign_in_unavailable", "bad_name", "too_many_devices", "bad_request"]),
        Route::Confirm => signed_in(route)
            .detail("For 10 minutes, this session may then do what is refused with `confirm_password` else. `attempt` and `message` are those of a sign-in that was started.")
            .json::<Confirm>()
            .answer(204, NO_CONTENT, Vec::new())
            .refused(&["too_many_requests", "not_for_tokens", "sign_in_refused", "bad_sign_in_message", "sign_in_unavailable"]),
        Route::PasswordStart => confirmed(route)
            .json::<PasswordStart>()
            .answers::<SignUpStarted>(200, "As for a sign-up.")
            .refused(&["sign_in_unavailable", "bad_sign_in_message"]),
        Route::PasswordFinish => confirmed(route)
            .json::<PasswordFinish>()
            .answers::<PasswordChanged>(200, "From now on the new password signs in.")
            .refused(&["sign_in_unavailable", "bad_sign_in_message"]),
        Route::RecoveryCodes => signed_in(route)
            .answers::<RecoveryCodes>(200, "How many codes are left, and of which set.")
            .refused(&["not_for_tokens"]),
        Route::MakeRecoveryCodes => confirmed(route)
            .detail("The client makes 10 codes, each of 20 random characters of Crockford's base 32, and shows them to the person. The server is told hashes, and no code before it is used. A repeat is answered with what there is, and brings back no code that was used.")
            .json::<NewRecoveryCodes>()
            .answers::<RecoveryCodes>(200, "From now on no code of an older set is good.")
            .refused(&["bad_request", "too_many_requests", "recovery_codes_changed"]),
        Route::RecoverStart => open()
            .json::<RecoverStart>()
            .answers::<SignUpStarted>(200, "Whoever asks: no code is tried yet.")
            .refused(&["too_many_requests", "bad_sign_in_message", "sign_in_unavailable"]),
        Route::RecoverFinish => open()
            .detail("The new password signs in from now on, the code is used up, and every device and token that there was has ended. If the answer is lost, sign in with the new password.")
            .json::<RecoverFinish>()
            .answers::<Session>(200, SESSION)
            .with(&[COOKIE])
            .refused(&["account_disabled", "too_many_requests", "cross_site", "recovery_refused", "sign_in_refused", "bad_sign_in_message", "sign_in_unavailable", "bad_name", "bad_request"]),
        Route::SignOut => signed_in(route)
            .answer(204, "The token is at its end.", Vec::new())
            .with(&[("Clear-Site-Data", "`\"cache\"`: a browser forgets the answers that it has kept."), COOKIE]),
        Route::Me => whole_drive(route)
            .query(text(NOBODY, "`1` if that nobody is signed in is no error."))
            .answers::<Session>(200, "Never with a `token`.")
            .with(&[COOKIE])
            .answer(204, "Nobody is signed in, and the request said `nobody=1`.", Vec::new()),

        Route::EndAccount => whole_drive(route)
            .detail("Until then everything is as before, and all access to it that others have ends with it at the latest. They are told at once. An account that is ended already keeps its end.")
            .answers::<AccountEnd>(200, "When the account ends.")
            .refused(&["not_for_tokens", "confirm_password", "too_many_requests"]),
        Route::KeepAccount => whole_drive(route)
            .detail("Access of others is as it was given, and they are told. An account that nobody has ended is kept as well.")
            .answer(204, "The account does not end.", Vec::new())
            .refused(&["not_for_tokens"]),

        Route::Devices => signed_in(route).answers::<Devices>(200, "Those that can still get in."),
        Route::CreateToken => confirmed(route)
            .json::<NewAccessToken>()
            .answers::<AccessToken>(201, "The one time that the token is shown.")
            .refused(&["bad_name", "folder_gone", "not_a_folder", "is_a_mount", "too_many_devices"]),
        Route::RenameDevice => signed_in(route)
            .detail("It keeps the name when it signs in again. What it did before is told with the name that it had then.")
            .json::<DeviceChange>()
            .answers::<Device>(200, "As it is from now on.")
            .refused(&["not_for_tokens", "bad_name", "no_such_device"]),
        Route::RevokeDevice => confirmed(route)
            .detail("Its own device may be ended by anybody.")
            .answer(204, "From the next request on, it is out.", Vec::new())
            .refused(&["no_such_device"]),

        Route::CreateFolder => signed_in(route)
            .json::<NewFolder>()
            .answers::<ItemChanged>(201, MADE)
            .places()
            .grows()
            .refused(&["id_taken", "deleted_for_good"]),
        Route::ChangeItems => signed_in(route)
            .detail("Each entry is a change of its own, answered as the request by itself would be after those before it. One that is refused, or can't be read, refuses no other.")
            .json::<ChangeItems>()
            .answers::<ItemsChanged>(200, "Whatever became of each.")
            .refused(&["folder_gone"]),
        Route::Item => signed_in(route)
            .visited()
            .refused(&["upload_only"])
            .answers::<Item>(200, "As it is now.")
            .refused(&["no_such_item", "folder_gone"]),
        Route::ChangePlace => signed_in(route)
            .json::<ChangePlace>()
            .answers::<ItemChanged>(200, CHANGED)
            .places()
            .changes()
            .refused(&["place_conflict", "move_into_itself"]),
        Route::DeleteItem => signed_in(route)
            .detail("With all that is below it, all versions and conflicts. While `done` is false, the same request is sent again, with the same operation id.")
            .json::<DeleteForGood>()
            .answers::<DeletedForGood>(200, "How far it has come.")
            .changes()
            .refused(&["no_such_item", "not_in_trash", "place_conflict", "open_conflicts"]),
        Route::Trash => signed_in(route)
            .json::<ChangeTrashed>()
            .answers::<ItemChanged>(200, CHANGED)
            .changes()
            .refused(&["no_such_item", "place_conflict", "in_trash"]),
        Route::Restore => signed_in(route)
            .json::<ChangeTrashed>()
            .answers::<ItemChanged>(200, "What it is now, and where: at the top if its folder is gone.")
            .places()
            .changes()
            .refused(&["place_conflict"]),
        Route::EmptyTrash => whole_drive(route)
            .json::<EmptyTrash>()
            .answers::<DeletedForGood>(200, "How far it has come.")
            .changes()
            .refused(&["open_conflicts"]),

        Route::Retention => whole_drive(route)
            .answers::<SpaceRetention>(200, "What holds, and what would if nothing were set."),
        Route::ChangeRetention => whole_drive(route)
            .detail("What nobody has pinned goes by it from then on, a bit every hour.")
            .json::<ChangeRetention>()
            .answers::<SpaceRetention>(200, "What holds now.")
            .refused(&["not_for_tokens"]),

        Route::CreateMount => whole_drive(route)
            .detail("It is an item of one's own, with `mount`, that is renamed and moved as others are, and that nobody else sees. What it leads to is asked for with the query `root`. One of the same share that is in the trash gives way. A name that is taken gives way to the next that is free.")
            .json::<NewMount>()
            .answers::<ItemChanged>(201, MADE)
            .places()
            .grows()
            .refused(&["no_such_grant", "already_mounted", "id_taken", "deleted_for_good"]),
        Route::RemoveMount => whole_drive(route)
            .detail("What it leads to stays, and stays shared.")
            .answer(204, NO_CONTENT, Vec::new())
            .refused(&["no_such_item", "not_a_mount"]),

        Route::ItemGrants => whole_drive(route)
            .answers::<ItemGrants>(200, "Those of the item and of the folders that it is in.")
            .refused(&["no_such_item"]),
        Route::Give => whole_drive(route)
            .detail("Again for the same person, it changes what they have.")
            .json::<NewGrant>()
            .answers::<Grant>(200, "From now on they find it, with the query `root`.")
            .refused(&["bad_request", "bad_name", "no_such_item", "no_such_person", "shared_with_oneself", "is_a_mount", "in_trash", "id_taken", "limit_reached", "too_many_requests"]),
        Route::Grants => whole_drive(route)
            .answers::<Grants>(200, "Those that have not ended."),
        Route::ChangeGrant => whole_drive(route)
            .json::<GrantChange>()
            .answers::<Grant>(200, "As it is now.")
            .refused(&["bad_request", "no_such_grant", "too_many_requests"]),
        Route::TakeBack => whole_drive(route)
            .answer(204, NO_CONTENT, Vec::new())
            .refused(&["no_such_grant"]),

        Route::ShowOffer => whole_drive(route)
            .detail("The owner may ask before they offer it. Not for a token.")
            .answers::<Handover>(200, "How much it is; for whoever is offered it, also the room that they have.")
            .refused(&["no_such_grant", "not_offered", "not_for_tokens"]),
        Route::Offer => whole_drive(route)
            .detail("Only whoever has access to the item itself can be asked. Once more, it changes nothing. Not for a token.")
            .answers::<Grant>(200, "As it is now. Nothing changes hands before the person accepts.")
            .refused(&["no_such_grant", "no_such_person", "in_trash", "too_much_to_hand_over", "too_many_requests", "not_for_tokens"]),
        Route::EndOffer => whole_drive(route)
            .detail("By the owner, or by whoever it was made to. Not for a token.")
            .answer(204, NO_CONTENT, Vec::new())
            .refused(&["no_such_grant", "not_for_tokens"]),
        Route::AcceptOffer => whole_drive(route)
            .detail("A request copies a bounded amount within the server, of what the person's space lacks, and says whether all is done. While it is not, nothing has changed hands, and the same request goes on. Not for a token.")
            .answers::<Accepted>(200, "How far it has come.")
            .refused(&["no_such_grant", "not_offered", "in_trash", "too_much_to_hand_over", "id_taken", "limit_reached", "quota_exceeded", "damaged_file", "hands_full", "not_for_tokens"]),

        Route::Links => whole_drive(route)
            .detail("Not for a token that only reads: some links let whoever has the key put in files.")
            .query(id(links::ITEM, "Only those of this item."))
            .answers::<Links>(200, "Those that have not ended, with their keys, the newest first.")
            .refused(&["no_such_item"]),
        Route::MakeLink => whole_drive(route)
            .detail("Its page is at `/l/` and the `key`.")
            .json::<NewLink>()
            .answers::<Link>(200, "From now on whoever has the key has what it allows.")
            .refused(&["bad_request", "bad_name", "no_such_item", "is_a_mount", "in_trash", "not_a_folder", "limit_reached", "bad_sign_in_message", "sign_in_unavailable"]),
        Route::ChangeLink => whole_drive(route)
            .json::<LinkChange>()
            .answers::<Link>(200, "As it is now.")
            .refused(&["bad_request", "bad_name", "no_such_link", "not_a_folder", "bad_sign_in_message", "sign_in_unavailable", "too_many_requests"]),
        Route::RemoveLink => whole_drive(route)
            .answer(204, "From the next request on, it is like one that never was.", Vec::new())
            .refused(&["no_such_link"]),
        Route::LinkPasswordStart => whole_drive(route)
            .json::<PasswordStart>()
            .answers::<SignUpStarted>(200, "As for a sign-up. Its end is the `password` of a new or changed link.")
            .refused(&["bad_sign_in_message", "sign_in_unavailable"]),
        Route::ShownLink => at_the_door()
            .query(text(links::OPENED, "`1` at the beginning of a visit, which is counted."))
            .header(text(headers::LINK_PASS, "The pass, if the password was given."))
            .answers::<LinkShown>(200, "With the item unless a password has to be given first.")
            .refused(&["sign_in_unavailable"]),
        Route::PassStart => at_the_door()
            .json::<PassStart>()
            .answers::<SignInStarted>(200, "As for a sign-in.")
            .refused(&["bad_request", "too_many_requests", "bad_sign_in_message", "sign_in_unavailable"]),
        Route::PassFinish => at_the_door()
            .json::<PassFinish>()
            .answers::<Pass>(200, "Good for 12 hours, or until the link has another password.")
            .with(&[("Set-Cookie", "The pass, for requests that change nothing.")])
            .refused(&["bad_request", "too_many_requests", "wrong_password", "bad_sign_in_message", "sign_in_unavailable"]),

        Route::CreateFile => signed_in(route)
            .visited()
            .detail("Over a link, a name that is taken refuses nothing: the server finds one that is free, and does not tell it. With content, or without it empty. A `content` that has the `base` of any version and no `splices` makes a copy of it. Sent before its blocks are stored, it is refused with `blocks_missing`, which lists them.")
            .json_and_blocks::<NewFile<Receipted>>()
            .answer(201, MADE_OR_PUT_IN, vec![Body::Either(vec![
                body::<ItemChanged>(),
                body::<PutIn>(),
            ])])
            .places()
            .names_blocks()
            .refused(&["id_taken", "deleted_for_good", "no_room"]),
        Route::CreateFiles => signed_in(route)
            .detail("Each entry is an operation of its own, answered as `createFile` would answer it. One that is refused, or can't be read, refuses no other.")
            .json::<NewFiles<Receipted>>()
            .answers::<FilesMade>(200, "Whatever became of each.")
            .refused(&["folder_gone"]),
        Route::RevertFiles => signed_in(route)
            .detail("Each gets a new version with the content of the old one, and no bytes travel. Each entry is an operation of its own, answered as `commit` would answer it. One that is refused, or can't be read, refuses no other. If they are too much for one request, those that are left are refused with `unavailable`, and the same request again goes on with them.")
            .json::<RevertFiles>()
            .answers::<FilesReverted>(200, "Whatever became of each.")
            .refused(&["folder_gone"]),
        Route::Propose => signed_in(route)
            .detail("Changes nothing, and need not be called: a commit says as well which blocks are missing. The blocks that the current version has may be left out. A token of one folder is told of all blocks that this file does not have, stored or not.")
            .json::<Proposal>()
            .answers::<ProposalAnswer>(200, "`missing_blocks` are those to be stored before the commit.")
            .refused(&["no_such_item", "not_a_file", "is_a_mount", "in_trash", "version_conflict", "quota_exceeded", "folder_gone"]),
        Route::Commit => signed_in(route)
            .detail("Against the version that it started from: if that is not the newest one any more, the answer is `version_conflict`, and nothing has changed. Whoever is refused keeps their version with `keepConflict`, or commits again on what is there now.")
            .json_and_blocks::<Commit<Receipted>>()
            .answers::<ItemChanged>(200, CHANGED)
            .names_blocks()
            .refused(&["no_such_item", "not_a_file", "is_a_mount", "in_trash", "version_conflict"]),
        Route::FileVersions => signed_in(route)
            .detail("Whoever has a part of the drive sees all versions of a file in it, also those from before they had it.")
            .query(version(files::BEFORE, "The `next_before` of the last page."))
            .query(number(LIMIT, "How many versions at most; 50 if nothing is said.", (1, MAX_CHANGES_PER_PAGE)))
            .answers::<FileVersions>(200, "A page.")
            .refused(&["no_such_item", "not_a_file", "is_a_mount", "folder_gone"]),
        Route::MarkVersion => signed_in(route)
            .detail("A version that is pinned, or has a name, is not thinned. If its `marks` are not `base_marks` any more, the answer is `place_conflict`, and nothing has changed.")
            .json::<MarkVersion>()
            .answers::<FileVersion>(200, "What it is now. A repeat is answered with this, too.")
            .refused(&["bad_name", "no_such_item", "not_a_file", "is_a_mount", "in_trash", "no_such_version", "place_conflict", "read_only", "folder_gone"]),
        Route::FileManifest => signed_in(route)
            .visited()
            .refused(&["upload_only"])
            .detail("Over a link, only of the newest version.")
            .query(version("version", "Which version; the newest if nothing is said."))
            .query(version("since", "With it, the list comes as splices of this version's list."))
            .query(id("of", "The file whose version `since` is, if it is another one."))
            .answer(200, "The block list.", vec![Body::Either(vec![
                body::<FileManifest>(),
                body::<ManifestSince>(),
            ])])
            .kept()
            .refused(&["no_such_item", "not_a_file", "is_a_mount", "no_such_version", "no_such_base", "folder_gone"]),
        Route::FileContent => signed_in(route)
            .visited()
            .refused(&["upload_only"])
            .detail("Over a link, only of the newest version. It counts as a download if it begins with the first byte. A link whose downloads are limited sends no ranges.")
            .query(version("version", "Which version; the newest if nothing is said."))
            .query(text(NAME, "The name to save it under; the file's own if nothing is said."))
            .bytes()
            .refused(&["no_such_item", "not_a_file", "is_a_mount", "no_such_version", "bad_name", "folder_gone"]),
        Route::StoreThumbnail => signed_in(route)
            .detail("A WebP or a JPEG of 32 KiB at most, told by its first bytes: browsers make them, 320 pixels at the longer side. The server looks at nothing else of it. The first one of a version stays. It is a block of the space, with an entry in the file's list that no version has, and both count in the drive until the file is deleted for good.")
            .query(version("version", "Which version it is of; the newest if nothing is said."))
            .takes(vec![Body::Bytes])
            .answer(204, "It is kept, or the version has one.", Vec::new())
            .grows()
            .refused(&["bad_request", "no_such_item", "not_a_file", "is_a_mount", "in_trash", "version_conflict", "hands_full", "folder_gone"]),
        Route::Thumbnails => signed_in(route)
            .detail("Of the newest versions. Files that have none, and what is not to be seen by whoever asks, are left out. The bytes are asked for as those of blocks.")
            .query(text(OF, "The files, by their ids with commas between them: 64 at most."))
            .answers::<Thumbnails>(200, "Those that there are.")
            .refused(&["bad_request", "folder_gone"]),
        Route::KeepConflict => signed_in(route)
            .json::<NewConflict<Receipted>>()
            .answers::<Conflict>(201, "It is open until somebody resolves it.")
            .names_blocks()
            .refused(&["no_such_item", "not_a_file", "is_a_mount", "no_such_version", "id_taken", "in_trash", "deleted_for_good"]),

        Route::StoreBlocks => signed_in(route)
            .visited()
            .refused(&["no_room"])
            .detail("The server computes every hash itself. A block that no version and no conflict refers to is taken away a day later. A token of one folder gets a receipt for each frame, which holds for a day.")
            .query(text(OF, "For a token of one folder: the files that have the base blocks of patches, by their ids with commas between them."))
            .takes(vec![Body::Frames])
            .answers::<BlocksStored>(200, "All of them are stored.")
            .refused(&["bad_frames", "block_too_large", "hash_mismatch", "patch_refused", "quota_exceeded", "folder_gone", "sign_in_unavailable"]),
        Route::FetchBlocks => signed_in(route)
            .visited()
            .refused(&["upload_only", "downloads_counted"])
            .detail("In the order in which they are wanted: as a patch where the server has one that is smaller and whose base blocks are all among `bases`, else plain or as LZ4. A patch that says deflate streams by their symbols is given only with `by_symbols`. An answer ends with the block that reaches 4 MiB; whoever wants the rest asks again.")
            .json::<Fetch>()
            .answer(200, "From the first block on, as many as fit.", vec![Body::Frames])
            .refused(&["no_such_block", "hands_full", "folder_gone"]),
        Route::FetchSignatures => signed_in(route)
            .detail("In the order in which they are wanted. An answer ends with the block that reaches 4 MiB of plain bytes; whoever wants the rest asks again.")
            .json::<FetchSignatures>()
            .answer(200, "From the first block on, as many as fit.", vec![Body::Signatures])
            .refused(&["no_such_block", "hands_full", "folder_gone"]),
        Route::Block => whole_drive(route).bytes().refused(&["no_such_block"]),

        Route::Conflicts => whole_drive(route)
            .query(Parameter {
                schema: json!({"enum": ["open", "resolved"]}),
                ..text(STATE, "The open ones, oldest first, if nothing is said. The resolved ones come from the newest resolution on, in pages.")
            })
            .query(text(AFTER, "Of the resolved ones: the page after that whose `next` this is."))
            .query(number(LIMIT, "Of the resolved ones: how many at most.", (1, MAX_CHANGES_PER_PAGE)))
            .answers::<Conflicts>(200, "Those that there are.")
            .refused(&["bad_cursor"]),
        Route::Conflict => signed_in(route)
            .answers::<Conflict>(200, "As it is now.")
            .refused(&["no_such_conflict", "folder_gone"]),
        Route::ConflictContent => signed_in(route)
            .query(text(NAME, "The name to save it under; that of a conflicted copy if nothing is said."))
            .bytes()
            .refused(&["no_such_conflict", "bad_name", "folder_gone"]),
        Route::ConflictManifest => signed_in(route)
            .answers::<Manifest>(200, "The block list.")
            .kept()
            .refused(&["no_such_conflict", "folder_gone"]),
        Route::Reopen => signed_in(route)
            .json::<Reopen>()
            .answers::<Conflict>(200, "It is open again.")
            .grows()
            .refused(&["no_such_conflict", "no_such_item", "not_resolved", "version_conflict", "in_trash", "deleted_for_good"]),
        Route::Resolve => signed_in(route)
            .json::<Resolve<Receipted>>()
            .answers::<Conflict>(200, "It is resolved.")
            .names_blocks()
            .refused(&["no_such_conflict", "no_such_item", "already_resolved", "version_conflict", "in_trash", "bad_name", "name_taken", "id_taken", "deleted_for_good"]),

        Route::Changes => signed_in(route)
            .visited()
            .refused(&["upload_only"])
            .detail("Over a link, what is there is listed each time, without what is in the trash. Without a cursor, the whole tree is listed first, in pages, and each page's `next_token` is the cursor for the next. A token of one folder is told of its folder only, and lists that anew when something came into it or left it.")
            .query(text(SINCE_TOKEN, "The `next_token` of the last answer."))
            .query(number(LIMIT, "How many entries at most.", (1, MAX_CHANGES_PER_PAGE)))
            .answers::<ChangePage>(200, "A page.")
            .refused(&["bad_cursor", "folder_gone"]),
        Route::Activity => signed_in(route)
            .detail("As far back as the journal goes; of what was shared with whoever asks, as far back as their grant. A page may have fewer entries than asked for, or none, and still be followed by others. Whoever has a part of the drive is told what happened in it, by the names that it had there.")
            .query(number(BEFORE, "The `next_before` of the last page.", (1, blocks::number::MAX_EXACT)))
            .query(number(LIMIT, "How many entries at most; 50 if nothing is said.", (1, MAX_CHANGES_PER_PAGE)))
            .query(id(ITEM, "Only of this file; or of this folder, of what is in it, however deep, and of what came to it or left it."))
            .query(text(KIND, "Only entries of these types, with commas between them."))
            .query(text(BY, "Only what this person did: `me`, a person's id, or `others`, among whom visitors of links are."))
            .answers::<Activity>(200, "A page.")
            .refused(&["folder_gone"]),
        Route::Past => signed_in(route)
            .detail("All else that is in the folder was in it then, as it is now. A page is about so many entries of the journal, and may have fewer items than that, or none, and still be followed by others; an item may be on several pages, the same each time unless it was changed in between. A time from before it was known where everything stood, or from before the folder was shared with whoever asks, counts as the first moment at which it was: the answer says which time it is about.")
            .query(number(past::AT_MS, "The time, by the server's clock; now, if nothing is said.", (0, blocks::number::MAX_EXACT)))
            .query(id(past::ITEM, "The folder; without it, all that whoever asks has of the drive."))
            .query(number(past::AFTER, "The `next_after` of the last page.", (0, blocks::number::MAX_EXACT)))
            .query(number(LIMIT, "How many entries of the journal a page is about; 1,000 if nothing is said.", (1, MAX_CHANGES_PER_PAGE)))
            .answers::<Past>(200, "A page.")
            .refused(&["no_such_item", "not_a_folder", "is_a_mount", "in_trash", "folder_gone"]),
        Route::News => whole_drive(route)
            .detail("In one's own drive and in all that is shared with whoever asks, of the last 30 days. What one has done oneself, with whichever device, is no news.")
            .query(number(LIMIT, "How many entries at most; 100 if nothing is said.", (1, MAX_CHANGES_PER_PAGE)))
            .answers::<News>(200, "The newest, and how many are not seen.")
            .refused(&[]),
        Route::SeeNews => whole_drive(route)
            .detail("It holds for all devices of the person. A time to come counts as now, and an earlier one than before changes nothing.")
            .json::<Seen>()
            .answer(204, "It is seen.", Vec::new())
            .refused(&[]),
        Route::Marks => whole_drive(route)
            .detail("They belong to the account: all devices of the person have them, and nobody else. What is starred may be gone by now, or not be theirs to see any more.")
            .answers::<Marks>(200, "All of them.")
            .kept()
            .refused(&[]),
        Route::ChangeStars => whole_drive(route)
            .detail("All of it or nothing. What has a star keeps it, and what has none does not lose it, so it may be repeated. The person's other devices are told `elsewhere`.")
            .json::<ChangeStars>()
            .answer(204, "It is so.", Vec::new())
            .refused(&["limit_reached"]),
        Route::SaveSearch => whole_drive(route)
            .json::<NewSearch>()
            .answers::<SavedSearch>(201, "It is saved. A repeat is answered with this, too.")
            .refused(&["bad_name", "id_taken", "limit_reached"]),
        Route::ChangeSearch => whole_drive(route)
            .json::<SearchChange>()
            .answers::<SavedSearch>(200, "What it is now. A repeat is answered with this, too, unless it was changed again since.")
            .refused(&["bad_name", "no_such_search", "place_conflict"]),
        Route::RemoveSearch => whole_drive(route)
            .answer(204, "It is gone.", Vec::new())
            .refused(&["no_such_search"]),
        Route::Openings => signed_in(route)
            .detail("Of what others than whoever asks have open, with whichever device, in one's own drive or in what is shared with one. Whoever may change it is told to everybody who has it, and whoever may only look at it to its owner alone. An opening says what was true `ago_ms` ago: after 6 minutes nobody counts as having the file open who has not said it again, and after 10 nothing is told.")
            .answers::<Openings>(200, "At most 500, the latest.")
            .refused(&["not_for_tokens"]),
        Route::SayOpen => signed_in(route)
            .detail("Said when a file is opened, every 4 minutes while it stays open, and when it is closed. What is said last holds for the person, whichever device says it. Of what nobody else has, nothing is written down.")
            .json::<SayOpen>()
            .answer(204, "It is said, or nobody is to be told.", Vec::new())
            .refused(&["not_for_tokens", "no_such_item", "not_a_file", "is_a_mount", "too_many_requests"]),
        Route::TellOpenings => whole_drive(route)
            .detail("It holds for all devices of the person. Whoever tells nothing is told nothing, and what they have said is forgotten.")
            .json::<Telling>()
            .answer(204, "It holds from now on.", Vec::new())
            .refused(&["not_for_tokens"]),
        Route::Poll => signed_in(route)
            .detail("Answered at once if there is something after the cursor already. Without a cursor, everything so far counts as seen. With a list of positions, one request waits for several drives, and the event is about one of them.")
            .query(text(SINCE_TOKEN, "The `next_token` of the last page of changes; or a list, `CURSOR~ROOT.CURSOR~ROOT.CURSOR`, of the own drive's, which may be left out, and of up to 32 things that are shared, and then no `root` beside it."))
            .header(number(headers::TIMEOUT, "For how many seconds the server may hold the request; 60 if nothing is said.", (0, MAX_POLL_SECONDS)))
            .answers::<PollEvent>(200, "There is news: list the changes. The event is about the newest one, and others may have come with it. Where it was is said only to whoever sent a list; the others of the list may have news, too.")
            .answer(204, "Nothing happened: ask again.", Vec::new())
            .refused(&["bad_cursor", "one_folder", "folder_gone", "poll_replaced", "too_many_polls"]),

        Route::People => administered(route)
            .detail("By their names, a page at a time. What they have stored is told by its size and by nothing else.")
            .query(text(administration::AFTER, "The `next_after` of the last page."))
            .query(number(LIMIT, "How many people at most; 50 if nothing is said.", (1, MAX_ADMINISTRATION_PAGE)))
            .answers::<People>(200, "A page."),
        Route::ChangePerson => administered(route)
            .detail("All of it or nothing. Whoever is shut out (`is_disabled`) can't sign in, and their sessions, tokens and polls end; what is theirs stays, and so does what they share, and all of it is theirs again once they are let in.")
            .json::<PersonChange>()
            .answers::<ManagedPerson>(200, "What they are now. A repeat is answered with this, too.")
            .refused(&["confirm_password", "no_such_person", "last_administrator"]),
        Route::Settings => administered(route)
            .answers::<ServerSettings>(200, "What holds now."),
        Route::ChangeSettings => administered(route)
            .json::<SettingsChange>()
            .answers::<ServerSettings>(200, "What holds from now on.")
            .refused(&["confirm_password"]),
        Route::Invites => administered(route)
            .answers::<Invites>(200, "All that hold, without their secrets."),
        Route::MakeInvite => administered(route)
            .detail("It is good for one account, within a week. Its secret is told once.")
            .json::<NewInvite>()
            .answers::<InviteMade>(201, "It holds.")
            .refused(&["confirm_password", "bad_name", "limit_reached"]),
        Route::RemoveInvite => administered(route)
            .answer(204, "From now on it does not hold.", Vec::new())
            .refused(&["no_such_invite"]),
        Route::Audit => administered(route)
            .query(version(administration::BEFORE, "The `next_before` of the last page."))
            .query(number(LIMIT, "How many entries at most; 50 if nothing is said.", (1, MAX_ADMINISTRATION_PAGE)))
            .answers::<Audit>(200, "A page, the newest first."),
        Route::Health => administered(route)
            .answers::<Health>(200, "How the jobs went when they ran last, and what is damaged."),
    }
}

const SESSION: &str = "Signed in. A program gets its token in the answer, a browser in a cookie.";
const COOKIE: (&str, &str) = (
    "Set-Cookie",
    "Of a browser: its token, kept for up to 90 days.",
);
const MADE: &str = "It is there. A repeat of the operation is answered with this, too.";
const MADE_OR_PUT_IN: &str = "It is there; over a link, no more is said of it. A repeat of the operation is answered with this, too.";
const CHANGED: &str =
    "What it is now. A repeat of the operation is answered with the first answer.";
