// Tells of a release that has come while the page is open, and takes it: when the person
// says so, or by itself when they go on to another page of the app. Never while something
// would be lost: an upload under way, or what is typed in a dialog.

/** The server is asked for a release this often at most, when somebody comes back to the page. */
const CHECK_MILLIS = 60 * 60 * 1000;
const LOOK_MILLIS = 1000;

/** `files` are those of this page whose names change with the release. */
export function watch(registration, files) {
  let checkedAt = Date.now();
  document.addEventListener("visibilitychange", () => {
    if (document.hidden || Date.now() - checkedAt < CHECK_MILLIS) return;
    checkedAt = Date.now();
    // Without a connection there is none.
    registration.update().catch(() => {});
  });
  registration.addEventListener("updatefound", () => follow(registration.installing, files));
  // It may have been found before this was loaded.
  for (const worker of [registration.installing, registration.waiting]) if (worker) follow(worker, files);
}

function follow(worker, files) {
  const look = async () => {
    // Its copy of the release is whole by then.
    if (worker.state === "activated" && (await isOlder(files))) tell();
  };
  worker.addEventListener("statechange", look);
  look();
}

/** Whether a page that is opened now is of another release: the worker may be this one's. */
async function isOlder(files) {
  try {
    const page = await (await fetch("/")).text();
    return page.includes("data-wasm=") && files.some((file) => !page.includes(file));
  } catch {
    return false;
  }
}

let isTold = false;

function tell() {
  if (isTold) return;
  isTold = true;
  note("A new version is ready.", {
    "Load it": (words) => {
      if (!wouldLose()) return location.reload();
      words.textContent = "The new version comes as soon as nothing here would be lost.";
      setInterval(() => wouldLose() || location.reload(), LOOK_MILLIS);
    },
  });
  // Browsers without this have the button.
  globalThis.navigation?.addEventListener("navigatesuccess", () => {
    if (!wouldLose() && !document.querySelector("dialog[open]")) location.reload();
  });
}

/** Says something beside the page, with a button for each of `acts`, which get the words. */
export function note(text, acts) {
  const words = document.createElement("p");
  words.textContent = `${text} `;
  for (const [label, act] of Object.entries(acts)) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "link";
    button.textContent = label;
    button.addEventListener("click", () => act(words));
    words.append(button, " ");
  }
  let notes = document.querySelector(".side-notes");
  if (!notes) {
    notes = document.createElement("div");
    notes.className = "side-notes";
    notes.setAttribute("role", "status");
    document.body.append(notes);
  }
  notes.append(words);
}

/** The page's own answer: it is asked as the browser asks it when the tab is closed. */
export function wouldLose() {
  return !dispatchEvent(new Event("beforeunload", { cancelable: true }));
}
