//! What has to run everywhere knows no platform: neither the Workers' nor a browser's.
//! What the page's views stand on knows nothing of how views are made. Cargo is asked
//! what each crate is built of, natively and for wasm, with the features that it has by
//! itself.

use std::env::var;
use std::path::Path;
use std::process::Command;

/// What reaches into JavaScript or needs a browser.
const OF_A_PLATFORM: [&str; 7] = [
    "gloo-",
    "idb",
    "js-sys",
    "leptos",
    "wasm-bindgen",
    "web-sys",
    "worker",
];

/// The crates, and where they are; one that is not there yet has nothing to hold to.
const FOR_EVERYWHERE: [(&str, &str); 6] = [
    ("driftless-blocks", "shared/blocks"),
    ("driftless-client", "shared/client"),
    ("driftless-core", "edge/core"),
    ("driftless-merge", "shared/merge"),
    ("driftless-protocol", "shared/protocol"),
    ("driftless-sync", "shared/sync"),
];

#[test]
fn what_runs_everywhere_is_built_of_no_platform() {
    for (name, folder) in FOR_EVERYWHERE {
        if !root().join(folder).join("Cargo.toml").exists() {
            continue;
        }
        for target in ["x86_64-unknown-linux-gnu", "wasm32-unknown-unknown"] {
            let parts = parts_of(name, target);
            assert!(parts.iter().any(|part| part == name), "{name}: {parts:?}");
            let of_a_platform: Vec<_> =
                parts.iter().filter(|part| is_of_a_platform(part)).collect();
            assert!(
                of_a_platform.is_empty(),
                "{name}, {target}: {of_a_platform:?}"
            );
            let has_bugs = parts.iter().any(|part| part == "driftless-bugs");
            assert!(!has_bugs, "{name}, {target}: deliberate bugs");
        }
    }
}

/// It is compiled with all optimisations, for itself alone.
#[test]
fn the_simulator_is_built_of_no_platform() {
    let parts = parts_of("driftless-tests", "x86_64-unknown-linux-gnu");
    assert!(parts.iter().any(|part| part == "driftless-notify"));
    let of_a_platform: Vec<_> = parts.iter().filter(|part| is_of_a_platform(part)).collect();
    assert!(of_a_platform.is_empty(), "{of_a_platform:?}");
}

#[test]
fn what_views_stand_on_is_built_without_leptos() {
    let has_leptos = |name| {
        let parts = parts_of(name, "wasm32-unknown-unknown");
        parts.iter().any(|part| part.starts_with("leptos"))
    };
    for name in ["driftless-platform", "driftless-workers"] {
        assert!(!has_leptos(name), "{name}");
    }
    assert!(has_leptos("driftless-app"));
}

/// Else the first test could hold because Cargo was asked the wrong question.
#[test]
fn what_runs_on_workers_is_seen_to_be_built_of_their_platform() {
    let parts = parts_of("driftless-api", "wasm32-unknown-unknown");
    for part in ["worker", "wasm-bindgen", "js-sys"] {
        assert!(parts.iter().any(|name| name == part), "{part}: {parts:?}");
    }
}

fn is_of_a_platform(name: &str) -> bool {
    OF_A_PLATFORM.iter().any(|start| name.starts_with(start))
}

/// All that a crate is linked with, itself among it.
fn parts_of(name: &str, target: &str) -> Vec<String> {
    let asked = Command::new(var("CARGO").unwrap_or_else(|_| "cargo".into()))
        .args(["tree", "--locked", "--edges", "normal", "--prefix", "none"])
        .args(["--package", name, "--target", target, "--format", "{p}"])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    let said = String::from_utf8_lossy(&asked.stderr);
    assert!(asked.status.success(), "{name}: {said}");
    let tree = String::from_utf8_lossy(&asked.stdout);
    let names = tree.lines().filter_map(|line| line.split(' ').next());
    names.map(str::to_owned).collect()
}

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}
