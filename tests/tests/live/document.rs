//! A program that was written from `docs/openapi.json` and nothing else, with an access
//! token, against a running server:
//! 1. lists the changes to the end, and makes an empty file
//! 2. waits for news, while its second half
//! 3. proposes a version, and is told which of its blocks are missing
//! 4. stores these in frames, and commits
//! 5. is answered with the change, lists what is new, and reads the bytes back
//! 6. commits on the old version once more, and is told of the conflict
//!
//! Whatever is sent and answered has to be as the document says.

use driftless_tests::live;
use serde_json::{Value as Json, json};
use std::time::Duration;
use ureq::http::Request;

/// A program: of the project it knows the document and the server's address.
struct Program {
    agent: ureq::Agent,
    token: String,
    document: Json,
}

/// What goes along with a request.
#[derive(Default)]
struct Sent<'a> {
    id: &'a str,
    query: Vec<(&'a str, String)>,
    headers: Vec<(&'a str, &'a str)>,
    /// Its content type, and its bytes.
    body: Option<(&'a str, Vec<u8>)>,
}

impl Program {
    fn new(token: String) -> Self {
        let document = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/openapi.json");
        let document = std::fs::read(document).expect("the document");
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(60)));
        Self {
            agent: agent.build().into(),
            token,
            document: serde_json::from_slice(&document).expect("the document"),
        }
    }

    /// Sends a request by its name in the document.
    fn ask(&self, name: &str, sent: Sent<'_>) -> (u16, Vec<u8>) {
        let (method, path, operation) = self.operation(name);
        let mut address = format!("{}{}", live::url(), path.replace("{id}", sent.id));
        let known = |place: &str, name: &str| {
            let all = operation["parameters"].as_array().expect("parameters");
            let mut named = all.iter().filter(|it| it["in"] == place);
            assert!(named.any(|it| it["name"] == name), "{name} of {operation}");
        };
        for (index, (key, value)) in sent.query.iter().enumerate() {
            known("query", key);
            let mark = if index == 0 { '?' } else { '&' };
            address += &format!("{mark}{key}={value}");
        }
        let mut request = Request::builder()
            .method(method)
            .uri(address)
            .header("authorization", format!("Bearer {}", self.token));
        for (key, value) in sent.headers {
            known("header", key);
            request = request.header(key, value);
        }
        let answer = match sent.body {
            Some((kind, bytes)) => {
                self.check(&operation["requestBody"]["content"], kind, &bytes);
                let request = request.header("content-type", kind).body(&bytes[..]);
                self.agent.run(request.expect("a request"))
            }
            None => self.agent.run(request.body(()).expect("a request")),
        };
        let (head, mut body) = answer.expect("an answer").into_parts();
        let bytes = body.read_to_vec().expect("a body");
        let told = &operation["responses"][head.status.as_str()];
        assert!(told.is_object(), "{name} answers {}", head.status);
        if told["content"].is_object() {
            let kind = head.headers["content-type"].to_str().expect("a type");
            self.check(&told["content"], kind, &bytes);
        }
        (head.status.as_u16(), bytes)
    }

    /// The same with JSON, answered with JSON.
    fn ask_json(&self, name: &str, id: &str, body: Json) -> (u16, Json) {
        let body = Some(("application/json", body.to_string().into_bytes()));
        let (status, bytes) = self.ask(
            name,
            Sent {
                id,
                body,
                ..Sent::default()
            },
        );
        (status, serde_json::from_slice(&bytes).expect("JSON"))
    }

    fn operation(&self, name: &str) -> (&str, &str, &Json) {
        let paths = self.document["paths"].as_object().expect("paths");
        let methods = paths.iter().flat_map(|(path, methods)| {
            let methods = methods.as_object().expect("methods").iter();
            methods.map(move |(method, operation)| (method.as_str(), path.as_str(), operation))
        });
        let mut named = methods.filter(|(_, _, operation)| operation["operationId"] == name);
        let (method, path, operation) = named.next().expect("an operation");
        // The document has them in lower case; HTTP tells them by case.
        let method = ["GET", "POST"]
            .into_iter()
            .find(|it| it.eq_ignore_ascii_case(method));
        (method.expect("a method"), path, operation)
    }

    /// Lists what changed since a cursor, to the end.
    fn changes(&self, mut since: Option<String>) -> (Vec<Json>, String) {
        let mut all = Vec::new();
        loop {
            let query = since.iter().map(|token| ("since_token", token.clone()));
            let query = query.collect();
            let (_, page) = self.ask(
                "changes",
                Sent {
                    query,
                    ..Sent::default()
                },
            );
            let page: Json = serde_json::from_slice(&page).expect("JSON");
            all.extend(page["changes"].as_array().expect("changes").clone());
            let next = page["next_token"].as_str().expect("a cursor").to_owned();
            if page["has_more"] == false {
                return (all, next);
            }
            since = Some(next);
        }
    }

    /// Holds a body against what the document says of it.
    fn check(&self, content: &Json, kind: &str, bytes: &[u8]) {
        let said = if content[kind].is_object() {
            kind
        } else {
            "*/*"
        };
        let said = &content[said]["schema"];
        assert!(said.is_object(), "{kind} is none of {content}");
        if kind == "application/json" && content[kind].is_object() {
            let body = serde_json::from_slice(bytes).expect("JSON");
            assert!(self.fits(said, &body), "{body} is not {said}");
        }
    }

    /// Whether JSON is as a schema says, as far as this document's schemas go.
    fn fits(&self, schema: &Json, json: &Json) -> bool {
        if let Some(name) = schema["$ref"].as_str() {
            let named = self.document.pointer(&name[1..]).expect("a schema");
            return self.fits(named, json);
        }
        let entries = |of: &str| schema[of].as_array().cloned().unwrap_or_default();
        let (one, all) = (entries("oneOf"), entries("allOf"));
        let is_of_type = match schema["type"].as_str() {
            Some("object") => json.is_object(),
            Some("array") => json.is_array(),
            Some("string") => json.is_string(),
            Some("integer") => json.is_i64() || json.is_u64(),
            Some("boolean") => json.is_boolean(),
            Some("null") => json.is_null(),
            Some(other) => panic!("a type {other}"),
            None => true,
        };
        let is_listed = entries("enum");
        let fields = schema["properties"].as_object();
        let parts = json.as_array().into_iter().flatten().enumerate();
        let prefix = entries("prefixItems");
        let schema_of = |index| prefix.get(index).unwrap_or(&schema["items"]);
        is_of_type
            && (is_listed.is_empty() || is_listed.contains(json))
            && (one.is_empty() || one.iter().any(|schema| self.fits(schema, json)))
            && all.iter().all(|schema| self.fits(schema, json))
            && entries("required")
                .iter()
                .all(|name| name.as_str().is_some_and(|name| json.get(name).is_some()))
            && fields
                .into_iter()
                .flatten()
                .all(|(name, schema)| json.get(name).is_none_or(|field| self.fits(schema, field)))
            && parts
                .clone()
                .all(|(index, part)| self.fits(schema_of(index), part))
    }
}

