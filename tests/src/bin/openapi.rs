//! Writes the document of the API.

use driftless_tests::openapi;

fn main() -> std::io::Result<()> {
    std::fs::write(openapi::path(), openapi::text())
}
