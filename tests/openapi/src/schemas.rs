//! The types on the wire as JSON Schema.

use crate::bodies::{Body, Collect, collect};
use crate::prose::without_links;
use protocol::problem::ErrorBody;
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;
use utoipa::ToSchema;

const COMPONENTS: &str = "#/components/schemas/";

/// A schema by its name.
pub fn reference(name: &str) -> Json {
    json!({"$ref": format!("{COMPONENTS}{name}")})
}

/// The schemas that the document has.
#[derive(Default)]
pub struct Schemas(BTreeMap<String, Json>);

impl Schemas {
    pub fn add<T: ToSchema>(&mut self) {
        self.collect(collect::<T>);
    }

    fn collect(&mut self, collect: Collect) {
        let mut all = Vec::new();
        collect(&mut all);
        for (name, schema) in all {
            let schema = serde_json::to_value(schema).expect("a schema");
            self.0.insert(name, schema);
        }
    }

    pub fn put(&mut self, name: &str, schema: Json) {
        self.0.insert(name.to_owned(), schema);
    }

    /// What a body holds.
    pub fn of(&mut self, body: &Body) -> Json {
        match body {
            Body::Json { name, collect } => {
                self.collect(*collect);
                reference(&plain(name))
            }
            Body::Either(bodies) => {
                let bodies: Vec<Json> = bodies.iter().map(|body| self.of(body)).collect();
                json!({"oneOf": bodies})
            }
            Body::Frames => reference("Frames"),
            Body::Carrying(json) => {
                let json = self.of(json);
                let name = json["$ref"]
                    .as_str()
                    .and_then(|to| to.strip_prefix(COMPONENTS));
                let mut carrying = reference("Carrying");
                carrying["description"] =
                    json!(format!("Its JSON is a `{}`.", name.unwrap_or_default()));
                carrying
            }
            Body::Signatures => reference("Signatures"),
            Body::Bytes => json!({"description": "The bytes."}),
        }
    }

    /// The schemas as the document has them.
    pub fn tidied(&self, errors: &BTreeMap<String, ErrorBody>) -> Json {
        let types = self.0.iter().filter(|(name, _)| !is_number(name));
        let mut all: Map<String, Json> = types
            .map(|(name, schema)| (plain(name), tidied(schema)))
            .collect();
        if let Some(variants) = all["Problem"]["oneOf"].as_array_mut() {
            for variant in variants {
                let code = variant["properties"]["code"]["enum"][0].as_str();
                let error = code.and_then(|code| errors.get(code)).expect("a code");
                variant["x-status"] = json!(error.problem.status());
                if variant["description"].is_null() {
                    variant["description"] = json!(error.message);
                }
            }
        }
        Json::Object(all)
    }
}

/// `NewFile_Content` is the only `NewFile` that travels.
fn plain(name: &str) -> String {
    name.replace("_Content", "")
}

/// A name for a number of the program: `Version`, for instance, is a `u64`.
fn is_number(name: &str) -> bool {
    matches!(name, "u64" | "i64" | "u32" | "u8")
}

/// A schema without what only readers of the source understand: links to it, names of
/// its numbers, and the variants for what a later release may send.
fn tidied(schema: &Json) -> Json {
    match schema {
        Json::Object(fields) => {
            let named = fields.get("$ref").and_then(Json::as_str);
            if let Some(name) = named.and_then(|named| named.strip_prefix(COMPONENTS)) {
                return match is_number(name) {
                    true => json!({"type": "integer", "format": "int64", "minimum": 0}),
                    false => {
                        let mut fields = fields.clone();
                        fields.insert("$ref".into(), reference(&plain(name))["$ref"].clone());
                        if let Some(Json::String(text)) = fields.get_mut("description") {
                            *text = without_links(text);
                        }
                        Json::Object(fields)
                    }
                };
            }
            let tidied = fields.iter().map(|(key, value)| {
                let value = match value {
                    Json::String(text) if key == "description" => without_links(text).into(),
                    Json::Array(entries) => {
                        let known = entries.iter().filter(|entry| !is_of_the_future(entry));
                        known.map(tidied).collect()
                    }
                    other => tidied(other),
                };
                (key.clone(), value)
            });
            Json::Object(tidied.collect())
        }
        Json::Array(entries) => entries.iter().map(tidied).collect(),
        other => other.clone(),
    }
}

/// Whether it stands for whatever a program does not know.
fn is_of_the_future(entry: &Json) -> bool {
    let is_unknown = |value: &Json| value == "unknown";
    is_unknown(entry)
        || entry["properties"].as_object().is_some_and(|fields| {
            let mut values = fields.values();
            values.any(|field| is_unknown(&field["enum"][0]))
        })
}
