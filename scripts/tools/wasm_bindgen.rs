//! `wasm-bindgen`, as Trunk, worker-build and our own scripts call it: the same library
//! as in the program of the package wasm-bindgen-cli, without the web server and the
//! HTTP client of that package's test runner, which take longer to compile than all else.

use std::path::PathBuf;

use anyhow::Result;
use clap::{Parser, ValueEnum};
use wasm_bindgen_cli_support::Bindgen;

#[derive(Clone, ValueEnum)]
enum Target {
    /// For `<script type="module">`.
    Web,
    /// For Workers, which import modules as they are.
    Module,
}

#[derive(Parser)]
#[command(name = "wasm-bindgen", version)]
struct Options {
    input: PathBuf,
    #[arg(long, value_enum)]
    target: Target,
    #[arg(long)]
    out_dir: PathBuf,
    /// The name of the input, unless another is given.
    #[arg(long)]
    out_name: Option<String>,
    #[arg(long)]
    no_typescript: bool,
    #[arg(long)]
    no_demangle: bool,
    #[arg(long)]
    keep_lld_exports: bool,
    #[arg(long)]
    experimental_reset_state_function: bool,
    #[arg(long)]
    force_enable_abort_handler: bool,
}

fn main() -> Result<()> {
    let options = Options::parse();
    let mut bindgen = Bindgen::new();
    match options.target {
        Target::Web => bindgen.web(true)?,
        Target::Module => bindgen.module(true)?,
    };
    if let Some(name) = &options.out_name {
        bindgen.out_name(name);
    }
    bindgen
        .input_path(&options.input)
        .typescript(!options.no_typescript)
        .demangle(!options.no_demangle)
        .keep_lld_exports(options.keep_lld_exports)
        .omit_default_module_path(false)
        .reset_state_function(options.experimental_reset_state_function)
        .force_enable_abort_handler(options.force_enable_abort_handler)
        .generate(&options.out_dir)
}
