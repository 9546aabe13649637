// Lets the page open without a connection: it keeps a copy of the page's own
// files, and answers from it when the server can't be reached. While it can, the
// server is asked, so that a new release shows at the next reload. Nothing of
// the API passes through here.
//
// The build writes the two constants: the name of this release's copy, and the
// files that are in it.
const RELEASE = "%RELEASE%";
const FILES = ["%FILES%"];

/** With a connection that answers nothing, the copy is shown after this long. */
const PATIENCE_MILLIS = 4_000;

/** Names that change with their content: the browser's own cache has them. */
const IMMUTABLE = /^\/(app-.*|.*\.css)$/;

addEventListener("install", (event) => {
  event.waitUntil(caches.open(RELEASE).then((copy) => copy.addAll(FILES)));
  skipWaiting();
});

addEventListener("activate", (event) => {
  event.waitUntil(forgetOthers().then(() => clients.claim()));
});

addEventListener("fetch", (event) => {
  const { method, mode, url } = event.request;
  const { origin, pathname } = new URL(url);
  if (method !== "GET" || origin !== location.origin || pathname.startsWith("/api/")) return;
  if (IMMUTABLE.test(pathname) && navigator.onLine) return;
  // Every path that is no file is the page's own business.
  event.respondWith(answer(event.request, mode === "navigate" ? "/" : pathname));
});

async function answer(request, file) {
  const copy = await caches.open(RELEASE);
  const kept = await copy.match(file);
  if (!kept) return fetch(request);
  try {
    const answered = await fetch(request, { signal: AbortSignal.timeout(PATIENCE_MILLIS) });
    return answered.status < 500 ? answered : kept;
  } catch {
    return kept;
  }
}

async function forgetOthers() {
  for (const name of await caches.keys()) {
    if (name !== RELEASE) await caches.delete(name);
  }
}
