//! Bounds the worker's memory: a file that wants more ends the worker, and nothing else.

/// Bytes.
const MAX_MEMORY: u64 = 768 << 20;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_ARCH").is_ok_and(|arch| arch == "wasm32") {
        println!("cargo:rustc-link-arg-bin=sheets=--max-memory={MAX_MEMORY}");
    }
}
