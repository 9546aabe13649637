// 32 MiB that look random, by xorshift32; the same for everyone who is timed.
globalThis.memory = (() => {
  const words = new Uint32Array(8 << 20);
  let state = 0x9e3779b9;
  for (let i = 0; i < words.length; i += 1) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[i] = state;
  }
  return new Uint8Array(words.buffer);
})();

/** What a file's stream gives in Chromium. */
globalThis.PIECE_BYTES = 2 << 20;

/** The piece of an endless repetition of it that begins at a place. */
globalThis.pieceAt = (place, length) => {
  const start = place % memory.length;
  return memory.subarray(start, start + Math.min(PIECE_BYTES, length));
};
