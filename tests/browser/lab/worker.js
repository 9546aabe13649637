// What is timed beside the hashing worker.
importScripts("/memory.js", "/blake3.umd.min.js");

const work = {
  async read(file) {
    const reader = file.stream().getReader();
    let read = 0;
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return read;
      read += value.length;
    }
  },
  async hashWasm(bytes) {
    for (let at = 0; at < bytes; at += memory.length) hasher.update(memory);
    hasher.digest();
    return bytes;
  },
};

let hasher;
onmessage = async ({ data }) => {
  hasher = (await hashwasm.createBLAKE3()).init();
  for (let i = 0; i < 16; i += 1) hasher.update(memory);
  const [name, argument] = Object.entries(data)[0];
  const since = performance.now();
  const bytes = await work[name](argument);
  postMessage({ speed: bytes / 1e6 / ((performance.now() - since) / 1000) });
};
