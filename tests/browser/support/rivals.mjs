// Other ways to send the same files, to compare with: Uppy with tus, as its documents
// have it, and request bodies without a page.
import { FileStore } from "@tus/file-store";
import { Server } from "@tus/server";
import { build } from "esbuild";
import { mkdirSync } from "node:fs";
import http from "node:http";
import { inRoot } from "../../../scripts/lib/paths.mjs";

const PAGE = `
  import Uppy from "@uppy/core";
  import Tus from "@uppy/tus";
  const uppy = new Uppy({ autoProceed: true }).use(Tus, { endpoint: "/files" });
  let since = 0;
  globalThis.done = new Promise((resolve) => uppy.on("complete", ({ successful, failed }) =>
    resolve({ ms: performance.now() - since, successful: successful.length, failed: failed.length })));
  document.querySelector("input").addEventListener("change", ({ target }) => {
    since = performance.now();
    uppy.addFiles([...target.files].map((file) => ({ name: file.name, type: file.type, data: file })));
  });
`;

/** A page with Uppy, and a tus server that stores in `folder`. */
export async function uppyWithTus(folder) {
  mkdirSync(folder, { recursive: true });
  const bundled = await build({
    stdin: { contents: PAGE, resolveDir: inRoot() },
    bundle: true,
    minify: true,
    write: false,
    format: "iife",
    logLevel: "error",
  });
  const script = bundled.outputFiles[0].text;
  const tus = new Server({ path: "/files", datastore: new FileStore({ directory: folder }) });
  const counted = { requests: 0 };
  const server = http.createServer((request, response) => {
    if (request.url === "/") return response.setHeader("content-type", "text/html").end("<!doctype html><title>Uppy</title><input type=file multiple><script src=/page.js></script>");
    if (request.url === "/page.js") return response.setHeader("content-type", "text/javascript").end(script);
    counted.requests += 1;
    return tus.handle(request, response);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  return {
    counted,
    /** From the moment in which the page is given the files until all are stored, in milliseconds. */
    async upload(page, files) {
      await page.goto(`http://127.0.0.1:${port}/`);
      await page.locator("input").setInputFiles(files);
      const { ms, successful, failed } = await page.evaluate(() => globalThis.done);
      if (successful !== files.length || failed > 0) throw new Error(`Uppy has sent ${successful} of ${files.length} files`);
      return ms;
    },
    end: () => server.close(),
  };
}

/** The bodies of `POST /blocks`, one after another over one connection, in milliseconds. */
export async function sendPlainly(url, bodies, token) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const since = performance.now();
  for (const body of bodies) {
    await new Promise((resolve, reject) => {
      const headers = {
        authorization: `Bearer ${token}`,
        "content-type": "application/vnd.driftless.frames",
        "content-length": body.length,
      };
      const request = http.request(`${url}/api/v1/blocks`, { method: "POST", agent, headers }, (answer) => {
        answer.resume();
        answer.on("end", () => (answer.statusCode === 200 ? resolve() : reject(new Error(`blocks: ${answer.statusCode}`))));
      });
      request.on("error", reject);
      request.end(body);
    });
  }
  agent.destroy();
  return performance.now() - since;
}

/** A token of somebody who is signed in. */
export async function newToken(app) {
  const made = await app.api("/api/v1/devices/tokens", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ name: "bench" }),
  });
  return made.json.token;
}
