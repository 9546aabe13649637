// Which language a file is in, by the ending of its name, and where highlight.js has it.
// Each is fetched when a file in it is first opened.
const KNOWN = {
  bash: [["bash", "sh", "zsh"], () => import("highlight.js/lib/languages/bash")],
  c: [["c", "h"], () => import("highlight.js/lib/languages/c")],
  clojure: [["clj", "cljs", "edn"], () => import("highlight.js/lib/languages/clojure")],
  cmake: [["cmake"], () => import("highlight.js/lib/languages/cmake")],
  cpp: [["cc", "cpp", "cxx", "hh", "hpp", "hxx"], () => import("highlight.js/lib/languages/cpp")],
  csharp: [["cs"], () => import("highlight.js/lib/languages/csharp")],
  css: [["css"], () => import("highlight.js/lib/languages/css")],
  dart: [["dart"], () => import("highlight.js/lib/languages/dart")],
  diff: [["diff", "patch"], () => import("highlight.js/lib/languages/diff")],
  dockerfile: [["dockerfile"], () => import("highlight.js/lib/languages/dockerfile")],
  elixir: [["ex", "exs"], () => import("highlight.js/lib/languages/elixir")],
  erlang: [["erl", "hrl"], () => import("highlight.js/lib/languages/erlang")],
  fortran: [["f90", "f95", "for"], () => import("highlight.js/lib/languages/fortran")],
  fsharp: [["fs", "fsx"], () => import("highlight.js/lib/languages/fsharp")],
  go: [["go"], () => import("highlight.js/lib/languages/go")],
  gradle: [["gradle"], () => import("highlight.js/lib/languages/gradle")],
  graphql: [["graphql", "gql"], () => import("highlight.js/lib/languages/graphql")],
  groovy: [["groovy"], () => import("highlight.js/lib/languages/groovy")],
  haskell: [["hs"], () => import("highlight.js/lib/languages/haskell")],
  ini: [["cfg", "conf", "ini", "properties", "toml"], () => import("highlight.js/lib/languages/ini")],
  java: [["java"], () => import("highlight.js/lib/languages/java")],
  javascript: [["cjs", "js", "jsx", "mjs"], () => import("highlight.js/lib/languages/javascript")],
  json: [["geojson", "ipynb", "json", "jsonl", "webmanifest"], () => import("highlight.js/lib/languages/json")],
  julia: [["jl"], () => import("highlight.js/lib/languages/julia")],
  kotlin: [["kt", "kts"], () => import("highlight.js/lib/languages/kotlin")],
  latex: [["bib", "cls", "sty", "tex"], () => import("highlight.js/lib/languages/latex")],
  less: [["less"], () => import("highlight.js/lib/languages/less")],
  lisp: [["el", "lisp", "scm"], () => import("highlight.js/lib/languages/lisp")],
  lua: [["lua"], () => import("highlight.js/lib/languages/lua")],
  makefile: [["makefile", "mk"], () => import("highlight.js/lib/languages/makefile")],
  matlab: [["m"], () => import("highlight.js/lib/languages/matlab")],
  nix: [["nix"], () => import("highlight.js/lib/languages/nix")],
  ocaml: [["ml", "mli"], () => import("highlight.js/lib/languages/ocaml")],
  perl: [["pl", "pm"], () => import("highlight.js/lib/languages/perl")],
  php: [["php"], () => import("highlight.js/lib/languages/php")],
  powershell: [["ps1", "psm1"], () => import("highlight.js/lib/languages/powershell")],
  protobuf: [["proto"], () => import("highlight.js/lib/languages/protobuf")],
  python: [["py", "pyi", "pyw"], () => import("highlight.js/lib/languages/python")],
  r: [["r"], () => import("highlight.js/lib/languages/r")],
  ruby: [["gemspec", "rb"], () => import("highlight.js/lib/languages/ruby")],
  rust: [["rs"], () => import("highlight.js/lib/languages/rust")],
  scala: [["sbt", "scala"], () => import("highlight.js/lib/languages/scala")],
  scss: [["sass", "scss"], () => import("highlight.js/lib/languages/scss")],
  sql: [["sql"], () => import("highlight.js/lib/languages/sql")],
  swift: [["swift"], () => import("highlight.js/lib/languages/swift")],
  typescript: [["cts", "mts", "ts", "tsx"], () => import("highlight.js/lib/languages/typescript")],
  vim: [["vim"], () => import("highlight.js/lib/languages/vim")],
  xml: [["html", "htm", "plist", "rss", "svg", "vue", "xhtml", "xml", "xsd", "xsl"], () => import("highlight.js/lib/languages/xml")],
  yaml: [["yaml", "yml"], () => import("highlight.js/lib/languages/yaml")],
};

/** Languages that others have within them. */
const WITHIN = { xml: ["css", "javascript"], php: ["xml"] };

const BY_ENDING = new Map(Object.entries(KNOWN).flatMap(([name, [endings]]) => endings.map((ending) => [ending, name])));

/** The language of files with this ending and those that may be within, or none. */
export function languagesOf(ending) {
  const name = BY_ENDING.get(ending);
  return name ? [name, ...(WITHIN[name] ?? [])] : [];
}

export const load = async (name) => (await KNOWN[name][1]()).default;
