//! Bodies of the API against the reader: the documented forms are taken, and no others.

use super::{read, read_entries};
use protocol::accounts::{SignInFinish, SignInStart, SignUpFinish, SignUpStart};
use protocol::blocks::{Fetch, FetchSignatures};
use protocol::conflicts::{NewConflict, Reopen, Resolve};
use protocol::content::Content;
use protocol::devices::NewAccessToken;
use protocol::files::{Commit, NewFile, Proposal};
use protocol::items::{ChangePlace, ChangeTrashed, NewFolder};
use protocol::problem::Problem;
use serde_json::{Value, json};

/// Whether a body is taken.
type Reads = fn(&[u8]) -> Result<(), Problem>;
/// Whether serde by itself takes it.
type Takes = fn(&[u8]) -> bool;

macro_rules! bodies {
    ($($file:literal $body:ty;)*) => {
        &[$((
            include_str!(concat!("../../../../shared/protocol/tests/fixtures/wire/v1/", $file, ".json")),
            |body| read::<$body>(body).map(drop),
            |body| serde_json::from_slice::<$body>(body).is_ok(),
        )),*]
    };
}

/// Each body that the API takes, and how it is read.
const BODIES: &[(&str, Reads, Takes)] = bodies! {
    "sign_up_start" SignUpStart;
    "sign_up_finish" SignUpFinish;
    "sign_in_start" SignInStart;
    "sign_in_finish" SignInFinish;
    "new_access_token" NewAccessToken;
    "new_folder" NewFolder;
    "change_place" ChangePlace;
    "change_trashed" ChangeTrashed;
    "new_file" NewFile<Content>;
    "new_file_copied" NewFile<Content>;
    "new_file_empty" NewFile<Content>;
    "commit" Commit<Content>;
    "commit_spliced" Commit<Content>;
    "commit_spliced_carrying" Commit<Content>;
    "proposal" Proposal;
    "fetch" Fetch;
    "fetch_signatures" FetchSignatures;
    "new_conflict" NewConflict<Content>;
    "resolve_keep_mine" Resolve;
    "resolve_keep_theirs" Resolve;
    "resolve_keep_both" Resolve;
    "resolve_merged" Resolve;
    "reopen" Reopen;
};

/// The value with one of its objects changed, for each of its objects.
fn with_each_object(value: &Value, change: &impl Fn(&Value) -> Value) -> Vec<Value> {
    let mut all = Vec::new();
    if value.is_object() {
        all.push(change(value));
    }
    match value {
        Value::Object(fields) => {
            for (key, field) in fields {
                for changed in with_each_object(field, change) {
                    let mut fields = fields.clone();
                    fields.insert(key.clone(), changed);
                    all.push(Value::Object(fields));
                }
            }
        }
        Value::Array(list) => {
            for (index, entry) in list.iter().enumerate() {
                for changed in with_each_object(entry, change) {
                    let mut list = list.clone();
                    list[index] = changed;
                    all.push(Value::Array(list));
                }
            }
        }
        _ => {}
    }
    all
}

fn is_bad_json(read: Result<(), Problem>) -> bool {
    matches!(read, Err(Problem::BadJson { .. }))
}

#[test]
fn every_body_is_taken_as_it_is_documented() {
    for (text, read, _) in BODIES {
        assert_eq!(read(text.as_bytes()), Ok(()), "{text}");
    }
}

#[test]
fn a_list_never_passes_for_an_object() {
    let mut taken_by_serde = 0;
    for (text, read, takes) in BODIES {
        // In the order of the fields, which is that of the text.
        let as_list = |object: &Value| -> Value {
            let mut fields: Vec<_> = object.as_object().unwrap().iter().collect();
            fields.sort_by_key(|(key, _)| text.find(&format!("\"{key}\":")));
            fields.into_iter().map(|(_, value)| value.clone()).collect()
        };
        for changed in with_each_object(&serde_json::from_str(text).unwrap(), &as_list) {
            let changed = changed.to_string();
            taken_by_serde += usize::from(takes(changed.as_bytes()));
            assert!(is_bad_json(read(changed.as_bytes())), "{changed}");
        }
    }
    // Otherwise this test could not fail.
    assert!(taken_by_serde > BODIES.len(), "{taken_by_serde}");
}

#[test]
fn a_field_that_is_there_twice_is_refused() {
    for (text, read, _) in BODIES {
        let body: Value = serde_json::from_str(text).unwrap();
        for (key, value) in body.as_object().unwrap() {
            let twice = text.replacen('{', &format!("{{\"{key}\": {value},"), 1);
            assert!(is_bad_json(read(twice.as_bytes())), "{twice}");
        }
    }
}

