// Makes thumbnails in a web worker, away from the page's thread. A file comes in, or a
// still of a video, and a small picture goes out, or null where none can be made: the file
// is no picture of a kind that is known here, or broken, or too large to be decoded. What
// it says of its size is read before anything is decoded. The new picture is drawn anew, so
// nothing else of the file is in it: no place, no camera, no text. Nothing is kept.

/** The longer side, in pixels. */
const LONGEST = 320;
/** The server takes no more; see MAX_THUMBNAIL_BYTES. */
const MOST_BYTES = 32 << 10;
/** A decoded picture takes four bytes for each. */
const MOST_PIXELS = 50_000_000;
/** The size is within so many bytes: a JPEG may have several blocks of metadata before it. */
const HEAD_BYTES = 1 << 20;
const QUALITIES = [0.8, 0.6, 0.4, 0.2];

addEventListener("message", async ({ data: { number, file, still } }) => {
  let blob = null;
  try {
    blob = await (still ? smallAndClosed(still) : thumbnailOf(file));
  } catch {
    // It is broken.
  }
  postMessage({ number, blob });
});

// It listens.
postMessage({});

async function thumbnailOf(file) {
  const head = new DataView(await file.slice(0, HEAD_BYTES).arrayBuffer());
  const size = sizeOf(head);
  if (!size || !isDecodable(...size)) return null;
  // Without a type, the browser tells the kind by the bytes alone.
  return smallAndClosed(await createImageBitmap(file.slice(), { imageOrientation: "from-image" }));
}

async function smallAndClosed(picture) {
  try {
    if (!isDecodable(picture.width, picture.height)) return null;
    return await small(picture);
  } finally {
    picture.close();
  }
}

const isDecodable = (width, height) => width > 0 && height > 0 && width * height <= MOST_PIXELS;

async function small(picture) {
  for (const longest of [LONGEST, LONGEST / 2]) {
    const scale = Math.min(1, longest / Math.max(picture.width, picture.height));
    const canvas = new OffscreenCanvas(
      Math.max(1, Math.round(picture.width * scale)),
      Math.max(1, Math.round(picture.height * scale)),
    );
    draw(picture, canvas);
    for (const quality of QUALITIES) {
      const blob = await encode(picture, canvas, quality);
      if (blob.size <= MOST_BYTES) return blob;
    }
  }
  return null;
}

function draw(picture, canvas) {
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.drawImage(picture, 0, 0, canvas.width, canvas.height);
}

/** A browser that does not write WebP writes PNG instead. JPEG has no transparency. */
async function encode(picture, canvas, quality) {
  const webp = await canvas.convertToBlob({ type: "image/webp", quality });
  if (webp.type === "image/webp") return webp;
  const context = canvas.getContext("2d");
  context.fillStyle = "#fff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  draw(picture, canvas);
  return canvas.convertToBlob({ type: "image/jpeg", quality });
}

/** Width and height as the file says them; null for what is none of these kinds. */
function sizeOf(head) {
  const has = (at, text) => {
    if (at + text.length > head.byteLength) return false;
    return [...text].every((letter, i) => head.getUint8(at + i) === letter.charCodeAt(0));
  };
  if (head.byteLength < 30) return null;
  if (has(0, "\x89PNG\r\n\x1a\n") && has(12, "IHDR")) return [head.getUint32(16), head.getUint32(20)];
  if (has(0, "GIF87a") || has(0, "GIF89a")) return [head.getUint16(6, true), head.getUint16(8, true)];
  if (has(0, "BM")) return bitmapSize(head);
  if (has(0, "RIFF") && has(8, "WEBP")) return webpSize(head, has);
  if (has(0, "\xff\xd8\xff")) return jpegSize(head);
  if (has(4, "ftypavif") || has(4, "ftypavis")) return avifSize(head, has);
  return null;
}

function bitmapSize(head) {
  // The oldest headers have two bytes for each; a negative height begins at the top.
  if (head.getUint32(14, true) === 12) return [head.getUint16(18, true), head.getUint16(20, true)];
  return [Math.abs(head.getInt32(18, true)), Math.abs(head.getInt32(22, true))];
}

function webpSize(head, has) {
  const three = (at) => head.getUint8(at) + (head.getUint8(at + 1) << 8) + (head.getUint8(at + 2) << 16);
  if (has(12, "VP8X")) return [three(24) + 1, three(27) + 1];
  if (has(12, "VP8L")) {
    const bits = head.getUint32(21, true);
    return [(bits & 0x3fff) + 1, ((bits >>> 14) & 0x3fff) + 1];
  }
  if (has(12, "VP8 ")) return [head.getUint16(26, true) & 0x3fff, head.getUint16(28, true) & 0x3fff];
  return null;
}

function jpegSize(head) {
  for (let at = 2; at + 9 <= head.byteLength; ) {
    if (head.getUint8(at) !== 0xff) return null;
    const marker = head.getUint8(at + 1);
    if (marker === 0xff) at += 1;
    else if (isFrame(marker)) return [head.getUint16(at + 7), head.getUint16(at + 5)];
    else at += 2 + head.getUint16(at + 2);
  }
  return null;
}

/** SOF0 to SOF15, without the tables that are among them. */
const isFrame = (marker) => marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);

/** The largest of the pictures in it: one is made of tiles, and may have small ones beside it. */
function avifSize(head, has) {
  let largest = null;
  for (let at = 8; at + 16 <= head.byteLength; at += 1) {
    if (!has(at, "ispe")) continue;
    const size = [head.getUint32(at + 8), head.getUint32(at + 12)];
    if (!largest || size[0] * size[1] > largest[0] * largest[1]) largest = size;
  }
  return largest;
}
