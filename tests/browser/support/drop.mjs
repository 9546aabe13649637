// A real drag from the desktop: the browser itself makes the DataTransfer, with
// files and folders as they are on disk, and fires the events on what is there.

import { setTimeout as sleep } from "node:timers/promises";
import { eventually } from "./expect.mjs";

/** How long a drop may take to reach the page's document, in milliseconds. */
const DELIVERY = 3_000;
const MOST_TRIES = 5;

/**
 * Drops files or folders at the middle of an element. A page that has just been
 * loaded gets no input before its first frame: then the browser lets go of the
 * files without telling the page, and they are dropped again. What the page does
 * with a drop that it got is its own affair.
 */
export async function dropOnto(page, locator, paths) {
  for (let tries = 1; ; tries += 1) {
    const seen = await page.evaluateHandle(() => {
      const seen = { drop: false };
      addEventListener("drop", () => (seen.drop = true), { capture: true, once: true });
      return seen;
    });
    await drag(page, locator, paths);
    // Counted from here: of many files, the drag itself may take seconds.
    for (const since = performance.now(); performance.now() - since < DELIVERY; await sleep(20)) {
      if (await seen.evaluate(({ drop }) => drop)) return;
    }
    if (tries === MOST_TRIES) throw new Error(`The browser delivered none of ${tries} drops to the page.`);
    console.log("  the browser did not deliver a drop; once more");
  }
}

async function drag(page, locator, paths) {
  const at = await middle(locator);
  const data = { items: [], files: paths, dragOperationsMask: 1 };
  const devtools = await page.context().newCDPSession(page);
  try {
    for (const type of ["dragEnter", "dragOver", "drop"]) {
      await devtools.send("Input.dispatchDragEvent", { type, ...at, data });
    }
  } finally {
    await devtools.detach();
  }
}

/** Asked again while there is none: a row can be made anew between two looks at it. */
async function middle(locator) {
  const { x, y, width, height } = await eventually(() => locator.boundingBox(), "something visible to drop onto");
  return { x: x + width / 2, y: y + height / 2 };
}
