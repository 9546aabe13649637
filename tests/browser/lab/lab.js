// Times one piece of work in web workers, without the page around it. Each
// function returns millions of bytes a second.

/** Bytes hashed before the clock starts. */
const WARM_UP = 64 << 20;

/** A worker, and a promise of each next message that has a property. */
function start(script, options) {
  const worker = new Worker(script, options);
  const next = (property) =>
    new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) => (property in data ? resolve(data[property]) : 0);
      worker.onerror = (event) => reject(new Error(`${script}: ${event.message}`));
    });
  return { worker, next };
}

const rate = (bytes, since) => bytes / 1e6 / ((performance.now() - since) / 1000);

/** Work of `worker.js`, which times itself. */
async function alone(message) {
  const { worker, next } = start("/worker.js");
  worker.postMessage(message);
  const speed = await next("speed");
  worker.terminate();
  return speed;
}

/** hash-wasm's BLAKE3 over bytes in memory. */
globalThis.hashWasm = (bytes) => alone({ hashWasm: bytes });

/** Reading the picked file by its stream. */
globalThis.readAlone = () => alone({ read: document.getElementById("file").files[0] });

/** The hashing worker's module, each worker with a whole file of its own. */
async function hashers(script, count, file, sizeClass) {
  const all = Array.from({ length: count }, () => start(script, { type: "module" }));
  await Promise.all(all.map(({ next }) => next("ready")));
  const hash = (file) => {
    for (const { worker } of all) worker.postMessage({ job: 1, file, from: 0, to: file.size, sizeClass });
    return Promise.all(all.map(({ next }) => next("blocks")));
  };
  // The browser compiles what is hot once more, and faster.
  await hash(new Blob([new Uint8Array(WARM_UP)]));
  const since = performance.now();
  await hash(file);
  const speed = rate(count * file.size, since);
  for (const { worker } of all) worker.terminate();
  return speed;
}

/** Bytes in memory: `memory_hasher.js` reads others than the blob's. */
globalThis.hashMemory = (count, bytes) =>
  hashers("/memory_hasher.js", count, new Blob([new Uint8Array(bytes)]), 18);

/** The picked file, by one worker. */
globalThis.hashFile = () => hashers("/hasher_loader.js", 1, document.getElementById("file").files[0], 18);
