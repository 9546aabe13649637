// Puts the worker that colours source text into dist/highlight/, with a file for each
// language that it fetches when it needs it. They stay out of the copy that the service
// worker keeps: nobody has to load 50 languages to open the page. Without a connection, a
// text in a language that was not fetched has no colours.
import { readFileSync } from "node:fs";
import path from "node:path";
import { distDir, inRoot, npmBin } from "./paths.mjs";
import { must } from "./run.mjs";

export async function addHighlight() {
  const { version, license } = JSON.parse(readFileSync(inRoot("node_modules", "highlight.js", "package.json"), "utf8"));
  await must(npmBin("esbuild"), [
    inRoot("web", "highlight", "worker.js"),
    "--bundle", "--splitting", "--minify", "--format=esm", "--legal-comments=none", "--log-level=error",
    `--banner:js=/* With highlight.js ${version}, ${license}: https://github.com/highlightjs/highlight.js/blob/main/LICENSE */`,
    `--outdir=${path.join(distDir, "highlight")}`,
  ]);
}
