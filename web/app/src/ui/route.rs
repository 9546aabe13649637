//! The page's own addresses, all in one enum, and going from one to another.

use super::icon::Icon;
use leptos::ev;
use leptos::prelude::*;
use protocol::ids::{ConflictId, ItemId};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// A folder's files; `None` is the root.
    Folder(Option<ItemId>),
    Conflicts,
    /// One conflict, its versions side by side.
    Conflict(ConflictId),
    Trash,
    /// What was done with one item, or with all.
    Activity(Option<ItemId>),
    Devices,
}

/// A page that the sidebar leads to.
pub struct NavPage {
    pub route: Route,
    path: &'static str,
    pub title: &'static str,
    pub icon: Icon,
}

/// In the sidebar's order, after the files.
pub const PAGES: [NavPage; 4] = [
    NavPage {
        route: Route::Conflicts,
        path: "conflicts",
        title: "Conflicts",
        icon: Icon::Conflict,
    },
    NavPage {
        route: Route::Activity(None),
        path: "activity",
        title: "Activity",
        icon: Icon::Clock,
    },
    NavPage {
        route: Route::Trash,
        path: "trash",
        title: "Trash",
        icon: Icon::Trash,
    },
    NavPage {
        route: Route::Devices,
        path: "devices",
        title: "Devices",
        icon: Icon::Laptop,
    },
];

impl Route {
    pub fn href(self) -> String {
        match self {
            Route::Folder(None) => "/".into(),
            Route::Folder(Some(id)) => format!("/folders/{id}"),
            Route::Conflict(id) => format!("/conflicts/{id}"),
            Route::Activity(Some(id)) => format!("/activity/{id}"),
            page => {
                let page = PAGES.iter().find(|one| one.route == page);
                format!("/{}", page.map_or("", |page| page.path))
            }
        }
    }

    /// An address that is none of ours shows the root.
    fn parse(path: &str) -> Self {
        let mut parts = path.split('/').filter(|part| !part.is_empty());
        match (parts.next(), parts.next()) {
            (Some("folders"), Some(id)) => Route::Folder(id.parse().ok()),
            (Some("activity"), Some(id)) => Route::Activity(id.parse().ok()),
            (Some("conflicts"), Some(id)) => id.parse().map_or(Route::Conflicts, Route::Conflict),
            (Some(path), None) => {
                let page = PAGES.iter().find(|page| page.path == path);
                page.map_or(Route::Folder(None), |page| page.route)
            }
            _ => Route::Folder(None),
        }
    }
}

#[derive(Clone, Copy)]
pub struct Router {
    at: RwSignal<Route>,
}

impl Router {
    /// Reads the address and follows the browser's back and forward.
    pub fn start() -> Self {
        let at = RwSignal::new(current());
        // Listens as long as the page lives.
        let _ = window_event_listener(ev::popstate, move |_| at.set(current()));
        Self { at }
    }

    pub fn at(self) -> Route {
        self.at.get()
    }

    pub fn go(self, route: Route) {
        if self.at.get_untracked() == route {
            return;
        }
        if let Ok(history) = window().history() {
            let state = wasm_bindgen::JsValue::NULL;
            let _ = history.push_state_with_url(&state, "", Some(&route.href()));
        }
        self.at.set(route);
    }

    /// The folder that is open; uploads go there. Elsewhere it is the root.
    pub fn folder(self) -> Option<ItemId> {
        match self.at.get() {
            Route::Folder(folder) => folder,
            _ => None,
        }
    }
}

fn current() -> Route {
    let path = window().location().pathname().unwrap_or_default();
    Route::parse(&path)
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
            href=to.href()
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
    use super::{PAGES, Route};
    use protocol::ids::{ConflictId, ItemId};

    #[test]
    fn every_address_leads_back_to_its_route() {
        let (item, conflict) = (
            ItemId::from_random([7; 16]),
            ConflictId::from_random([9; 16]),
        );
        let others = [
            Route::Folder(None),
            Route::Folder(Some(item)),
            Route::Conflict(conflict),
        ];
        for route in PAGES.map(|page| page.route).into_iter().chain(others) {
            assert_eq!(Route::parse(&route.href()), route);
        }
        for other in ["/trash/x", "/nowhere", "/folders/x", ""] {
            assert_eq!(Route::parse(other), Route::Folder(None));
        }
    }
}
