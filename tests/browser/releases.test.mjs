// A release comes while pages are open, and is taken back: whatever of the other
// release a page, a cache or a server holds at that moment, pages go on and open.
import { createHash } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { distDir } from "../../scripts/lib/paths.mjs";
import { SOON, newUser } from "./support/app.mjs";
import { expect } from "./support/expect.mjs";
import { journey } from "./support/journey.mjs";

const KINDS = { js: "text/javascript", html: "text/html", css: "text/css", wasm: "application/wasm" };
const FOREVER = "public, max-age=31536000, immutable";

const hashOf = (text) => createHash("sha256").update(text).digest("hex").slice(0, 16);

/** What the page fetches of itself when the trash is first opened. */
const PART = readdirSync(distDir).find((name) => /^app-pages-.*\.wasm$/.test(name));

/** Where the page has its workers. */
const WORKERS = readdirSync(distDir).find((name) => name.startsWith("workers-"));
const NEXT_WORKERS = `workers-${"f".repeat(16)}`;

/** Too large for the browser to fetch it by itself. */
const LARGE = Buffer.alloc(200_000, "large");

/** The next release: its main script, that part and its workers are others, and so is all that names them. */
function nextRelease() {
  const read = (name) => readFileSync(path.join(distDir, name), "utf8");
  const page = read("index.html");
  const [, main] = page.match(/data-js="\/([^"]+)"/);
  const nextPart = PART.replace(/[0-9a-f]{16}/, "f".repeat(16));
  const modules = new Map([[PART, nextModule(PART, nextPart)]]);
  for (const name of readdirSync(distDir).filter((name) => /^app-.*\.wasm$/.test(name) && name !== PART)) {
    const next = nextModule(name);
    if (next.name !== name) modules.set(name, next);
  }
  const named = (text) => [...modules].reduce((text, [name, next]) => text.replaceAll(name, next.name), text);
  const script = named(`${read(main)}\n// The next release.\n`);
  const nextMain = `app-${hashOf(script)}.js`;
  const nextPage = named(page.replaceAll(main, nextMain));
  const [, release] = read("service-worker.js").match(/"([0-9a-f]{16})"/);
  const hashes = (text) => [...modules.values()].reduce((text, { was, hash }) => text.replaceAll(was, hash), text);
  const worker = hashes(named(read("service-worker.js")))
    .replaceAll(release, hashOf(nextMain))
    .replaceAll(main, nextMain)
    .replaceAll(WORKERS, NEXT_WORKERS)
    .replaceAll(hashOf(read(main)), hashOf(script))
    .replaceAll(hashOf(page), hashOf(nextPage));
  const file = (name, body, cached = "no-cache") => ({ headers: { "content-type": KINDS[name.split(".").pop()], "cache-control": cached }, body });
  const files = {
    "/": file("index.html", nextPage),
    "/trash": file("index.html", nextPage),
    "/service-worker.js": file("service-worker.js", worker),
    [`/${nextMain}`]: file(nextMain, script, FOREVER),
    // The server does not have it any more: asked as for a file that it never had.
    [`/${main}`]: "/app-0000000000000000.js",
    [`/${PART}`]: "/app-pages-0000000000000000.wasm",
  };
  for (const { name, body } of modules.values()) files[`/${name}`] = file(name, body, FOREVER);
  for (const name of readdirSync(path.join(distDir, WORKERS))) {
    files[`/${NEXT_WORKERS}/${name}`] = `/${WORKERS}/${name}`;
    files[`/${WORKERS}/${name}`] = "/workers-0000000000000000/none.js";
  }
  return { main: `/${main}`, nextMain: `/${nextMain}`, files, page: nextPage };
}

/** A module of the page as it is in the next release, where it names other workers. */
function nextModule(file, renamed = null) {
  const before = readFileSync(path.join(distDir, file));
  const body = Buffer.from(before.toString("latin1").replaceAll(WORKERS, NEXT_WORKERS), "latin1");
  const name = renamed ?? (body.equals(before) ? file : file.replace(/[0-9a-f]{16}/, hashOf(body)));
  return { name, body, was: hashOf(before), hash: hashOf(body) };
}

/** Opens a text, and says from which folder the page took the worker that reads it. */
async function readerOf({ page }, name, says) {
  const started = page.waitForEvent("worker", { predicate: (worker) => worker.url().includes("/reader_loader.js"), timeout: SOON });
  await page.locator(`[data-testid=row][data-name="${name}"] .row-name`).click();
  await page.getByTestId("preview").getByText(says).waitFor({ timeout: SOON });
  const url = (await started).url();
  await page.keyboard.press("Escape");
  await page.locator("dialog.viewer").waitFor({ state: "detached", timeout: SOON });
  return new URL(url).pathname.split("/")[1];
}

