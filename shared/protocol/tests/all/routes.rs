#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use protocol::routes::{Found, Route};

/// Those of HTTP, of WebDAV, of caches, and some that are none.
const METHODS: [&str; 22] = [
    "GET",
    "HEAD",
    "POST",
    "PUT",
    "PATCH",
    "DELETE",
    "OPTIONS",
    "TRACE",
    "CONNECT",
    "PROPFIND",
    "PROPPATCH",
    "MKCOL",
    "COPY",
    "MOVE",
    "LOCK",
    "UNLOCK",
    "SEARCH",
    "REPORT",
    "PURGE",
    "QUERY",
    "get",
    "",
];

const ID: &str = "67e55044-10b1-426f-9247-bb680e5fe0c8";

/// What stands in place of the route's id, as it is told.
fn about(route: Route) -> &'static str {
    match route.path().contains('{') {
        true => ID,
        false => "",
    }
}

/// The methods that `Allow` has of a path.
fn allowed(path: &str) -> String {
    let here = Route::ALL.iter().filter(|route| route.path() == path);
    let names = here.map(|route| match route.method().name() {
        "GET" => "GET, HEAD",
        name => name,
    });
    names.collect::<Vec<_>>().join(", ")
}

#[test]
fn every_path_takes_its_methods_and_names_them_to_all_others() {
    for route in Route::ALL {
        for method in METHODS {
            let asked = match method {
                "HEAD" => "GET",
                method => method,
            };
            let taken = Route::ALL
                .iter()
                .find(|other| other.path() == route.path() && other.method().name() == asked);
            let expected = match taken {
                Some(route) => Found::Route(*route, about(*route)),
                None => Found::OtherMethods(allowed(route.path())),
            };
            let path = route.of(ID);
            assert_eq!(Route::find(method, &path), expected, "{method} {path}");
        }
    }
}

#[test]
fn nothing_else_is_there_by_any_method() {
    let mut nowhere: Vec<String> = [
        "",
        "/",
        "/api/v1",
        "/api/v1/",
        "/api/v1/items",
        "/api/v1/teapots",
        "/api/v2/server",
        "/api/v1/files/x/content/",
        "/api/v1/files/x/y/content",
    ]
    .map(str::to_owned)
    .into();
    for route in Route::ALL {
        let path = route.of(ID);
        nowhere.extend([format!("{path}/more/and/more"), format!("/{path}")]);
    }
    for path in nowhere {
        for method in METHODS {
            let found = Route::find(method, &path);
            assert_eq!(found, Found::Nothing, "{method} {path}");
        }
    }
}

#[test]
fn no_route_is_there_twice_and_each_path_has_one_id_at_most() {
    for (index, route) in Route::ALL.iter().enumerate() {
        let before = &Route::ALL[..index];
        let is_same =
            |other: &&Route| other.path() == route.path() && other.method() == route.method();
        assert_eq!(before.iter().find(is_same), None, "{route:?}");
        assert!(route.path().matches('{').count() <= 1, "{route:?}");
        assert!(route.path().starts_with("/api/v1/"), "{route:?}");
    }
}

#[test]
fn a_word_in_place_of_an_id_is_a_path_of_its_own() {
    let post = Found::OtherMethods("POST".to_owned());
    assert_eq!(Route::find("GET", "/api/v1/blocks/fetch"), post);
    assert_eq!(Route::find("DELETE", "/api/v1/devices/tokens"), post);
    assert_eq!(
        Route::find("GET", "/api/v1/blocks/abc"),
        Found::Route(Route::Block, "abc")
    );
    // What is no id names nothing, and is told by whoever reads it.
    assert_eq!(
        Route::find("GET", "/api/v1/items/"),
        Found::Route(Route::Item, "")
    );
}
