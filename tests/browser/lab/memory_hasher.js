// The hashing worker as it is built, but every file's bytes come from memory at
// once: what is left is its computing.
import "./memory.js";

Blob.prototype.slice = function (start) {
  let at = start;
  const end = this.size;
  const pull = (stream) => {
    if (at >= end) return stream.close();
    const piece = pieceAt(at, end - at);
    at += piece.length;
    stream.enqueue(piece);
  };
  return { stream: () => new ReadableStream({ pull }) };
};

await import("./hasher_loader.js");
