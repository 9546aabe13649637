//! The API as a document, OpenAPI 3.1: made of the table of routes, of the types that
//! the server reads and writes, and of what [`operations`] says of each route. It is
//! kept in `docs/openapi.json`, written by `cargo run -p driftless-openapi`.

mod bodies;
mod operations;
mod prose;
mod schemas;

use bodies::Body;
use operations::{Access, Answer, Operation, Parameter};
use protocol::headers;
use protocol::problem::ErrorBody;
use protocol::routes::Route;
use schemas::{Schemas, reference};
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Where the document is kept.
pub fn path() -> PathBuf {
    root().join("docs/openapi.json")
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The document as it is kept.
pub fn text() -> String {
    format!("{:#}\n", document())
}

/// An error of every code that a server can send: the wire fixtures, of which the
/// protocol's tests make sure that there is one for each.
pub fn errors() -> BTreeMap<String, ErrorBody> {
    let fixtures = root().join("shared/protocol/tests/fixtures/wire/v1");
    let mut known = BTreeMap::new();
    for entry in std::fs::read_dir(fixtures).expect("the wire fixtures") {
        let path = entry.expect("a wire fixture").path();
        let stem = path.file_stem().and_then(|stem| stem.to_str());
        if let Some(code) = stem.and_then(|stem| stem.strip_prefix("problem_")) {
            let text = std::fs::read_to_string(&path).expect("a wire fixture");
            let body = serde_json::from_str(&text).expect("an error");
            known.insert(code.to_owned(), body);
        }
    }
    known
}

/// The codes that the document has for a route.
pub fn refusals(route: Route) -> Vec<&'static str> {
    operations::of(route).refusals()
}

/// The document.
pub fn document() -> Json {
    let errors = errors();
    let mut schemas = Schemas::default();
    let mut paths: BTreeMap<&str, Map<String, Json>> = BTreeMap::new();
    for route in Route::ALL {
        let operation = operations::of(*route);
        let told = told(*route, &operation, &errors, &mut schemas);
        let method = route.method().name().to_lowercase();
        paths.entry(route.path()).or_default().insert(method, told);
    }
    schemas.add::<ErrorBody>();
    schemas.put("Frames", prose::frames());
    schemas.put("Carrying", prose::carrying());
    schemas.put("Signatures", prose::signatures());
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Driftless",
            "version": "v1",
            "description": prose::description(),
            "license": {"name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0"},
        },
        "servers": [{
            "url": "http://localhost:8787",
            "description": "A local server, as `npm start` serves it; a deployed one has an address of its own.",
        }],
        "security": signed_in(),
        "paths": paths,
        "components": {
            "schemas": schemas.tidied(&errors),
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "An access token of a program: `dl_` and 64 hexadecimal digits.",
                },
                "cookie": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": headers::SESSION_COOKIE,
                    "description": "A browser's token, which only the server's own page gets.",
                },
                "page": {
                    "type": "apiKey",
                    "in": "header",
                    "name": headers::CLIENT,
                    "description": "Beside the cookie, and with any value, on each request that is no GET: no form and no link of another site can set it. Such a request also must not come from another site (`Origin`, `Sec-Fetch-Site`). A token in `Authorization` needs neither.",
                },
            },
        },
    })
}

/// A token by itself, or the cookie with the header.
fn signed_in() -> Json {
    json!([{"token": []}, {"cookie": [], "page": []}])
}

fn told(
    route: Route,
    operation: &Operation,
    errors: &BTreeMap<String, ErrorBody>,
    schemas: &mut Schemas,
) -> Json {
    let name = format!("{route:?}");
    let mut id = name.clone();
    id[..1].make_ascii_lowercase();
    let mut told = json!({
        "operationId": id,
        "summary": route.summary(),
        "responses": responses(route, operation, errors, schemas),
    });
    if !operation.detail.is_empty() {
        told["description"] = json!(operation.detail);
    }
    if operation.access == Access::Open {
        told["security"] = json!([]);
    } else if operation.is_visited {
        // With the key of a link.
        told["security"] = json!([{"token": []}, {"cookie": [], "page": []}, {}]);
    }
    let parameters = parameters(route, operation);
    if !parameters.is_empty() {
        told["parameters"] = json!(parameters);
    }
    if !operation.bodies.is_empty() {
        told["requestBody"] = json!({
            "required": true,
            "content": content(&operation.bodies, schemas),
        });
    }
    told
}

fn parameters(route: Route, operation: &Operation) -> Vec<Json> {
    let mut all = Vec::new();
    let path = route.path();
    if path.contains("{id}") {
        all.push(json!({
            "name": "id", "in": "path", "required": true,
            "schema": {"type": "string", "format": "uuid"},
        }));
    }
    if path.contains("{hash}") {
        all.push(json!({
            "name": "hash", "in": "path", "required": true,
            "schema": reference("BlockHash"),
        }));
    }
    let told = |place: &str, parameter: &Parameter| {
        json!({
            "name": parameter.name, "in": place, "description": parameter.detail, "schema": parameter.schema,
        })
    };
    all.extend(operation.queries.iter().map(|query| told("query", query)));
    all.extend(
        operation
            .headers
            .iter()
            .map(|header| told("header", header)),
    );
    if operation.access != Access::Open {
        all.push(told("header", &operations::user()));
    }
    all
}

fn content(bodies: &[Body], schemas: &mut Schemas) -> Json {
    let mut content = Map::new();
    for body in bodies {
        let schema = schemas.of(body);
        content.insert(body.content_type().to_owned(), json!({"schema": schema}));
    }
    Json::Object(content)
}

fn responses(
    route: Route,
    operation: &Operation,
    errors: &BTreeMap<String, ErrorBody>,
    schemas: &mut Schemas,
) -> Json {
    let mut all = BTreeMap::new();
    for Answer {
        status,
        detail,
        bodies,
        headers,
    } in &operation.answers
    {
        let mut told = json!({"description": detail});
        if !bodies.is_empty() {
            told["content"] = content(bodies, schemas);
        }
        if !headers.is_empty() {
            let headers = headers.iter().map(|(name, detail)| {
                let told = json!({"description": detail, "schema": {"type": "string"}});
                ((*name).to_owned(), told)
            });
            told["headers"] = Json::Object(headers.collect());
        }
        all.insert(status.to_string(), told);
    }
    let mut refusals: BTreeMap<u16, Vec<&str>> = BTreeMap::new();
    for code in operation.refusals() {
        let error = errors.get(code);
        let error = error.unwrap_or_else(|| panic!("{route:?} names {code}, which is no code"));
        refusals
            .entry(error.problem.status())
            .or_default()
            .push(code);
    }
    for (status, codes) in refusals {
        let codes = codes.iter().map(|code| format!("`{code}`"));
        let description = codes.collect::<Vec<_>>().join(", ");
        let mut told = json!({"description": description, "content": error()});
        if let Some((name, detail)) = prose::header_of(status) {
            told["headers"] = json!({name: {"description": detail, "schema": {"type": "string"}}});
        }
        all.insert(status.to_string(), told);
    }
    let other = "Any other error, of which this says enough: a status, a code, a message.";
    all.insert(
        "default".to_owned(),
        json!({"description": other, "content": error()}),
    );
    json!(all)
}

fn error() -> Json {
    json!({"application/json": {"schema": reference("ErrorBody")}})
}
