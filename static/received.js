// Hands in what other apps have shared with this one: the service worker keeps it
// (static/service-worker.js) until somebody is signed in here and says what is to become of
// it: any site can send a form there. Then it goes through the door like files that are
// pasted, and is let go of once nothing of it would be lost.
import { note, wouldLose } from "./update.js";

const KEPT = "driftless-received";
const LOOK_MILLIS = 500;

export async function handIn() {
  if (new URLSearchParams(location.search).has("upload")) (await until(() => document.querySelector(".toolbar .button-main"))).focus();
  if (!globalThis.caches || !(await caches.has(KEPT))) return;
  // One tab hands it in.
  await navigator.locks.request(KEPT, async () => {
    const kept = await caches.open(KEPT);
    const requests = await kept.keys();
    if (requests.length === 0) return;
    const files = new DataTransfer();
    for (const request of requests) {
      const answer = await kept.match(request);
      const type = answer.headers.get("content-type") ?? "";
      const lastModified = Number(answer.headers.get("x-modified"));
      files.items.add(new File([await answer.blob()], decodeURIComponent(answer.headers.get("x-name")), { type, lastModified }));
    }
    const shell = () => document.querySelector("#app .shell[data-intakes]");
    await until(shell);
    if (await isWanted(Array.from(files.files, ({ name }) => name))) await hand(files, shell);
    for (const request of requests) await kept.delete(request);
  });
}

/** Until the page has all of it, or whoever was asked about it has skipped it. */
async function hand(files, shell) {
  const before = shell().dataset.intakes;
  // A dialog that is open takes nothing.
  await until(() => {
    const paste = new ClipboardEvent("paste", { clipboardData: files, bubbles: true, cancelable: true });
    return !document.body.dispatchEvent(paste);
  });
  await until(() => shell() && shell().dataset.intakes !== before);
  await until(() => !wouldLose());
}

function isWanted([first, ...others]) {
  const more = others.length === 0 ? "" : ` and ${others.length} more`;
  return new Promise((resolve) => {
    const answer = (wanted) => (words) => {
      words.remove();
      resolve(wanted);
    };
    note(`“${first}”${more} was shared with Driftless.`, { "Add to my files": answer(true), Discard: answer(false) });
  });
}

async function until(look) {
  for (;;) {
    const seen = look();
    if (seen) return seen;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MILLIS));
  }
}
