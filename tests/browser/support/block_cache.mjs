// The block cache of a page, as it lies in the browser's storage.
import { eventually } from "./expect.mjs";

/** Bytes and blocks that its list names, and the bytes of its files. */
export const cacheSize = (page) =>
  page.evaluate(async () => {
    const sizes = { listed: 0, blocks: 0, bundles: 0, files: 0, stored: 0 };
    const known = await indexedDB.databases();
    if (known.some(({ name }) => name === "driftless-blocks")) {
      const database = await new Promise((done, failed) => {
        const request = indexedDB.open("driftless-blocks");
        request.onsuccess = () => done(request.result);
        request.onerror = () => failed(request.error);
      });
      const bundles = await new Promise((done, failed) => {
        const request = database.transaction("bundles").objectStore("bundles").getAll();
        request.onsuccess = () => done(request.result);
        request.onerror = () => failed(request.error);
      });
      database.close();
      sizes.bundles = bundles.length;
      for (const { bytes, blocks } of bundles) {
        sizes.listed += bytes;
        sizes.blocks += blocks.length / 36;
      }
    }
    for await (const file of files(await navigator.storage.getDirectory())) {
      // It may go at this moment.
      const there = await file.getFile().catch(() => null);
      if (there === null) continue;
      sizes.files += 1;
      sizes.stored += there.size;
    }
    return sizes;

    async function* files(root) {
      const folder = await root.getDirectoryHandle("blocks", { create: true });
      yield* folder.values();
    }
  });

/** Waits until the cache has at least so many bytes, written. */
export const cacheHas = (page, bytes, timeout = 120_000) =>
  eventually(
    async () => {
      const size = await cacheSize(page);
      return size.stored >= bytes && size.blocks > 0 && size;
    },
    `a block cache of ${bytes} bytes`,
    timeout,
  );

/** Writes other bytes over every file of the cache, of the same length. */
export const damageCache = (page) =>
  page.evaluate(async () => {
    const root = await navigator.storage.getDirectory();
    const folder = await root.getDirectoryHandle("blocks");
    let damaged = 0;
    for await (const file of folder.values()) {
      const { size } = await file.getFile();
      const to = await file.createWritable({ keepExistingData: true });
      // A few bytes in the middle of every 64 KiB: no block is spared.
      for (let at = 1_000; at < size; at += 65_536) {
        await to.write({ type: "write", position: at, data: new Uint8Array([0x5a, 0xa5, 0x5a]) });
      }
      await to.close();
      damaged += 1;
    }
    return damaged;
  });

/** Removes the cache under the page, as a browser that clears data does. */
export const clearCache = (page) =>
  page.evaluate(async () => {
    const root = await navigator.storage.getDirectory();
    const folder = await root.getDirectoryHandle("blocks", { create: true });
    for await (const name of folder.keys()) await folder.removeEntry(name);
  });
