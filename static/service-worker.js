// Lets the page open without a connection: it keeps a copy of the page's own
// files, and answers from it when the server can't be reached. While it can, the
// server is asked, so that a new release shows at the next reload. Nothing of
// the API passes through here. What other apps share with this one is kept until a
// page takes it (static/received.js).
//
// The build writes the two constants: the name of this release's copy, and the
// files that are in it, each with the first 16 digits of its SHA-256.
const RELEASE = "%RELEASE%";
const FILES = new Map(["%FILES%"]);

/** What was shared and no page has taken yet: of no release, and never forgotten here. */
const RECEIVED = "driftless-received";
/** Where the manifest has the browser send it. */
const RECEIVE = "/receive";
/** How many releases before this one may have pages that are open still. */
const OLDER_RELEASES = 3;

/** With a connection that answers nothing, the copy is shown after this long. */
const PATIENCE_MILLIS = 4_000;

addEventListener("install", (event) => {
  event.waitUntil(keepAll());
  skipWaiting();
});

addEventListener("activate", (event) => {
  event.waitUntil(forgetOlder().then(() => clients.claim()));
});

addEventListener("fetch", (event) => {
  const { method, mode, url } = event.request;
  const { origin, pathname } = new URL(url);
  if (method === "POST" && origin === location.origin && pathname === RECEIVE) {
    event.respondWith(receive(event.request));
    return;
  }
  if (method !== "GET" || origin !== location.origin || pathname.startsWith("/api/")) return;
  // Every path that is no file is the page's own business.
  const file = mode === "navigate" && !FILES.has(pathname) ? "/" : pathname;
  if (FILES.has(file)) event.respondWith(answer(event.request, file));
  else if (isPart(pathname)) event.respondWith(answerOlder(event.request));
  else if (isUnhashed(pathname)) event.respondWith(fetch(event.request).catch(() => caches.match(event.request)));
});

/** The copy is whole, and all of it of this release, or there is none. */
async function keepAll() {
  const copy = await caches.open(RELEASE);
  try {
    await Promise.all([...FILES].map(([file, hash]) => keep(copy, file, hash)));
  } catch (error) {
    await caches.delete(RELEASE);
    throw error;
  }
}

/** During a deployment the server may have another release's file, or none, and so may the browser's cache. */
async function keep(copy, file, hash) {
  for (const cache of ["default", "reload"]) {
    const answered = await fetch(file, { cache });
    if (answered.ok && (await hashOf(answered.clone())) === hash) return copy.put(file, answered);
  }
  throw new Error(`${file} is not that of this release`);
}

async function hashOf(answered) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await answered.arrayBuffer()));
  return Array.from(digest.subarray(0, 8), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function answer(request, file) {
  const copy = await caches.open(RELEASE);
  const kept = await copy.match(file);
  if (!kept) return fetch(request);
  // Ends with the headers: a body may take as long as it takes.
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), PATIENCE_MILLIS);
  try {
    const answered = await fetch(request, { signal: patience.signal });
    return isOf(file, answered) ? answered : kept;
  } catch {
    return kept;
  } finally {
    clearTimeout(timer);
  }
}

/** Whether the server has it: a page may be another release's, and nothing else may be a page. */
function isOf(file, { status, headers }) {
  if (file === "/") return status < 500;
  return status < 400 && !headers.get("content-type")?.startsWith("text/html");
}

/**
 * What a page fetches of itself when it is first needed, maybe after the next release: its
 * parts, and its workers with what they are made of.
 */
function isPart(pathname) {
  return /^\/(app-[^/]+\.wasm|workers-[0-9a-f]{16}\/[^/]+)$/.test(pathname);
}

/** A worker of a page from before workers had a hash in their names: that of any release will do. */
function isUnhashed(pathname) {
  return /^\/((hasher|keeper|merger|reader|sheets|signer)(_loader|_bg)?\.(js|wasm)|thumbnails\.js)$/.test(pathname);
}

/** The name says what is in it, so it is the right one wherever it is from. */
async function answerOlder(request) {
  return (await caches.match(request)) ?? fetch(request);
}

/** All but this release and those before it of which pages may be open. */
async function forgetOlder() {
  const others = (await caches.keys()).filter((name) => name !== RELEASE && name !== RECEIVED);
  for (const name of others.slice(0, -OLDER_RELEASES)) await caches.delete(name);
}

/** Keeps each file that was shared, and words as a text file, and opens the page that takes them. */
async function receive(request) {
  const shared = await request.formData();
  const files = shared.getAll("files").filter((file) => file instanceof File);
  const words = ["title", "text", "url"].map((name) => shared.get(name)).filter(Boolean);
  if (words.length > 0 && files.length === 0) {
    files.push(new File([`${words.join("\n")}\n`], "Shared text.txt", { type: "text/plain" }));
  }
  const kept = await caches.open(RECEIVED);
  for (const file of files) {
    const headers = {
      "content-type": file.type || "application/octet-stream",
      "x-name": encodeURIComponent(file.name || "Shared file"),
      "x-modified": String(file.lastModified),
    };
    await kept.put(`/received/${crypto.randomUUID()}`, new Response(file, { headers }));
  }
  return Response.redirect("/", 303);
}
