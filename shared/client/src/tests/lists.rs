use super::home::{Call, Home, TUNING, blocks, content, engine, file, id};
use crate::engine::EngineCell;
use crate::failure::Failure;
use crate::lists::Lists;
use blocks::manifest::BlockRef;
use protocol::content::{Base, splices};
use protocol::files::{FileManifest, ManifestSince};
use protocol::ids::Version;
use protocol::items::Item;
use protocol::problem::Problem;

fn lists(items: Vec<Item>) -> (Home, Lists<Home>) {
    let home = Home::new();
    let engine = EngineCell::new(engine(items));
    let lists = Lists::new(home.clone(), engine, TUNING);
    (home, lists)
}

fn know(home: &Home, n: u8, version: Version, list: &[BlockRef]) {
    let list = (version, list.to_vec());
    home.lists.borrow_mut().insert(id(n), list);
}

fn since(version: Version, old: &[BlockRef], new: &[BlockRef]) -> ManifestSince {
    ManifestSince {
        version: version + 1,
        size: content(new).size,
        since: version,
        of: None,
        splices: splices(old, new),
    }
}

#[test]
fn the_list_of_another_version_is_never_taken_for_a_base() {
    let (home, lists) = lists(vec![file(1, 3, 20)]);
    know(&home, 1, 2, &blocks(&[1, 2]));
    let base = home.at_once(async move { lists.base(id(1), 3, 1).await });
    assert_eq!(base, None);
}

#[test]
fn a_long_list_is_asked_for_once_and_then_here() {
    let (home, lists) = lists(vec![file(1, 3, 20)]);
    let ask = |lists: &Lists<Home>| {
        let lists = lists.clone();
        home.begin(async move { lists.base(id(1), 3, 4).await })
    };
    let asking = ask(&lists);
    let asked = home.call();
    assert!(matches!(asked.call, Call::Manifest(item, 3) if item == id(1)));
    let list = blocks(&[1, 2]);
    asked.say(Ok(FileManifest {
        version: 3,
        size: 20,
        blocks: list.clone(),
    }));
    assert_eq!(asking.end(), Some(list.clone()));
    assert_eq!(ask(&lists).end(), Some(list));
}

#[test]
fn of_a_list_that_is_here_only_what_differs_comes_down() {
    let (home, lists) = lists(vec![file(1, 3, 20)]);
    let (old, new) = (blocks(&[1, 2, 3]), blocks(&[1, 9, 3]));
    know(&home, 1, 2, &old);
    let looking = home.begin(async move { lists.look(id(1), 3).await });
    let asked = home.call();
    assert!(matches!(asked.call, Call::ManifestSince(3, base)
        if base == Base { item: id(1), version: 2 }));
    asked.say(Ok(since(2, &old, &new)));
    assert_eq!(looking.end(), Ok(new));
}

#[test]
fn splices_of_another_base_do_not_make_a_wrong_list() {
    let (old, new) = (blocks(&[1, 2, 3]), blocks(&[1, 9, 3]));
    let of_another = ManifestSince {
        of: Some(id(7)),
        ..since(2, &old, &new)
    };
    let of_another_size = ManifestSince {
        size: 31,
        ..since(2, &old, &new)
    };
    for answer in [
        Ok(of_another),
        Ok(of_another_size),
        Err(Failure::Refused(Problem::NoSuchVersion)),
    ] {
        let (home, lists) = lists(vec![file(1, 3, 20)]);
        know(&home, 1, 2, &old);
        let looking = home.begin(async move { lists.look(id(1), 3).await });
        home.call().say(answer);
        let asked = home.call();
        assert!(matches!(asked.call, Call::Manifest(_, 3)));
        asked.say(Ok(FileManifest {
            version: 3,
            size: 30,
            blocks: new.clone(),
        }));
        assert_eq!(looking.end().as_ref(), Ok(&new));
    }
}

#[test]
fn a_server_that_is_not_reached_is_not_asked_for_the_whole_list_in_the_same_breath() {
    let (home, lists) = lists(vec![file(1, 3, 20)]);
    know(&home, 1, 2, &blocks(&[1]));
    let looking = home.begin(async move { lists.look(id(1), 3).await });
    home.call().say::<ManifestSince>(Err(Failure::Unreachable));
    assert_eq!(looking.end(), Err(Failure::Unreachable));
}

#[test]
fn a_file_that_is_dropped_again_under_another_name_is_found() {
    let (home, lists) = lists(vec![file(1, 3, 20), file(2, 1, 20), file(3, 1, 99)]);
    let list = blocks(&[1, 2]);
    know(&home, 1, 3, &blocks(&[3, 4]));
    know(&home, 2, 1, &list);
    let wanted = content(&list);
    let found = home.at_once(async move { lists.same(&wanted).await });
    let it = Base {
        item: id(2),
        version: 1,
    };
    assert_eq!(found, Some(it));
}

#[test]
fn a_list_that_the_server_does_not_know_is_let_go() {
    let (home, lists) = lists(vec![file(1, 3, 20)]);
    know(&home, 1, 3, &blocks(&[1]));
    let held = home.at_once(async move {
        lists.forget(id(1)).await;
        lists.held(id(1)).await
    });
    assert_eq!(held, None);
}
