//! The page's own addresses, all in one enum, and going from one to another.

use super::icon::Icon;
use crate::words::english;
use js_sys::{decode_uri_component, encode_uri_component};
use leptos::ev;
use leptos::prelude::*;
use protocol::ids::{ConflictId, ItemId};
use protocol::links::LinkKey;
use std::str::FromStr;
use wasm_bindgen::JsValue;

const SEARCH: &str = "/search";
const STORAGE: &str = "/storage";
const ADMINISTRATION: &str = "/admin";
/// Of an invitation, whose secret is behind a `#`.
const JOIN: &str = "/join";
/// Kept by the browser with the address of a file that was opened in the page: "back"
/// leads to its folder.
const OVER_FOLDER: &str = "over-folder";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// A folder's files; `None` is the root.
    Folder(Option<ItemId>),
    /// A file that is looked at, over the files of a folder.
    File(Option<ItemId>, ItemId),
    Conflicts,
    /// One conflict, its versions side by side.
    Conflict(ConflictId),
    Trash,
    /// What was done with one item, or with all.
    Activity(Option<ItemId>),
    Settings,
    /// What takes the room of the drive.
    Storage,
    /// Running the server for others.
    Administration,
    /// What was found; what is looked for is in the address, too: [`Router::query`].
    Search,
    /// What the person has starred, and the searches that they have saved.
    Starred,
    /// What others share with the person, and what they share.
    Shares,
    /// Something that is shared with the person.
    Shared(ItemId, InShared),
    /// What somebody has a link to, who may have no account: its top, or a folder in it.
    Visit(LinkKey, Option<ItemId>),
    /// The address of a link that is not whole.
    NoLink,
    /// An address of the page at which there is nothing.
    Unknown,
}

/// A page about what is shared with the person: the same as there is about their own drive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InShared {
    /// `None` is the top of what is shared.
    Folder(Option<ItemId>),
    File(Option<ItemId>, ItemId),
    Conflicts,
    Conflict(ConflictId),
    Activity(Option<ItemId>),
    Search,
    Starred,
}

/// A page that the sidebar leads to.
pub struct NavPage {
    pub route: Route,
    path: &'static str,
    /// For `t`.
    pub title: &'static str,
    pub icon: Icon,
}

/// In the sidebar's order, after the files.
pub const PAGES: [NavPage; 6] = [
    NavPage {
        route: Route::Starred,
        path: "starred",
        title: english!("Starred"),
        icon: Icon::Star,
    },
    NavPage {
        route: Route::Shares,
        path: "shared",
        title: english!("Shared"),
        icon: Icon::People,
    },
    NavPage {
        route: Route::Conflicts,
        path: "conflicts",
        title: english!("Conflicts"),
        icon: Icon::Conflict,
    },
    NavPage {
        route: Route::Activity(None),
        path: "activity",
        title: english!("Activity"),
        icon: Icon::Clock,
    },
    NavPage {
        route: Route::Trash,
        path: "trash",
        title: english!("Trash"),
        icon: Icon::Trash,
    },
    NavPage {
        route: Route::Settings,
        path: "settings",
        title: english!("Settings"),
        icon: Icon::Sliders,
    },
];

impl Route {
    pub fn href(self) -> String {
        match self {
            Route::Folder(None) => "/".into(),
            Route::Folder(Some(id)) => format!("/folders/{id}"),
            Route::File(folder, id) => {
                let folder = Route::Folder(folder).href();
                format!("{}/files/{id}", folder.trim_end_matches('/'))
            }
            Route::Conflict(id) => format!("/conflicts/{id}"),
            Route::Search => SEARCH.into(),
            Route::Storage => STORAGE.into(),
            Route::Administration => ADMINISTRATION.into(),
            Route::Activity(Some(id)) => format!("/activity/{id}"),
            Route::Shared(root, inner) => {
                let inner = Route::from(inner).href();
                format!("/shared/{root}{}", inner.trim_end_matches('/'))
            }
            Route::NoLink => "/l/".into(),
            Route::Unknown => "/nothing".into(),
            Route::Visit(key, None) => format!("/l/{key}"),
            Route::Visit(key, Some(id)) => format!("/l/{key}/folders/{id}"),
            page => {
                let page = PAGES.iter().find(|one| one.route == page);
                format!("/{}", page.map_or("", |page| page.path))
            }
        }
    }

