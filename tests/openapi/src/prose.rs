//! The words of the document. The layouts of binary bodies are those in the heads of
//! the modules that read them.

use protocol::limits::*;
use serde_json::{Value as Json, json};

/// What a client has to know that no schema says, with the limits behind it.
pub fn description() -> String {
    let mut text = include_str!("description.md").to_owned();
    text.push_str("\n| limit | of it |\n| --- | --- |\n");
    for (what, most, unit) in limits() {
        text.push_str(&format!("| {what} | {most} {unit} |\n"));
    }
    text
}

fn limits() -> Vec<(&'static str, u64, &'static str)> {
    let count = |count: usize| count as u64;
    vec![
        ("a file", MAX_FILE_BYTES, "bytes"),
        ("a file's list", count(MAX_FILE_BLOCKS), "blocks"),
        (
            "a block of the largest size class",
            count(MAX_BLOCK_BYTES),
            "bytes",
        ),
        (
            "a name of a file or folder, in UTF-8",
            count(MAX_NAME_BYTES),
            "bytes",
        ),
        (
            "a name of a user or device, in UTF-8",
            count(MAX_LABEL_BYTES),
            "bytes",
        ),
        (
            "folders within each other",
            count(MAX_FOLDER_DEPTH),
            "levels",
        ),
        ("a JSON body", count(MAX_JSON_BODY_BYTES), "bytes"),
        ("a body of frames", count(MAX_PACK_BODY_BYTES), "bytes"),
        ("a body of frames", count(MAX_PACK_BLOCKS), "blocks"),
        (
            "the blocks of a body of frames, plain",
            count(MAX_PACK_PLAIN_BYTES),
            "bytes",
        ),
        (
            "base blocks of a patch, and of all patches in one body",
            count(MAX_PACK_BASES),
            "blocks",
        ),
        (
            "these base blocks, plain",
            count(MAX_PACK_BASE_BYTES),
            "bytes",
        ),
        ("new files in one request", count(MAX_BATCH_FILES), "files"),
        (
            "blocks of all new files in one request",
            count(MAX_BATCH_BLOCKS),
            "blocks",
        ),
        (
            "changes of items in one request",
            count(MAX_BATCH_ITEMS),
            "changes",
        ),
        (
            "blocks wanted by one request",
            count(MAX_FETCH_BLOCKS),
            "blocks",
        ),
        ("a page of changes", MAX_CHANGES_PER_PAGE, "entries"),
        ("a poll", MAX_POLL_SECONDS, "seconds"),
        ("polls of one person", count(MAX_POLLS_PER_USER), "polls"),
        (
            "devices and access tokens of one person",
            MAX_DEVICES_PER_USER,
            "devices",
        ),
    ]
}

/// A header that all errors of a status may have.
pub fn header_of(status: u16) -> Option<(&'static str, &'static str)> {
    match status {
        416 => Some((
            "Content-Range",
            "How many bytes there are, as `bytes */123`.",
        )),
        429 | 503 => Some((
            "Retry-After",
            "For how many seconds to leave the server alone.",
        )),
        _ => None,
    }
}

pub fn frames() -> Json {
    let frame = head(include_str!("../../../shared/blocks/src/frame.rs"));
    let delta = head(include_str!("../../../shared/blocks/src/patch/delta.rs"));
    binary(format!("{frame}\n\nA delta. {delta}"))
}

pub fn carrying() -> Json {
    let text = "JSON, and blocks that it needs: the length of the JSON in bytes (4, \
        little-endian), the JSON, and frames as in `Frames`, of which there may be none. The \
        blocks are stored first, and taken away again if the change is refused; after \
        `blocks_missing` they stay. A splice may have `carried` in place of blocks by name.";
    binary(text.to_owned())
}

pub fn signatures() -> Json {
    binary(head(include_str!(
        "../../../shared/blocks/src/patch/signature.rs"
    )))
}

fn binary(description: String) -> Json {
    json!({"description": description})
}

/// What a module's head says.
fn head(source: &str) -> String {
    let lines = source.lines().map_while(|line| line.strip_prefix("//!"));
    let lines = lines.map(|line| line.strip_prefix(' ').unwrap_or(line));
    without_links(&lines.collect::<Vec<_>>().join("\n"))
}

/// A comment without its links into the source: what they name stays.
pub fn without_links(comment: &str) -> String {
    let lines = comment.lines().filter(|line| !is_target(line));
    let text = lines.collect::<Vec<_>>().join("\n");
    let mut plain = String::new();
    let mut rest = text.trim_end();
    while let Some((before, after)) = rest.split_once("[`") {
        let Some((name, after)) = after.split_once("`]") else {
            break;
        };
        let name = name.rsplit("::").next().unwrap_or(name);
        plain.push_str(&format!("{before}`{name}`"));
        rest = match after
            .strip_prefix('(')
            .and_then(|target| target.split_once(')'))
        {
            Some((_, after)) => after,
            None => after,
        };
    }
    (plain + rest).replace("`None`", "`null`")
}

/// Whether a line says where a link leads.
fn is_target(line: &str) -> bool {
    line.starts_with("[`") && line.contains("`]: ")
}
