// Everything that a browser has stored for the page's origin, as JSON, and put
// back into another one: databases, files, both storages and cookies. It knows
// nothing of what the page means by it.

/** What is stored behind a page that is open. Nothing may be written meanwhile. */
export async function stored(page) {
  const { databases, files, local, session } = await page.evaluate(async () => {
    const done = (request) =>
      new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const base64 = (bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
    const packed = (value) => {
      if (value instanceof Uint8Array) return { $bytes: base64(value) };
      if (Array.isArray(value)) return value.map(packed);
      if (Object.prototype.toString.call(value) === "[object Object]") {
        return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, packed(inner)]));
      }
      if (value === null || ["string", "number", "boolean"].includes(typeof value)) return value;
      throw new Error(`A ${Object.prototype.toString.call(value)} has no form here`);
    };

    const databases = [];
    for (const { name, version } of await indexedDB.databases()) {
      const database = await done(indexedDB.open(name));
      const stores = [];
      for (const store of database.objectStoreNames) {
        const all = database.transaction(store).objectStore(store);
        const indexes = Array.from(all.indexNames, (index) => {
          const { keyPath, unique, multiEntry } = all.index(index);
          return { name: index, keyPath, unique, multiEntry };
        });
        const [keys, values] = await Promise.all([done(all.getAllKeys()), done(all.getAll())]);
        const rows = keys.map((key, i) => [key, packed(values[i])]);
        stores.push({ name: store, keyPath: all.keyPath, autoIncrement: all.autoIncrement, indexes, rows });
      }
      database.close();
      databases.push({ name, version, stores });
    }

    const files = [];
    const walk = async (folder, path) => {
      for await (const [name, handle] of folder) {
        if (handle.kind === "directory") await walk(handle, [...path, name]);
        else files.push([[...path, name], { $bytes: base64(new Uint8Array(await (await handle.getFile()).arrayBuffer())) }]);
      }
    };
    await walk(await navigator.storage.getDirectory(), []);
    return { databases, files, local: { ...localStorage }, session: { ...sessionStorage } };
  });
  const cookies = (await page.context().cookies()).map(({ name, value }) => [name, value]);
  return { databases, files, local, session, cookies };
}

const BLANK = "/before-the-page";

/** Puts that into a browser which has nothing yet, before its page is opened for the first time. */
export async function restore({ app: { page, url }, proxy }, { cookies, ...origin }) {
  const setCookies = cookies.map(([name, value]) => `${name}=${value}; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=86400`);
  proxy.replace((path) => (path === BLANK ? { headers: { "content-type": "text/html", "set-cookie": setCookies }, body: "<title>Blank</title>" } : null));
  await page.goto(url + BLANK);
  await page.evaluate(async ({ databases, files, local, session }) => {
    const bytes = ({ $bytes }) => Uint8Array.from(atob($bytes), (letter) => letter.charCodeAt(0));
    const unpacked = (value) => {
      if (Array.isArray(value)) return value.map(unpacked);
      if (value === null || typeof value !== "object") return value;
      if ("$bytes" in value) return bytes(value);
      return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, unpacked(inner)]));
    };
    for (const { name, version, stores } of databases) {
      const database = await new Promise((resolve, reject) => {
        const opening = indexedDB.open(name, version);
        opening.onupgradeneeded = () => {
          for (const { name, keyPath, autoIncrement, indexes } of stores) {
            const store = opening.result.createObjectStore(name, { keyPath, autoIncrement });
            for (const { name, keyPath, ...how } of indexes) store.createIndex(name, keyPath, how);
          }
        };
        opening.onsuccess = () => resolve(opening.result);
        opening.onerror = () => reject(opening.error);
      });
      await new Promise((resolve, reject) => {
        const filling = database.transaction(Array.from(database.objectStoreNames), "readwrite");
        for (const { name, keyPath, rows } of stores) {
          const store = filling.objectStore(name);
          for (const [key, value] of rows) store.put(unpacked(value), keyPath === null ? key : undefined);
        }
        filling.oncomplete = resolve;
        filling.onabort = () => reject(filling.error);
      });
      database.close();
    }
    for (const [path, content] of files) {
      let folder = await navigator.storage.getDirectory();
      for (const name of path.slice(0, -1)) folder = await folder.getDirectoryHandle(name, { create: true });
      const writing = await (await folder.getFileHandle(path.at(-1), { create: true })).createWritable();
      await writing.write(bytes(content));
      await writing.close();
    }
    for (const [storage, entries] of [[localStorage, local], [sessionStorage, session]]) {
      for (const [key, value] of Object.entries(entries)) storage.setItem(key, value);
    }
  }, origin);
  proxy.replace(() => null);
}