    fn parse(path: &str) -> Self {
        if let Some((root, rest)) = below("/shared/", path) {
            return match Self::parse(rest) {
                Route::Unknown => Route::Unknown,
                inner => {
                    let inner = InShared::try_from(inner).unwrap_or(InShared::Folder(None));
                    Route::Shared(root, inner)
                }
            };
        }
        if path.starts_with("/l/") {
            let link = below("/l/", path);
            return link.map_or(Route::NoLink, |(key, rest)| match Self::parse(rest) {
                Route::Folder(folder) => Route::Visit(key, folder),
                _ => Route::Visit(key, None),
            });
        }
        let mut parts = path.split('/').filter(|part| !part.is_empty());
        let route = match (parts.next(), parts.next(), parts.next(), parts.next()) {
            // Whoever has come by an invitation is where everybody begins.
            (None, ..) | (Some("join"), None, ..) => Some(Route::Folder(None)),
            (Some("files"), Some(id), None, _) => id.parse().ok().map(|id| Route::File(None, id)),
            (Some("folders"), Some(id), None, _) => item(id).map(Route::Folder),
            (Some("folders"), Some(folder), Some("files"), Some(id)) => {
                let id = id.parse().ok();
                id.and_then(|id| Some(Route::File(item(folder)?, id)))
            }
            (Some("activity"), Some(id), None, _) => item(id).map(Route::Activity),
            (Some("conflicts"), Some(id), None, _) => id.parse().ok().map(Route::Conflict),
            (Some("search"), None, ..) => Some(Route::Search),
            (Some("storage"), None, ..) => Some(Route::Storage),
            // As it was called before.
            (Some("devices"), None, ..) => Some(Route::Settings),
            (Some("admin"), None, ..) => Some(Route::Administration),
            (Some(path), None, ..) => {
                let page = PAGES.iter().find(|page| page.path == path);
                page.map(|page| page.route)
            }
            _ => None,
        };
        route.unwrap_or(Route::Unknown)
    }
}

/// The secret of an invitation, if the page has come up by one.
pub fn invite() -> Option<String> {
    let location = window().location();
    let hash = location.hash().ok()?;
    let secret = hash.strip_prefix('#').filter(|secret| !secret.is_empty())?;
    (location.pathname().ok()? == JOIN).then(|| secret.to_owned())
}

/// Takes it out of the address: it is used up.
pub fn forget_invite() {
    if let Ok(history) = window().history() {
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some("/"));
    }
}

/// An item in an address; the outer `None` is none.
fn item(id: &str) -> Option<Option<ItemId>> {
    id.parse().ok().map(Some)
}

/// What names the root in an address that begins so, and what follows it.
fn below<'a, T: FromStr>(start: &str, path: &'a str) -> Option<(T, &'a str)> {
    let rest = path.strip_prefix(start)?;
    let (root, rest) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    Some((root.parse().ok()?, rest))
}

impl From<InShared> for Route {
    fn from(inner: InShared) -> Self {
        match inner {
            InShared::Folder(folder) => Route::Folder(folder),
            InShared::File(folder, id) => Route::File(folder, id),
            InShared::Conflicts => Route::Conflicts,
            InShared::Conflict(id) => Route::Conflict(id),
            InShared::Activity(of) => Route::Activity(of),
            InShared::Search => Route::Search,
            InShared::Starred => Route::Starred,
        }
    }
}

impl TryFrom<Route> for InShared {
    type Error = Route;

    fn try_from(route: Route) -> Result<Self, Route> {
        match route {
            Route::Folder(folder) => Ok(InShared::Folder(folder)),
            Route::File(folder, id) => Ok(InShared::File(folder, id)),
            Route::Conflicts => Ok(InShared::Conflicts),
            Route::Conflict(id) => Ok(InShared::Conflict(id)),
            Route::Activity(of) => Ok(InShared::Activity(of)),
            Route::Search => Ok(InShared::Search),
            Route::Starred => Ok(InShared::Starred),
            other => Err(other),
        }
    }
}

/// Goes from one route to another. Within what is shared with the person, routes are those
/// of that: a view need not know what it is of.
#[derive(Clone, Copy)]
pub struct Router {
    at: RwSignal<Route>,
    root: Option<ItemId>,
    /// What is looked for at [`Route::Search`].
    query: RwSignal<String>,
    /// What the person is led to in the folder that is open.
    pointed: RwSignal<Option<ItemId>>,
    /// A file that was opened to be typed over, until it is.
    edited: StoredValue<Option<ItemId>>,
}

impl Router {
    /// Reads the address and follows the browser's back and forward.
    pub fn start() -> Self {
        let (at, query) = (RwSignal::new(current()), RwSignal::new(current_query()));
        // Listens as long as the page lives.
        let _ = window_event_listener(ev::popstate, move |_| {
            query.set(current_query());
            at.set(current());
        });
        Self {
            at,
            root: None,
            query,
            pointed: RwSignal::new(None),
            edited: StoredValue::new(None),
        }
    }

