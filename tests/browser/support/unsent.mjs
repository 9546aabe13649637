// What a page keeps of edits that the server does not have.
import { eventually } from "./expect.mjs";

/** The edits of all tabs, as they are stored. */
export const edits = (page) => everyRow(page, "edits");
/** The choices. */
export const resolutions = (page) => everyRow(page, "resolutions");

const everyRow = (page, store) =>
  page.evaluate(
    (store) =>
      new Promise((resolve, reject) => {
        const open = indexedDB.open("driftless");
        open.onerror = () => reject(open.error);
        open.onsuccess = () => {
          const database = open.result;
          const all = database.transaction(store).objectStore(store).getAll();
          all.onsuccess = () => {
            database.close();
            resolve(all.result.map((text) => JSON.parse(text)));
          };
          all.onerror = () => reject(all.error);
        };
      }),
    store,
  );

/** Waits until this many edits are stored, and no bytes are in the page only. */
export const areKept = (page, count) =>
  eventually(async () => {
    const stored = await edits(page);
    const drafts = stored.flatMap(({ content, later = [] }) => [content, ...later].filter(Boolean));
    return stored.length === count && drafts.every(({ wanted }) => wanted.copy_of || wanted.bytes === "kept");
  }, `${count} edits are kept`);

/** The copies of picked files. */
export const copies = (page) =>
  page.evaluate(async () => {
    const root = await navigator.storage.getDirectory();
    const folder = await root.getDirectoryHandle("drafts", { create: true });
    const names = [];
    for await (const name of folder.keys()) names.push(name);
    return names;
  });

/** Reloads although the page asks whether that is meant. */
export async function reloadAnyway(page) {
  page.once("dialog", (dialog) => dialog.accept());
  await page.reload();
}

/** Gives a row of the panel its file once more. */
export async function pickAgain(page, name, file) {
  const button = page.getByRole("button", { name: `Pick ${name} again`, exact: true });
  const [chooser] = await Promise.all([page.waitForEvent("filechooser"), button.click()]);
  await chooser.setFiles(file);
}
