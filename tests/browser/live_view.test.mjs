// What others are slow at: news in a second, in the folder that is open, and what is in it.
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { SOON } from "./support/app.mjs";
import { eventually, expect } from "./support/expect.mjs";
import { journey } from "./support/journey.mjs";
import { look } from "./support/look.mjs";
import { made } from "./support/made.mjs";

/** Milliseconds; others take 20 to 30 seconds. */
const SECONDS_NOT_MINUTES = 5_000;

test("propagation takes no 20 to 30 s (seafile#992)", () =>
  journey(async (journey) => {
    const { a, b } = await journey.computers("a", "b");
    const used = ({ app }) => app.page.getByTestId("storage").innerText();
    const before = await used(b);
    for (const round of [1, 2, 3]) {
      const name = `round-${round}.txt`;
      await a.app.drop([journey.file(name, name)]);
      await a.app.uploadIs(name, ["done"]);
      await b.app.appears(name, { version: 1, timeout: SECONDS_NOT_MINUTES });
    }
    // B's figure follows without a reload, and is asked for once for all of that.
    await eventually(async () => (await used(b)) !== before && (await used(b)) === (await used(a)), "B shows the storage that A has used");
  }));

test("the folder that is open in the browser is live (nextcloud/server#2742)", () =>
  journey(async (journey) => {
    const { a, b } = await journey.computers("a", "b");
    const soon = { timeout: SECONDS_NOT_MINUTES };
    await a.app.newFolder("Open");
    for (const { app } of [a, b]) {
      await app.appears("Open");
      await app.openFolder("Open");
    }

    await a.app.drop([journey.file("new.txt", "1")]);
    await b.app.appears("new.txt", { version: 1, ...soon });
    await a.app.uploadIs("new.txt", ["done"]);
    await a.app.drop([journey.file("next/new.txt", "2")]);
    await b.app.appears("new.txt", { version: 2, ...soon });
    await a.app.rename("new.txt", "renamed.txt");
    await b.app.appears("renamed.txt", soon);
    await a.app.choose("renamed.txt", "Move to trash");
    await b.app.disappears("renamed.txt", SECONDS_NOT_MINUTES);
  }));

const SCRIPT = "document.title = 'ran'; globalThis.ran = true; fetch('/api/v1/accounts/me?ran')";
/** What is in a photo beside the picture, and must not get out with it. */
const PLACE = "53.5511N 9.9937E";

/** A photo as a camera writes it that was held upright: on its side, with a note that says so. */
function photo(jpeg) {
  const note = Buffer.alloc(38 + PLACE.length + 1);
  note.write("II*\0", 0, "latin1");
  note.writeUInt32LE(8, 4);
  note.writeUInt16LE(2, 8);
  // The description, and the orientation: turned by a quarter.
  [[0x010e, 2, PLACE.length + 1, 38], [0x0112, 3, 1, 6]].forEach(([tag, kind, count, value], i) => {
    note.writeUInt16LE(tag, 10 + 12 * i);
    note.writeUInt16LE(kind, 12 + 12 * i);
    note.writeUInt32LE(count, 14 + 12 * i);
    note.writeUInt32LE(value, 18 + 12 * i);
  });
  note.write(PLACE, 38, "latin1");
  const head = Buffer.from([0xff, 0xd8, 0xff, 0xe1, 0, 0]);
  head.writeUInt16BE(note.length + 8, 4);
  return Buffer.concat([head, Buffer.from("Exif\0\0", "latin1"), note, jpeg.subarray(2)]);
}

/** The head of a picture of 60,000 by 60,000 pixels, which would be 14 GB. */
function bomb(png) {
  const head = Buffer.from(png);
  head.writeUInt32BE(60_000, 16);
  head.writeUInt32BE(60_000, 20);
  return head;
}

const thumbnail = (app, name) => app.row(name).locator("img.thumbnail");
const shows = (app, name) =>
  eventually(
    () => thumbnail(app, name).evaluate((image) => image.complete && image.naturalWidth > 0, null, { timeout: 1_000 }).catch(() => false),
    `the thumbnail of ${name}`,
    4 * SOON,
  );
const keptHere = ({ page }) =>
  page.evaluate(async () => {
    const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle("thumbnails", { create: true });
    return (await Array.fromAsync(folder.keys())).length;
  });
const size = (app, name) => thumbnail(app, name).evaluate((image) => [image.naturalWidth, image.naturalHeight]);