    /// The same, within what is shared with the person.
    #[must_use]
    pub fn within(self, root: Option<ItemId>) -> Self {
        Self { root, ..self }
    }

    /// Whether its routes are of something that is shared with the person.
    pub fn is_within(self) -> bool {
        self.root.is_some()
    }

    /// What is shared with the person and is shown now.
    pub fn root(self) -> Option<ItemId> {
        match self.at.get() {
            Route::Shared(root, _) => Some(root),
            _ => None,
        }
    }

    pub fn at(self) -> Route {
        match self.at.get() {
            Route::Shared(root, inner) if self.root == Some(root) => inner.into(),
            Route::Visit(_, folder) => Route::Folder(folder),
            other => other,
        }
    }

    /// Whether the page is about a link.
    pub fn is_visit(self) -> bool {
        matches!(self.at.get(), Route::Visit(..) | Route::NoLink)
    }

    /// The link that the page is about, if the address has a whole one.
    pub fn visited(self) -> Option<LinkKey> {
        match self.at.get() {
            Route::Visit(key, _) => Some(key),
            _ => None,
        }
    }

    /// What a route is outside of what is shared.
    fn whole(self, route: Route) -> Route {
        if let (Route::Visit(key, _), Route::Folder(folder)) = (self.at.get_untracked(), route) {
            return Route::Visit(key, folder);
        }
        match (self.root, InShared::try_from(route)) {
            (Some(root), Ok(inner)) => Route::Shared(root, inner),
            _ => route,
        }
    }

    pub fn go(self, route: Route) {
        self.go_in(route, &JsValue::NULL);
    }

    fn go_in(self, route: Route, state: &JsValue) {
        let route = self.whole(route);
        if self.at.get_untracked() == route {
            return;
        }
        if let Ok(history) = window().history() {
            let _ = history.push_state_with_url(state, "", Some(&route.href()));
        }
        self.pointed.set(None);
        self.at.set(route);
    }

    /// What is looked for.
    pub fn query(self) -> String {
        self.query.get()
    }

    /// Shows what is found for a text. From there, another text takes its place in the
    /// browser's history.
    pub fn search(self, text: String) {
        let route = self.whole(Route::Search);
        let address = format!("{}?q={}", route.href(), encode_uri_component(&text));
        if let Ok(history) = window().history() {
            let (state, address) = (JsValue::NULL, Some(address.as_str()));
            let _ = match self.at.get_untracked() == route {
                true => history.replace_state_with_url(&state, "", address),
                false => history.push_state_with_url(&state, "", address),
            };
        }
        self.query.set(text);
        self.at.set(route);
    }

    /// Goes to a folder and leads to something in it.
    pub fn show(self, folder: Option<ItemId>, item: ItemId) {
        self.go(Route::Folder(folder));
        self.pointed.set(Some(item));
    }

    /// What the person is to be led to.
    pub fn pointed(self) -> Option<ItemId> {
        self.pointed.get()
    }

    /// They are there.
    pub fn has_pointed(self) {
        self.pointed.set(None);
    }

    /// Opens a file over the folder that is shown.
    pub fn open_file(self, id: ItemId) {
        let folder = match untrack(|| self.at()) {
            Route::Folder(folder) | Route::File(folder, _) => folder,
            _ => None,
        };
        self.go_in(Route::File(folder, id), &OVER_FOLDER.into());
    }

    /// Opens it to be typed over.
    pub fn edit_file(self, id: ItemId) {
        self.edited.set_value(Some(id));
        self.open_file(id);
    }

    /// Whether a file that is open was opened to be typed over, and is not yet.
    pub fn takes_edit(self, id: ItemId) -> bool {
        let is_it = self.edited.get_value() == Some(id);
        if is_it {
            self.edited.set_value(None);
        }
        is_it
    }

    /// Shows another route in the place of this one: "back" leads to the one before.
    pub fn replace(self, route: Route) {
        let route = self.whole(route);
        if let Ok(history) = window().history() {
            let state = history.state().unwrap_or(JsValue::NULL);
            let _ = history.replace_state_with_url(&state, "", Some(&route.href()));
        }
        self.at.set(route);
    }

