// A real drag from the desktop: the browser itself makes the DataTransfer, with
// files and folders as they are on disk, and fires the events on what is there.

/** Drops files or folders at the middle of an element. */
export async function dropOnto(page, locator, paths) {
  const box = await locator.boundingBox();
  if (!box) throw new Error("There is nothing visible to drop onto.");
  const at = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  const devtools = await page.context().newCDPSession(page);
  const data = { items: [], files: paths, dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver", "drop"]) {
    await devtools.send("Input.dispatchDragEvent", { type, ...at, data });
  }
  await devtools.detach();
}