#[test]
fn what_follows_a_body_is_refused_and_an_unknown_field_is_not() {
    for (text, read, _) in BODIES {
        for more in ["{}", ",", "x", "\0"] {
            let longer = format!("{text}{more}");
            assert!(is_bad_json(read(longer.as_bytes())), "{longer}");
        }
        let later = text.replacen('{', "{\"later\": [{\"any\": [1.5]}],", 1);
        assert_eq!(read(later.as_bytes()), Ok(()), "{later}");
    }
}

#[test]
fn an_object_never_passes_for_a_name_of_a_list() {
    let as_object = |text: &str, name: &str| text.replace(name, &format!("{{{name}: null}}"));
    for (text, name) in [
        (BODIES[1].0, "\"browser\""),
        (BODIES[1].0, "\"program\""),
        (BODIES[18].0, "\"keep_mine\""),
    ] {
        let changed = as_object(text, name);
        let read = BODIES.iter().find(|body| body.0 == text).unwrap().1;
        assert!(
            changed == text || is_bad_json(read(changed.as_bytes())),
            "{changed}"
        );
    }
}

#[test]
fn numbers_are_whole_and_not_negative() {
    let text = BODIES[6].0;
    let with = |number: &str| {
        let mut body: Value = serde_json::from_str(text).unwrap();
        body["base_place_version"] = json!("here");
        read::<ChangePlace>(body.to_string().replace("\"here\"", number).as_bytes())
    };
    assert!(with("1").is_ok());
    for bad in [
        "-1", "1.0", "1e1", "+1", "01", "\"1\"", "null", "true", "1e400",
    ] {
        assert!(is_bad_json(with(bad).map(drop)), "{bad}");
    }
}

#[test]
fn one_bad_file_of_many_is_refused_by_itself() {
    let good: Value = serde_json::from_str(BODIES[8].0).unwrap();
    let but = |key: &str, value: Value| {
        let mut file = good.clone();
        file[key] = value;
        file
    };
    let mut fractional = good.clone();
    fractional["content"]["size"] = json!(1.5);
    let files = json!({
        "before": [1, {"files": []}],
        "files": [
            good, but("name", json!("a/b")), but("id", json!("x")), fractional,
            but("content", json!([1])), {}, good,
        ],
        "after": null,
    });
    let results = read_entries::<NewFile<Content>>(files.to_string().as_bytes(), "files").unwrap();
    let codes: Vec<_> = results
        .iter()
        .map(|result| match result {
            Ok(_) => "made",
            Err(Problem::BadName { .. }) => "bad_name",
            Err(Problem::BadJson { .. }) => "bad_json",
            Err(_) => "other",
        })
        .collect();
    assert_eq!(
        codes,
        [
            "made", "bad_name", "bad_json", "bad_json", "bad_json", "bad_json", "made"
        ]
    );
}

#[test]
fn what_is_no_list_of_objects_is_refused_as_a_whole() {
    let read = |text: &str| read_entries::<NewFolder>(text.as_bytes(), "files");
    assert_eq!(read(" { \"files\" : [ ] } ").map(|all| all.len()), Ok(0));
    // Written in another way, it is the same key.
    assert_eq!(read(r#"{"\u0066iles": [{}]}"#).map(|all| all.len()), Ok(1));
    for bad in [
        "",
        "[]",
        "null",
        "{}",
        "{\"files\": {}}",
        "{\"files\": null}",
        "{\"files\": [1]}",
        "{\"files\": [{}, []]}",
        "{\"files\": [{},]}",
        "{\"files\": [{}}",
        "{\"files\": [{}]",
        "{\"files\": []} x",
        "{\"files\": [], \"files\": []}",
        "{\"files\": [],}",
        "{\"files\" []}",
        "{files: []}",
        "{1: 2, \"files\": []}",
        "[[{}]]",
        "{\"files\": [{\"a\": }]}",
        "{\"a\": 1 \"files\": []}",
    ] {
        assert!(matches!(read(bad), Err(Problem::BadJson { .. })), "{bad}");
    }
}

/// Two megabytes of nothing but structure.
#[test]
fn a_large_body_takes_as_long_as_its_length() {
    let began = std::time::Instant::now();
    let deep = format!(
        "{{\"files\": [{{\"a\": {}1{}}}]}}",
        "[".repeat(1_000_000),
        "]".repeat(1_000_000)
    );
    assert!(read_entries::<NewFolder>(deep.as_bytes(), "files").is_ok_and(|all| all[0].is_err()));
    let wide = format!("{{\"files\": [{{}}{}]}}", ",{}".repeat(600_000));
    let read = read_entries::<NewFolder>(wide.as_bytes(), "files").unwrap();
    assert_eq!(read.len(), 600_001);
    // Quadratic, it would take hours.
    assert!(began.elapsed().as_secs() < 60);
}
