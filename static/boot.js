// Loads the page's main module. A file of its own because the page's policy
// allows no inline script; Trunk writes the hashed names into the script tag.
const { js, wasm } = document.querySelector("script[data-wasm]").dataset;
const styles = [...document.querySelectorAll("link[rel=stylesheet]")];

/** Kept in the tab while it loads the page once more. */
const TRIED = "driftless-loaded-again";

try {
  if (styles.some((link) => !link.sheet) && !hasTried()) throw new Error("A style sheet is missing.");
  await painted();
  // Both at once: the script is small, and the module takes the time.
  const module = fetch(wasm);
  module.catch(() => {});
  const app = await import(js);
  globalThis.words = await globalThis.words;
  await app.default({ module_or_path: module });
  setTried(false);
  // Where there is none (private windows, an insecure address), the page opens
  // with a connection only.
  serve().catch(() => {});
} catch (error) {
  const hadTried = hasTried();
  if ((await passCaches()) && !hadTried && setTried(true)) {
    console.warn(error);
    location.reload();
  } else {
    setTried(false);
    giveUp(error);
  }
}

/** Opens without a connection from now on, tells of releases, and takes what is shared with the app. */
async function serve() {
  const registration = await navigator.serviceWorker?.register("/service-worker.js");
  const [updates, received] = await Promise.all([import("/update.js"), import("/received.js")]);
  const names = [js, wasm, ...styles.map((link) => link.getAttribute("href"))];
  if (registration) updates.watch(registration, names);
  await received.handIn();
}

/**
 * Until what the document shows by itself is seen. Nothing is to take the network from
 * it, and on a slow one the module takes seconds. A page in the background is not painted.
 */
function painted() {
  if (document.hidden) return null;
  return new Promise((resolve) => {
    setTimeout(resolve, 200);
    requestAnimationFrame(() => setTimeout(resolve));
  });
}

/**
 * Asks the server for the page and its files whatever the browser's caches hold under
 * their names, and so replaces that. During a deployment the page of one release may
 * have met the server of another, which lacks its files.
 */
async function passCaches() {
  const files = ["/", js, wasm, ...styles.map((link) => link.href)];
  const fetched = files.map(async (file) => (await fetch(file, { cache: "reload" })).arrayBuffer());
  try {
    return await Promise.all(fetched);
  } catch {
    return null;
  }
}

function giveUp(error) {
  console.error(error);
  const note = document.createElement("p");
  note.className = "splash-note";
  note.setAttribute("role", "alert");
  const english = "Driftless could not be loaded. Reload the page to try again.";
  note.textContent = globalThis.words?.text?.(english) ?? english;
  document.getElementById("first-sight")?.remove();
  document.getElementById("app").replaceChildren(note);
}

/** Where the browser stores nothing, nobody could tell the second time from the first. */
function hasTried() {
  try {
    return sessionStorage.getItem(TRIED) !== null;
  } catch {
    return true;
  }
}

function setTried(tried) {
  try {
    if (tried) sessionStorage.setItem(TRIED, "yes");
    else sessionStorage.removeItem(TRIED);
    return true;
  } catch {
    return false;
  }
}