/** What a browser says of a page in place of a script: that it takes it for none. */
const REFUSED = /^a: Failed to load module script/;

/** Forgets what the journey meant the page to log; all else fails it. */
function forgive({ problems }, pattern) {
  problems.splice(0, problems.length, ...problems.filter((problem) => !pattern.test(problem)));
}

const isOf = ({ page }, main) => page.waitForFunction((js) => document.querySelector("script[data-js]")?.dataset.js === js, main);

/** Until the browser has its copy of the release, and pages are answered from it. */
const isKept = ({ page }, main) =>
  page.waitForFunction(async (main) => {
    const { active } = await navigator.serviceWorker.ready;
    return active.state === "activated" && Boolean(await caches.match(main)) && (await caches.keys()).length <= 2;
  }, main);

/** Names of scripts under which something else is kept. */
const misfits = ({ page }) =>
  page.evaluate(async () => {
    const bad = [];
    for (const name of await caches.keys()) {
      const copy = await caches.open(name);
      for (const request of await copy.keys()) {
        const kind = (await copy.match(request)).headers.get("content-type");
        if (/\.(js|css|wasm)$/.test(request.url) && /html|json/.test(kind)) bad.push(request.url);
      }
    }
    return bad;
  });

test("a page that is open while a release comes and is taken back goes on, and opens again", () =>
  journey(async (journey) => {
    const { main, nextMain, files } = nextRelease();
    const a = await journey.profile("a");
    const { app, proxy } = a;
    await app.signUp(newUser());
    await isKept(app, main);
    // A deep link is the page, to be asked for again; a file of no release is none.
    const of = async (path) => {
      const answer = await fetch(proxy.url + path);
      return [answer.status, answer.headers.get("content-type").split(";")[0], answer.headers.get("cache-control")];
    };
    for (const deep of ["/trash", "/folders/3f0c7a52-9a52-4ed5-8f0a-0d6b1c0b7f11"]) {
      expect(await of(deep), deep).toBe([200, "text/html", "no-cache"]);
    }
    for (const file of ["/app-0.js", "/app-0_bg.wasm", "/old-0.css", "/folders/app-0.js"]) {
      expect(await of(file), file).toBe([404, "application/json", "no-store"]);
    }

    // The deployment is under way: the new page, and in place of its script what the
    // server makes of a name that it does not know; once, as an old server did.
    const pageAsScript = { headers: { "content-type": "text/html", "cache-control": FOREVER }, body: files["/"].body };
    proxy.replace((path) => (path === nextMain ? pageAsScript : files[path] ?? null));
    await app.page.evaluate(async () => {
      const registration = await navigator.serviceWorker.ready;
      const found = new Promise((resolve) => registration.addEventListener("updatefound", () => resolve(registration.installing)));
      await registration.update();
      const worker = await found;
      while (worker.state === "installing") await new Promise((resolve) => worker.addEventListener("statechange", resolve, { once: true }));
    });
    expect(await misfits(app), "what is kept as a script and is none").toBe([]);
    proxy.replace((path) => files[path] ?? null);

    // The open page still is the old one, and works.
    expect((await of(main)).at(0), "the old script").toBe(404);
    await app.drop([journey.file("between.txt", "dropped between two releases")]);
    await app.appears("between.txt", { version: 1 });
    // Nobody has looked into the trash yet, and the server does not have the old page's any more.
    expect((await of(`/${PART}`)).at(0), "the old part").toBe(404);
    await app.page.evaluate(async () => {
      const taken = new Promise((resolve) => navigator.serviceWorker.addEventListener("controllerchange", resolve, { once: true }));
      await (await navigator.serviceWorker.ready).update();
      await taken;
    });
    // While something would be lost, going on loads no other release, and the button waits.
    const told = app.page.getByRole("status").filter({ hasText: "A new version is ready" });
    await told.waitFor({ timeout: SOON });
    await app.page.evaluate(() => {
      globalThis.hold = (event) => event.preventDefault();
      addEventListener("beforeunload", globalThis.hold);
    });
    // A worker that is first needed now is the old page's, which only this browser has still.
    expect((await of(`/${WORKERS}/reader_loader.js`)).at(0), "the old worker").toBe(404);
    expect(await readerOf(app, "between.txt", "dropped between"), "the old page's workers").toBe(WORKERS);
    await app.page.getByRole("link", { name: "Trash" }).click();
    await app.page.getByRole("heading", { name: "Trash", exact: true }).waitFor({ timeout: SOON });
    await told.getByRole("button", { name: "Load it" }).click();
    await app.page.getByText("as soon as nothing here would be lost").waitFor();
    expect(await app.page.evaluate(() => document.querySelector("script[data-js]").dataset.js), "the release of the page").toBe(main);
    await app.page.evaluate(() => removeEventListener("beforeunload", globalThis.hold));
    await isOf(app, nextMain);
    await app.page.getByRole("heading", { name: "Trash", exact: true }).waitFor({ timeout: SOON });
    // Forward.
    await app.page.goto(a.url);
    await isOf(app, nextMain);
    await app.appears("between.txt", { version: 1 });
    expect(await readerOf(app, "between.txt", "dropped between"), "the new page's workers").toBe(NEXT_WORKERS);
    await isKept(app, nextMain);
    // And back, at a deep link.
    proxy.replace((path) => (path === nextMain ? "/app-0000000000000000.js" : null));
    await app.page.goto(`${a.url}/trash`);
    await isOf(app, main);
    await app.page.getByRole("heading", { name: "Trash", exact: true }).waitFor({ timeout: SOON });
    await isKept(app, main);
    expect(await misfits(app), "what is kept as a script and is none").toBe([]);
    forgive(journey, REFUSED);
  }));

