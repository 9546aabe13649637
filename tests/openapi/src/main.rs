//! Writes the document of the API.

fn main() -> std::io::Result<()> {
    std::fs::write(openapi::path(), openapi::text())
}