/// A UUID of version 4, for what the client names.
fn id() -> String {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("randomness");
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let parts = [
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..],
    ];
    parts.join("-")
}

/// A block as a plain frame: its codec, its length, its hash, its bytes.
fn frame(block: &[u8]) -> Vec<u8> {
    let length = (block.len() as u32).to_le_bytes();
    let hash = *blake3::hash(block).as_bytes();
    [&[0; 4], &length[..], &hash, block].concat()
}

#[test]
#[ignore = "needs a running server: npm test starts one"]
fn a_program_that_knows_the_document_alone_proposes_uploads_commits_and_waits() {
    let ann = live::person();
    let token = ann.client.new_access_token("a program").expect("a token");
    let program = Program::new(token.token);

    // 1
    let (_, cursor) = program.changes(None);
    let file = id();
    let new = json!({"operation_id": id(), "id": file, "parent": null, "name": "file"});
    assert_eq!(program.ask_json("createFile", "", new).0, 201);
    let (seen, cursor) = {
        let (seen, next) = program.changes(Some(cursor));
        assert_eq!(seen[0]["item"]["id"], file.as_str());
        (seen[0]["item"]["file"]["version"].as_u64(), next)
    };
    assert_eq!(seen, Some(1));

    let mut bytes = vec![0; 300_000];
    getrandom::fill(&mut bytes).expect("randomness");
    let blocks: Vec<&[u8]> = bytes.chunks(100_000).collect();
    let hash = |block: &&[u8]| blake3::hash(block).to_hex().to_string();
    let hashes: Vec<String> = blocks.iter().map(hash).collect();
    let listed: Vec<Json> = hashes.iter().map(|hash| json!([hash, 100_000])).collect();
    let commit = |operation: String| {
        json!({"operation_id": operation, "base_version": 1, "content": {
            "size": 300_000, "size_class": 18, "modified_at_ms": 0, "blocks": listed,
        }})
    };
    std::thread::scope(|threads| {
        // 2
        let waiting = threads.spawn(|| {
            program.ask(
                "poll",
                Sent {
                    query: vec![("since_token", cursor.clone())],
                    headers: vec![("timeout", "30")],
                    ..Sent::default()
                },
            )
        });
        // 3
        let proposal = json!({"current_version": 1, "new_block_hashes": hashes});
        let (status, answer) = program.ask_json("propose", &file, proposal);
        assert_eq!((status, &answer["missing_blocks"]), (200, &json!(hashes)));
        // 4
        let frames: Vec<u8> = blocks.iter().flat_map(|block| frame(block)).collect();
        let body = Some(("application/vnd.driftless.frames", frames));
        let (status, _) = program.ask(
            "storeBlocks",
            Sent {
                body,
                ..Sent::default()
            },
        );
        assert_eq!(status, 200);
        let operation = id();
        let (status, first) = program.ask_json("commit", &file, commit(operation.clone()));
        assert_eq!(
            (status, &first["item"]["file"]["version"]),
            (200, &json!(2))
        );
        // The same change once more is the same answer, and no other version.
        let repeat = program.ask_json("commit", &file, commit(operation));
        assert_eq!(repeat, (200, first));
        // 5
        let (status, event) = waiting.join().expect("a poll");
        let event: Json = serde_json::from_slice(&event).expect("JSON");
        assert_eq!((status, &event["file_id"]), (200, &json!(file)));
    });
    let (news, _) = program.changes(Some(cursor));
    assert_eq!(news[0]["item"]["file"]["version"], 2);
    let id_of = || Sent {
        id: &file,
        ..Sent::default()
    };
    assert_eq!(program.ask("fileContent", id_of()), (200, bytes.clone()));
    let range = vec![("Range", "bytes=99999-100000")];
    let part = Sent {
        headers: range,
        ..id_of()
    };
    assert_eq!(
        program.ask("fileContent", part),
        (206, bytes[99_999..=100_000].to_vec())
    );
    // 6
    let (status, refused) = program.ask_json("commit", &file, commit(id()));
    let told = (&refused["code"], &refused["current_version"]);
    assert_eq!(
        (status, told),
        (409, (&json!("version_conflict"), &json!(2)))
    );
}
