use super::{Found, Method, ROUTES, Segment, find};
use blocks::hash::BlockHash;
use protocol::content::Base;
use protocol::ids::{ConflictId, DeviceId, ItemId};
use protocol::paths;

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

/// An address of a route, with an id in place of each id.
fn address(segments: &'static [Segment]) -> Vec<&'static str> {
    let text = |segment: &Segment| match segment {
        Segment::Is(text) => *text,
        Segment::Any => "67e55044-10b1-426f-9247-bb680e5fe0c8",
    };
    segments.iter().map(text).collect()
}

#[test]
fn every_address_takes_its_methods_and_names_them_to_all_others() {
    for route in ROUTES {
        let here = address(route.segments);
        let of_here = ROUTES
            .iter()
            .filter(|other| other.segments == route.segments);
        let taken: Vec<_> = of_here.collect();
        let allow = taken
            .iter()
            .map(|route| route.method.names())
            .collect::<Vec<_>>()
            .join(", ");
        for method in METHODS {
            let asked = Method::of(method);
            let expected = match taken.iter().find(|route| asked == Some(route.method)) {
                Some(route) => Found::Route(route),
                None => Found::OtherMethods(allow.clone()),
            };
            assert_eq!(find(method, &here), expected, "{method} {here:?}");
        }
    }
}

#[test]
fn nothing_else_is_there_by_any_method() {
    for method in METHODS {
        for route in ROUTES {
            let here = address(route.segments);
            for nowhere in [
                [here.clone(), vec![""]].concat(),
                [vec![""], here.clone()].concat(),
            ] {
                // A word more may be an id.
                let is_known = ROUTES.iter().any(|route| route.is_at(&nowhere));
                assert!(
                    is_known || find(method, &nowhere) == Found::Nothing,
                    "{nowhere:?}"
                );
            }
        }
        for nowhere in [
            &["items"][..],
            &["teapots"],
            &[""],
            &["files", "x", "content", ""],
        ] {
            assert_eq!(
                find(method, nowhere),
                Found::Nothing,
                "{method} {nowhere:?}"
            );
        }
    }
}

#[test]
fn no_route_is_there_twice() {
    for (index, route) in ROUTES.iter().enumerate() {
        let before = &ROUTES[..index];
        let is_new = |other: &&super::Route| {
            other.method == route.method && other.segments == route.segments
        };
        assert!(before.iter().find(is_new).is_none(), "{route:?}");
    }
}

#[test]
fn a_word_in_place_of_an_id_is_an_address_of_its_own() {
    let post = || Found::OtherMethods("POST".to_owned());
    assert_eq!(find("GET", &["blocks", "fetch"]), post());
    assert_eq!(find("DELETE", &["devices", "tokens"]), post());
    let block = find("GET", &["blocks", "abc"]);
    assert!(matches!(block, Found::Route(route) if route.method == Method::Get));
}

#[test]
fn every_path_that_callers_know_exists() {
    let (id, conflict) = (
        ItemId::from_random([7; 16]),
        ConflictId::from_random([8; 16]),
    );
    let base = Base {
        item: id,
        version: 1,
    };
    let known = [
        ("GET", paths::SERVER.to_owned()),
        ("POST", paths::SIGN_UP_START.to_owned()),
        ("POST", paths::SIGN_UP_FINISH.to_owned()),
        ("POST", paths::SIGN_IN_START.to_owned()),
        ("POST", paths::SIGN_IN_FINISH.to_owned()),
        ("POST", paths::SIGN_OUT.to_owned()),
        ("GET", paths::ME.to_owned()),
        ("GET", paths::DEVICES.to_owned()),
        ("DELETE", paths::device(DeviceId::from_random([9; 16]))),
        ("POST", paths::ACCESS_TOKENS.to_owned()),
        ("POST", paths::FOLDERS.to_owned()),
        ("POST", paths::FILES.to_owned()),
        ("POST", paths::FILES_BATCH.to_owned()),
        ("GET", paths::POLL.to_owned()),
        ("POST", paths::BLOCKS.to_owned()),
        ("POST", paths::FETCH_BLOCKS.to_owned()),
        ("POST", paths::FETCH_SIGNATURES.to_owned()),
        ("GET", paths::block(BlockHash::of(b""))),
        ("GET", paths::CHANGES.to_owned()),
        ("GET", paths::item(id)),
        ("PATCH", paths::item(id)),
        ("POST", paths::trash(id)),
        ("POST", paths::restore(id)),
        ("POST", paths::sync(id)),
        ("POST", paths::commit(id)),
        ("GET", paths::manifest_since(id, 2, base)),
        ("GET", paths::content(id, None)),
        ("POST", paths::file_conflicts(id)),
        ("GET", paths::CONFLICTS.to_owned()),
        ("GET", paths::conflict(conflict)),
        ("GET", paths::conflict_manifest(conflict)),
        ("GET", paths::conflict_content(conflict)),
        ("POST", paths::resolve(conflict)),
        ("POST", paths::reopen(conflict)),
    ];
    for (method, path) in known {
        let address = path.split('?').next().unwrap();
        let segments: Vec<&str> = address.split('/').skip(3).collect();
        let found = find(method, &segments);
        assert!(
            matches!(found, Found::Route(_)),
            "{method} {path}: {found:?}"
        );
    }
}
