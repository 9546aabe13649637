//! Every route of the API, once: what it is for, its method and its path. The server
//! finds requests in this table, callers' paths are made of it ([`crate::paths`]), and
//! the document of the API lists it.

use std::fmt::Display;

/// A method that some path takes. HEAD is a GET whose body is not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Reads, and changes nothing.
    Get,
    /// Makes something, or asks for something with a body.
    Post,
    /// Changes what is there.
    Patch,
    /// Takes away what is there.
    Delete,
}

impl Method {
    /// Methods are told by case.
    fn of(name: &str) -> Option<Self> {
        match name {
            "GET" | "HEAD" => Some(Self::Get),
            "POST" => Some(Self::Post),
            "PATCH" => Some(Self::Patch),
            "DELETE" => Some(Self::Delete),
            _ => None,
        }
    }

    /// As a request says it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    /// As `Allow` has it.
    fn allowed(self) -> &'static str {
        match self {
            Self::Get => "GET, HEAD",
            other => other.name(),
        }
    }
}

macro_rules! routes {
    ($($(#[doc = $summary:literal])+ $name:ident: $method:ident $path:literal,)*) => {
        /// A path, and one method that it takes.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Route {
            $($(#[doc = $summary])+ $name,)*
        }

        impl Route {
            /// All there are.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// Its method.
            pub const fn method(self) -> Method {
                match self {
                    $(Self::$name => Method::$method,)*
                }
            }

            /// Its path, with a word in braces in place of an id or a hash. There is one
            /// at most.
            pub const fn path(self) -> &'static str {
                match self {
                    $(Self::$name => $path,)*
                }
            }

            /// What it is for.
            #[cfg(feature = "openapi")]
            pub const fn summary(self) -> &'static str {
                match self {
                    $(Self::$name => concat!($($summary),+).trim_ascii(),)*
                }
            }
        }
    };
}

routes! {
    /// Tells whether sign-up is open
    Server: Get "/api/v1/server",

    /// Begins to make an account
    SignUpStart: Post "/api/v1/accounts/sign-up/start",
    /// Makes an account and signs in
    SignUpFinish: Post "/api/v1/accounts/sign-up/finish",
    /// Begins to sign in
    SignInStart: Post "/api/v1/accounts/sign-in/start",
    /// Signs in
    SignInFinish: Post "/api/v1/accounts/sign-in/finish",
    /// Gives the password again, as the second request of a sign-in
    Confirm: Post "/api/v1/accounts/confirm",
    /// Begins to change the password
    PasswordStart: Post "/api/v1/accounts/password/start",
    /// Changes the password
    PasswordFinish: Post "/api/v1/accounts/password/finish",
    /// Tells how many recovery codes are left
    RecoveryCodes: Get "/api/v1/accounts/recovery-codes",
    /// Takes a new set of recovery codes in place of the one that there is
    MakeRecoveryCodes: Post "/api/v1/accounts/recovery-codes",
    /// Begins to set a new password with a recovery code
    RecoverStart: Post "/api/v1/accounts/recover/start",
    /// Sets a new password with a recovery code, and signs in
    RecoverFinish: Post "/api/v1/accounts/recover/finish",
    /// Ends this session
    SignOut: Post "/api/v1/accounts/sign-out",
    /// Tells who asks, with which device, and how full the space is
    Me: Get "/api/v1/accounts/me",
    /// Ends the account, a week from now
    EndAccount: Post "/api/v1/accounts/end",
    /// Keeps the account after all
    KeepAccount: Delete "/api/v1/accounts/end",

    /// Lists devices and access tokens
    Devices: Get "/api/v1/devices",
    /// Makes an access token
    CreateToken: Post "/api/v1/devices/tokens",
    /// Gives a device or an access token another name
    RenameDevice: Patch "/api/v1/devices/{id}",
    /// Revokes a device or an access token
    RevokeDevice: Delete "/api/v1/devices/{id}",

    /// Makes a folder
    CreateFolder: Post "/api/v1/folders",
    /// Renames, moves, trashes and restores many items
    ChangeItems: Post "/api/v1/items/batch",
    /// Reads a file's or folder's record
    Item: Get "/api/v1/items/{id}",
    /// Renames or moves an item
    ChangePlace: Patch "/api/v1/items/{id}",
    /// Deletes an item that is in the trash for good
    DeleteItem: Delete "/api/v1/items/{id}",
    /// Moves an item to the trash
    Trash: Post "/api/v1/items/{id}/trash",
    /// Takes an item out of the trash
    Restore: Post "/api/v1/items/{id}/restore",
    /// Deletes all that is in the trash for good
    EmptyTrash: Post "/api/v1/trash/empty",

    /// Tells which versions the space keeps, and for how long what is in the trash
    Retention: Get "/api/v1/retention",
    /// Changes that
    ChangeRetention: Patch "/api/v1/retention",

    /// Gives what is shared with whoever asks a place among their own folders
    CreateMount: Post "/api/v1/mounts",
    /// Takes such a place away, and nothing of what it leads to
    RemoveMount: Delete "/api/v1/mounts/{id}",

    /// Lists who has access to an item
    ItemGrants: Get "/api/v1/items/{id}/grants",
    /// Gives somebody access to an item
    Give: Post "/api/v1/items/{id}/grants",
    /// Lists what others have shared with whoever asks, and what they have shared
    Grants: Get "/api/v1/grants",
    /// Changes what somebody may do with what was shared with them, or until when
    ChangeGrant: Patch "/api/v1/grants/{id}",
    /// Takes access back, or gives it up
    TakeBack: Delete "/api/v1/grants/{id}",
    /// Tells how much is handed over, and whether there is room for it
    ShowOffer: Get "/api/v1/grants/{id}/offer",
    /// Offers whoever has access to become the owner
    Offer: Post "/api/v1/grants/{id}/offer",
    /// Takes such an offer back, or declines it
    EndOffer: Delete "/api/v1/grants/{id}/offer",
    /// Becomes the owner of what is offered
    AcceptOffer: Post "/api/v1/grants/{id}/accept",

    /// Lists the links to one's items
    Links: Get "/api/v1/links",
    /// Makes a link to an item
    MakeLink: Post "/api/v1/items/{id}/links",
    /// Changes what a link allows, until when, or its password
    ChangeLink: Patch "/api/v1/links/{id}",
    /// Takes a link back
    RemoveLink: Delete "/api/v1/links/{id}",
    /// Begins to give a link a password
    LinkPasswordStart: Post "/api/v1/links/password/start",
    /// Tells a visitor what a link is of
    ShownLink: Get "/api/v1/links/shown",
    /// Begins to give the password that a link asks for
    PassStart: Post "/api/v1/links/pass/start",
    /// Gives the password that a link asks for
    PassFinish: Post "/api/v1/links/pass/finish",

    /// Makes a file
    CreateFile: Post "/api/v1/files",
    /// Makes many files
    CreateFiles: Post "/api/v1/files/batch",
    /// Makes old versions of many files their newest again
    RevertFiles: Post "/api/v1/files/revert",
    /// Proposes a next version: which of its blocks are missing?
    Propose: Post "/api/v1/files/{id}/sync",
    /// Commits the next version of a file
    Commit: Post "/api/v1/files/{id}/commit",
    /// Lists the versions of a file, the newest first
    FileVersions: Get "/api/v1/files/{id}/versions",
    /// Names a version of a file, pins it, or lets go of it
    MarkVersion: Patch "/api/v1/files/{id}/versions",
    /// Reads the block list of a version
    FileManifest: Get "/api/v1/files/{id}/manifest",
    /// Reads the bytes of a version
    FileContent: Get "/api/v1/files/{id}/content",
    /// Keeps a thumbnail of the newest version of a file
    StoreThumbnail: Post "/api/v1/files/{id}/thumbnail",
    /// Tells which blocks are the thumbnails of files
    Thumbnails: Get "/api/v1/thumbnails",
    /// Keeps a version that came second as a conflict
    KeepConflict: Post "/api/v1/files/{id}/conflicts",

    /// Stores blocks
    StoreBlocks: Post "/api/v1/blocks",
    /// Reads many blocks, as patches where they are smaller
    FetchBlocks: Post "/api/v1/blocks/fetch",
    /// Reads the signatures of blocks, to make patches against them
    FetchSignatures: Post "/api/v1/blocks/signatures",
    /// Reads one block
    Block: Get "/api/v1/blocks/{hash}",

    /// Lists conflicts
    Conflicts: Get "/api/v1/conflicts",
    /// Reads a conflict's record
    Conflict: Get "/api/v1/conflicts/{id}",
    /// Reads the bytes of the side that came second
    ConflictContent: Get "/api/v1/conflicts/{id}/content",
    /// Reads the block list of the side that came second
    ConflictManifest: Get "/api/v1/conflicts/{id}/manifest",
    /// Takes a resolution back
    Reopen: Post "/api/v1/conflicts/{id}/reopen",
    /// Resolves a conflict
    Resolve: Post "/api/v1/conflicts/{id}/resolve",

    /// Lists what changed since a cursor
    Changes: Get "/api/v1/changes/list",
    /// Lists what was done, the newest first
    Activity: Get "/api/v1/activity",
    /// Tells what was in a folder at a time and is otherwise now
    Past: Get "/api/v1/past",
    /// Tells what others did, and how much of it is not seen yet
    News: Get "/api/v1/news",
    /// Says that what others did up to a time is seen
    SeeNews: Post "/api/v1/news/seen",
    /// Tells what whoever asks has starred, and the searches that they have saved
    Marks: Get "/api/v1/marks",
    /// Gives items a star, or takes it away
    ChangeStars: Post "/api/v1/stars",
    /// Saves a search
    SaveSearch: Post "/api/v1/searches",
    /// Gives a saved search another name, or another query
    ChangeSearch: Patch "/api/v1/searches/{id}",
    /// Removes a saved search
    RemoveSearch: Delete "/api/v1/searches/{id}",
    /// Tells who else has a file open, or had it some minutes ago
    Openings: Get "/api/v1/openings",
    /// Says that whoever asks has a file open, or has closed it
    SayOpen: Post "/api/v1/openings",
    /// Says whether others are told what whoever asks has open
    TellOpenings: Post "/api/v1/openings/telling",
    /// Waits for news
    Poll: Get "/api/v1/notifications/poll",

    /// Lists the people of this server
    People: Get "/api/v1/admin/people",
    /// Changes what a person may do here
    ChangePerson: Patch "/api/v1/admin/people/{id}",
    /// Tells what administrators have set
    Settings: Get "/api/v1/admin/settings",
    /// Changes that
    ChangeSettings: Patch "/api/v1/admin/settings",
    /// Lists open invitations
    Invites: Get "/api/v1/admin/invites",
    /// Makes an invitation
    MakeInvite: Post "/api/v1/admin/invites",
    /// Takes an invitation back
    RemoveInvite: Delete "/api/v1/admin/invites/{id}",
    /// Lists who did what to whom
    Audit: Get "/api/v1/admin/audit",
    /// Tells how the server is
    Health: Get "/api/v1/admin/health",
}

/// What there is for a method at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found<'a> {
    /// A route, and what stands in place of its id or hash; empty if it has none.
    Route(Route, &'a str),
    /// The path takes other methods: the value of `Allow`.
    OtherMethods(String),
    /// There is no such path.
    Nothing,
}

impl Route {
    /// Finds what a request asks for. Where a word stands in place of an id, the path is
    /// the word's: no id and no hash is written so.
    pub fn find<'a>(method: &str, path: &'a str) -> Found<'a> {
        let here = Self::ALL.iter().filter_map(|route| {
            let about = route.matches(path)?;
            Some((*route, about))
        });
        let here: Vec<(Self, Option<&str>)> = here.collect();
        let is_by_word = here.iter().any(|(_, about)| about.is_none());
        let taken = here
            .iter()
            .filter(|(_, about)| about.is_none() == is_by_word);
        let asked = Method::of(method);
        if let Some((route, about)) = taken
            .clone()
            .find(|(route, _)| asked == Some(route.method()))
        {
            return Found::Route(*route, about.unwrap_or_default());
        }
        let allowed: Vec<&str> = taken.map(|(route, _)| route.method().allowed()).collect();
        match allowed.is_empty() {
            true => Found::Nothing,
            false => Found::OtherMethods(allowed.join(", ")),
        }
    }

    /// Its path for this id or hash.
    pub fn of(self, about: impl Display) -> String {
        match self.around_id() {
            (before, Some(after)) => format!("{before}{about}{after}"),
            (whole, None) => whole.to_owned(),
        }
    }

    /// What stands before its id or hash, and behind it; all of it if it has none.
    fn around_id(self) -> (&'static str, Option<&'static str>) {
        let path = self.path();
        let parts = path.split_once('{').and_then(|(before, rest)| {
            let (_, after) = rest.split_once('}')?;
            Some((before, Some(after)))
        });
        parts.unwrap_or((path, None))
    }

    /// Whether a path is this one, and if so what stands in place of its id or hash.
    fn matches(self, path: &str) -> Option<Option<&str>> {
        match self.around_id() {
            (before, Some(after)) => {
                let about = path.strip_prefix(before)?.strip_suffix(after)?;
                (!about.contains('/')).then_some(Some(about))
            }
            (whole, None) => (whole == path).then_some(None),
        }
    }
}