    /// Goes back to the folder of the file that is open: by the browser's "back" if that
    /// leads there.
    pub fn close_file(self) {
        let (here, Ok(history)) = (untrack(|| self.at()), window().history()) else {
            return;
        };
        let Route::File(folder, _) = here else {
            return;
        };
        let is_over = history.state().is_ok_and(|state| state == OVER_FOLDER);
        // A second press must not lead further back.
        let _ = history.replace_state(&JsValue::NULL, "");
        if !is_over || history.back().is_err() {
            self.replace(Route::Folder(folder));
        }
    }

    /// Goes on from a view when its work is done, unless the person has gone elsewhere
    /// meanwhile.
    pub fn go_on(self, from: Route, to: Route) {
        if self.at.get_untracked() == self.whole(from) {
            self.go(to);
        }
    }

    /// The folder that is open; uploads go there. Elsewhere it is the root.
    pub fn folder(self) -> Option<ItemId> {
        match self.at() {
            Route::Folder(folder) | Route::File(folder, _) => folder.or(self.root),
            _ => self.root,
        }
    }
}

fn current() -> Route {
    let path = window().location().pathname().unwrap_or_default();
    Route::parse(&path)
}

/// What the address says is looked for.
fn current_query() -> String {
    let search = window().location().search().unwrap_or_default();
    let mut fields = search.trim_start_matches('?').split('&');
    let query = fields.find_map(|field| field.strip_prefix("q="));
    let query = query.unwrap_or_default().replace('+', " ");
    decode_uri_component(&query).map_or(query, String::from)
}

pub fn use_router() -> Router {
    expect_context()
}

/// A link within the page; opens in a new tab where the person asks for one.
#[component]
pub fn Link(
    to: Route,
    #[prop(optional)] class: &'static str,
    #[prop(optional, into)] drop_target: Option<String>,
    /// For screen readers, where the words alone do not say where it leads.
    #[prop(optional, into)]
    label: Option<String>,
    children: Children,
) -> impl IntoView {
    let router = use_router();
    let follow = move |event: ev::MouseEvent| {
        let elsewhere = event.ctrl_key() || event.meta_key() || event.shift_key();
        if !elsewhere && event.button() == 0 {
            event.prevent_default();
            router.go(to);
        }
    };
    view! {
        <a
            class=class
            href=router.whole(to).href()
            aria-label=label
            aria-current=move || (router.at() == to).then_some("page")
            data-drop=drop_target
            draggable="false"
            on:click=follow
        >
            {children()}
        </a>
    }
}

#[cfg(test)]
mod tests {
    use super::{InShared, PAGES, Route};
    use protocol::ids::{ConflictId, ItemId};
    use protocol::links::LinkKey;

    #[test]
    fn every_address_leads_back_to_its_route() {
        let (item, conflict) = (
            ItemId::from_random([7; 16]),
            ConflictId::from_random([9; 16]),
        );
        let root = ItemId::from_random([8; 16]);
        let others = [
            Route::Shared(root, InShared::Folder(None)),
            Route::Shared(root, InShared::Folder(Some(item))),
            Route::Shared(root, InShared::Conflicts),
            Route::Shared(root, InShared::Conflict(conflict)),
            Route::NoLink,
            Route::Visit(LinkKey::from_random([6; 16]), None),
            Route::Visit(LinkKey::from_random([6; 16]), Some(item)),
            Route::Shared(root, InShared::Activity(None)),
            Route::Shared(root, InShared::Activity(Some(item))),
            Route::Shared(root, InShared::Search),
            Route::Shared(root, InShared::Starred),
            Route::Folder(None),
            Route::Folder(Some(item)),
            Route::File(None, item),
            Route::File(Some(root), item),
            Route::Shared(root, InShared::File(None, item)),
            Route::Shared(root, InShared::File(Some(root), item)),
            Route::Conflict(conflict),
            Route::Search,
        ];
        for route in PAGES.map(|page| page.route).into_iter().chain(others) {
            assert_eq!(Route::parse(&route.href()), route);
        }
        let elsewhere = Route::parse(&format!("/shared/{root}/trash"));
        assert_eq!(elsewhere, Route::Shared(root, InShared::Folder(None)));
        for cut_off in ["/l/0123", "/l/0123/folders/x"] {
            assert_eq!(Route::parse(cut_off), Route::NoLink);
        }
        let in_root = format!("/shared/{root}/nowhere");
        let others = [
            "/trash/x",
            "/nowhere",
            "/folders/x",
            "/files/x",
            "/activity/x",
            "/conflicts/x",
            "/shared/x",
        ];
        for other in others.into_iter().chain([in_root.as_str()]) {
            assert_eq!(Route::parse(other), Route::Unknown, "{other}");
        }
        assert_eq!(Route::parse(""), Route::Folder(None));
    }
}
