//! The page's module is taken apart after it was linked (`scripts/lib/web-split.mjs`),
//! and only relocations say what in it belongs together.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_FAMILY").is_ok_and(|family| family == "wasm") {
        println!("cargo::rustc-link-arg-bin=app=--emit-relocs");
    }
}
