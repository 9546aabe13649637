// How long an upload takes, by the page's own clock: from the drop until the page says
// that all of it is done.
import { UPLOAD } from "./app.mjs";

/** One file, until its row says so. */
export function uploadTime({ app }, file, name) {
  return timed(app, [file], `[data-testid=upload][data-name="${name}"][data-stage=done]`);
}

/** Many files, until the panel's head says so. */
export function allUploaded({ app }, dropped, files) {
  return timed(app, dropped, null, files);
}

async function timed(app, dropped, selector, files = 0) {
  const done = app.page.evaluate(
    ({ selector, files, most }) =>
      new Promise((resolve, reject) => {
        addEventListener("drop", () => (globalThis.droppedAt = performance.now()), { capture: true, once: true });
        const said = () => [...document.querySelectorAll("[data-testid=uploads] h2")].some(({ textContent }) => Number.parseInt(/^([\d,]+) files uploaded/.exec(textContent)?.[1].replace(",", "") ?? "0", 10) >= files);
        const watcher = new MutationObserver(() => {
          if (selector ? !document.querySelector(selector) : !said()) return;
          watcher.disconnect();
          resolve(performance.now() - globalThis.droppedAt);
        });
        watcher.observe(document.body, { childList: true, subtree: true, attributes: true, characterData: true });
        setTimeout(() => reject(new Error("The upload does not end")), most);
      }),
    { selector, files, most: 2 * UPLOAD },
  );
  await app.drop(dropped);
  return done;
}
