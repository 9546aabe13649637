//! What each route is, to whoever has a part of a space.

use protocol::routes::Route;

/// What a route is, to whoever has a part of the space.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// About nobody's space: it has no root.
    NoSpace,
    Reads,
    Changes,
    /// Brings what is of no item yet.
    Brings,
    /// Tells what there is: of what has left, nothing.
    Lists,
    /// As [`Self::Reads`] and [`Self::Lists`], but between people: never for a token.
    Says,
    Hears,
    /// About a space as a whole, or about access to it: its owner's.
    Whole,
    WholeChanges,
}

/// A new route does not compile before it is one of these.
pub fn kind(route: Route) -> Kind {
    match route {
        Route::Server
        | Route::SignUpStart
        | Route::SignUpFinish
        | Route::SignInStart
        | Route::SignInFinish
        | Route::Confirm
        | Route::PasswordStart
        | Route::PasswordFinish
        | Route::RecoveryCodes
        | Route::MakeRecoveryCodes
        | Route::RecoverStart
        | Route::RecoverFinish
        | Route::SignOut
        // They ask for a link, and not for a root.
        | Route::ShownLink
        | Route::PassStart
        | Route::PassFinish
        | Route::Devices
        | Route::CreateToken
        | Route::RenameDevice
        | Route::RevokeDevice
        // For administrators, whatever they have of a space.
        | Route::People
        | Route::ChangePerson
        | Route::Settings
        | Route::ChangeSettings
        | Route::Invites
        | Route::MakeInvite
        | Route::RemoveInvite
        | Route::Audit
        | Route::Health => Kind::NoSpace,
        Route::Item
        | Route::FetchBlocks
        | Route::FetchSignatures
        | Route::FileVersions
        | Route::FileManifest
        | Route::FileContent
        | Route::Conflict
        | Route::ConflictContent
        | Route::ConflictManifest => Kind::Reads,
        Route::CreateFolder
        | Route::ChangeItems
        | Route::ChangePlace
        | Route::DeleteItem
        | Route::Trash
        | Route::Restore
        | Route::CreateFile
        | Route::CreateFiles
        | Route::RevertFiles
        | Route::Propose
        | Route::Commit
        | Route::StoreThumbnail
        | Route::MarkVersion
        | Route::KeepConflict
        | Route::Reopen
        | Route::Resolve => Kind::Changes,
        Route::Changes | Route::Activity | Route::Past | Route::Poll | Route::Thumbnails => {
            Kind::Lists
        }
        Route::SayOpen => Kind::Says,
        Route::Openings => Kind::Hears,
        Route::Me
        | Route::ItemGrants
        | Route::ShowOffer
        | Route::Grants
        | Route::Links
        | Route::Block
        | Route::Conflicts
        | Route::News
        | Route::Retention
        | Route::Marks => Kind::Whole,
        Route::EmptyTrash
        | Route::ChangeRetention
        | Route::CreateMount
        | Route::RemoveMount
        | Route::Give
        | Route::ChangeGrant
        | Route::TakeBack
        | Route::Offer
        | Route::EndOffer
        | Route::AcceptOffer
        | Route::SeeNews
        | Route::ChangeStars
        | Route::SaveSearch
        | Route::ChangeSearch
        | Route::RemoveSearch
        | Route::TellOpenings
        | Route::MakeLink
        | Route::ChangeLink
        | Route::RemoveLink
        | Route::LinkPasswordStart
        | Route::EndAccount
        | Route::KeepAccount => Kind::WholeChanges,
        Route::StoreBlocks => Kind::Brings,
    }
}

/// The routes that are about a space.
pub fn about_a_space() -> impl Iterator<Item = Route> {
    let routes = Route::ALL.iter().copied();
    routes.filter(|route| kind(*route) != Kind::NoSpace)
}