test("pictures show what is in them, and nothing of a hostile one runs", () =>
  journey(async (journey) => {
    const { a, b } = await journey.computers("a", "b");
    const canvas = await a.context.newPage();
    await canvas.setViewportSize({ width: 900, height: 600 });
    await canvas.setContent('<body style="background:linear-gradient(45deg,teal,gold)"><h1>A picture</h1></body>');
    const png = await canvas.screenshot();
    const jpeg = await canvas.screenshot({ type: "jpeg", quality: 90 });
    await canvas.close();
    const { webm } = await made(a.context, "A video", "teal");

    // Whoever sends them makes them, and the other computer has them of the server.
    const stored = a.proxy.recordBodies(/POST .*\/thumbnail/);
    const pictures = ["drawn.png", "photo.jpg", "recorded.webm"];
    await a.app.drop([journey.file("drawn.png", png), journey.file("photo.jpg", photo(jpeg)), journey.file("recorded.webm", webm)]);
    for (const { app } of [a, b]) {
      for (const name of pictures) await shows(app, name);
    }
    expect(await size(b.app, "drawn.png"), "the size").toBe([320, 213]);
    expect(await size(b.app, "photo.jpg"), "the size, upright").toBe([213, 320]);
    expect(await size(b.app, "recorded.webm"), "the size of the still").toBe([320, 180]);
    expect(b.proxy.matching(/POST .*\/thumbnail|GET .*\/content/).length, "what the other one made or loaded").toBe(0);
    for (const body of stored) {
      const bytes = Buffer.from(body).toString("latin1");
      expect(bytes.startsWith("RIFF"), "it is a WebP").toBe(true);
      expect(bytes.includes(PLACE), "it says where that was").toBe(false);
      expect(bytes.length <= 32 << 10, "it is small").toBe(true);
    }

    // Some program makes copies that have none: the first one who shows them makes them.
    for (const of of ["drawn.png", "recorded.webm"]) {
      const { id, file } = (await a.app.items()).find(({ name }) => name === of);
      const { size: bytes, size_class, modified_at_ms, version } = file;
      const content = { size: bytes, size_class, modified_at_ms, base: { item: id, version }, splices: [] };
      const copy = { operation_id: randomUUID(), id: randomUUID(), parent: null, name: `by a program ${of}`, content };
      const made = await a.app.api("/api/v1/files", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(copy) });
      expect(made.status, "a program's copy").toBe(201);
      await shows(b.app, copy.name);
    }

    // What would like to run, or to be decoded, shows its icon.
    const hostile = {
      "page.png": `<!doctype html><script>${SCRIPT}</script><img src=x onerror="${SCRIPT}">`,
      "drawing.svg": `<svg xmlns="http://www.w3.org/2000/svg" onload="${SCRIPT}"><script>${SCRIPT}</script></svg>`,
      "drawing.png": `<svg xmlns="http://www.w3.org/2000/svg" onload="${SCRIPT}"><script>${SCRIPT}</script></svg>`,
      "bomb.png": bomb(png),
      "torn.jpg": jpeg.subarray(0, 700),
      "torn.webm": webm.subarray(0, 300),
      "page.mp4": `<!doctype html><script>${SCRIPT}</script>`,
    };
    await a.app.drop(Object.entries(hostile).map(([name, content]) => journey.file(name, content)));
    for (const name of Object.keys(hostile)) await a.app.appears(name, { version: 1 });
    await a.app.drop([journey.file("zz last.jpg", jpeg)]);
    for (const { app } of [a, b]) await shows(app, "zz last.jpg");
    for (const name of Object.keys(hostile)) expect(await thumbnail(a.app, name).count(), `${name} has a thumbnail`).toBe(0);
    const theirs = (await a.app.items()).filter(({ name }) => name in hostile).map(({ id }) => id);
    for (const { app, proxy } of [a, b]) {
      const given = proxy.matching(/POST .*\/thumbnail/).filter(({ path }) => theirs.some((id) => path.includes(id)));
      expect(given.length, "thumbnails of hostile files").toBe(0);
      expect(await app.page.evaluate(() => globalThis.ran ?? false), "something ran").toBe(false);
      expect(proxy.matching(/me\?ran/).length, "requests by a script").toBe(0);
    }
    await look(a.app.page, "thumbnails");

    // Once more, and without a connection: they are in the browser.
    const reloaded = b.proxy.requests.length;
    await b.app.page.reload();
    for (const name of [...pictures, "by a program drawn.png", "by a program recorded.webm"]) await shows(b.app, name);
    const ids = (await a.app.items()).filter(({ name }) => pictures.includes(name)).map(({ id }) => id);
    const asked = b.proxy.matching(/GET .*\/(content|thumbnails\?)/, reloaded).filter(({ path }) => ids.some((id) => path.includes(id)));
    expect(asked.length, "requests for what is here").toBe(0);
    b.proxy.cutApi();
    await b.app.page.reload();
    await shows(b.app, "photo.jpg");

    expect(await keptHere(a.app) > 3, "thumbnails that are kept").toBe(true);
    await a.app.signOut();
    await eventually(async () => (await keptHere(a.app)) === 0, "nothing stays of whoever has signed out");
  }));
