// What is hashed where no disk is to count: 2 MiB that look random (xorshift32),
// again and again. A file's stream gives pieces of this length in Chromium.
globalThis.memory = (() => {
  const words = new Uint32Array(512 << 10);
  let state = 0x9e3779b9;
  for (let i = 0; i < words.length; i += 1) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[i] = state;
  }
  return new Uint8Array(words.buffer);
})();
