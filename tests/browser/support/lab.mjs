// Serves tests/browser/lab/ together with the hashing worker as it is built and
// what it is compared with: an origin without the page.
import { createReadStream, existsSync, readdirSync } from "node:fs";
import http from "node:http";
import path from "node:path";
import { distDir, inRoot } from "../../../scripts/lib/paths.mjs";

/** Where the web workers are, by the hash of them all. */
export const workersDir = path.join(distDir, readdirSync(distDir).find((name) => name.startsWith("workers-")) ?? "workers");
const FOLDERS = [inRoot("tests/browser/lab"), workersDir, inRoot("node_modules/hash-wasm/dist")];
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".wasm": "application/wasm" };

export async function openLab() {
  const server = http.createServer(({ url }, answer) => {
    const name = path.basename(url === "/" ? "index.html" : url);
    const file = FOLDERS.map((folder) => path.join(folder, name)).find((file) => existsSync(file));
    const type = TYPES[path.extname(name)];
    if (!file || !type) return answer.writeHead(404).end();
    answer.writeHead(200, { "content-type": type });
    createReadStream(file).pipe(answer);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() };
}