test("a browser that was told to keep a page for a year in place of a script opens once the server is well", () =>
  journey(async (journey) => {
    const { main, page } = nextRelease();
    const { app, proxy } = await journey.profile("a", { serviceWorkers: "block" });
    const looks = page.match(/href="(\/style-[^"]+\.css)"/)[1];
    const poison = { headers: { "content-type": "text/html", "cache-control": FOREVER }, body: page };
    proxy.replace((path) => ([main, looks].includes(path) ? poison : null));
    await app.open();
    const note = app.page.getByRole("alert").getByText("could not be loaded");
    await note.waitFor({ timeout: SOON });
    proxy.replace(() => null);
    await app.page.reload();
    await app.page.getByRole("button", { name: "Sign in", exact: true }).waitFor({ timeout: SOON });
    await app.page.waitForFunction((looks) => Boolean(document.querySelector(`link[href="${looks}"]`).sheet), looks);
    forgive(journey, /^a: (Failed to load module script|Refused to apply style|TypeError: Failed to fetch dynamically imported|Error: A style sheet)/);
  }));

test("a part of the page that can't be fetched says so, and comes by itself", () =>
  journey(async (journey) => {
    const { page } = nextRelease();
    const { app, proxy } = await journey.profile("a", { serviceWorkers: "block" });
    await app.signUp(newUser());
    // Not even past the cache, which then has it for a year.
    const poison = { headers: { "content-type": "text/html", "cache-control": FOREVER }, body: page };
    const lose = (part) => proxy.replace((path) => (path.startsWith(`/app-${part}-`) ? poison : null));
    lose("pages");
    await app.page.getByRole("link", { name: "Trash" }).click();
    const failure = app.page.getByRole("alert").filter({ hasText: "could not be loaded" });
    await failure.waitFor({ timeout: SOON });
    await failure.getByRole("button", { name: "Try now" }).click();
    await failure.waitFor({ timeout: SOON });
    proxy.replace(() => null);
    await app.page.getByRole("heading", { name: "Trash", exact: true }).waitFor({ timeout: SOON });

    // What sends files: they stay, and go once it is here.
    await app.goTo("Files");
    lose("changes");
    await app.drop([journey.file("large.bin", LARGE)]);
    await app.appears("large.bin");
    await app.page.waitForTimeout(2000);
    expect((await app.items()).length, "the server has nothing yet").toBe(0);
    proxy.replace(() => null);
    await app.appears("large.bin", { version: 1, timeout: 4 * SOON });

    // One that shows nothing: a notice says why nothing comes.
    lose("downloads");
    await app.choose("large.bin", "Download");
    await app.page.getByTestId("notice").filter({ hasText: /large.bin.* was not downloaded.*could not be loaded/ }).waitFor({ timeout: SOON });
    proxy.replace(() => null);
    expect(readFileSync(await app.download("large.bin")).equals(LARGE), "what is downloaded then is the file").toBe(true);
    forgive(journey, /^a: TypeError: .*(WebAssembly|MIME)/);
  }));
