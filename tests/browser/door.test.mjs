// What is handed in: names that collide, names that are taken, what can't be
// taken in, and what is cancelled. Nothing of it is lost without a word.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import path from "node:path";
import { test } from "node:test";
import { UPLOAD } from "./support/app.mjs";
import { eventually } from "./support/expect.mjs";
import { journey } from "./support/journey.mjs";
import { look } from "./support/look.mjs";
import { areKept, copies, edits } from "./support/unsent.mjs";

/** What the server has of each live file, by its path. */
async function contents(app) {
  const items = await app.items();
  const byId = new Map(items.map((item) => [item.id, item]));
  const path = (item) => (item.parent ? `${path(byId.get(item.parent))}/` : "") + item.name;
  const files = items.filter((item) => item.file);
  const texts = files.map(async (item) => [path(item), (await app.api(`/api/v1/files/${item.id}/content`)).text]);
  return Object.fromEntries((await Promise.all(texts)).sort());
}

async function holds(app, expected, what) {
  const sorted = JSON.stringify(Object.fromEntries(Object.entries(expected).sort()));
  await eventually(async () => JSON.stringify(await contents(app)) === sorted, what, 20_000).catch(async (error) => {
    assert.deepEqual(Object.keys(await contents(app)), Object.keys(expected).sort(), what);
    throw error;
  });
}

test("two sources of one name are two files, and a row says what became of each", () =>
  journey(async (journey) => {
    const { a } = await journey.computers("a");
    const { app } = a;
    // Two pictures that differ in case, and two reports from different folders.
    await app.pickFiles([journey.file("1/a.jpg", "small a"), journey.file("2/A.jpg", "capital A")]);
    await app.pickFiles([journey.file("1/report.pdf", "the first"), journey.file("2/report.pdf", "the second")]);
    // A folder with two names that differ in case, by drop; and by paste.
    journey.file("tree/README", "capitals");
    await app.drop([path.dirname(journey.file("tree/readme", "small"))]);
    await app.paste({ "note.txt": "pasted" });
    await app.page.getByRole("heading", { name: "7 files uploaded" }).waitFor({ timeout: UPLOAD });
    const expected = {
      "A (2).jpg": "capital A", "a.jpg": "small a", "note.txt": "pasted",
      "report (2).pdf": "the second", "report.pdf": "the first",
      "tree/README": "capitals", "tree/readme (2)": "small",
    };
    await holds(app, expected, "each of the seven is a file");

    // Offline, with a reload between; the second is large.
    const large = "9 MB ".repeat(1_800_000);
    a.proxy.cutApi();
    await app.connectionIs("reconnecting");
    await app.pickFiles([journey.file("3/b.bin", "small b"), journey.file("4/B.bin", large)]);
    await app.uploadIs("B (2).bin", ["offline", "waiting"]);
    await areKept(app.page, 2);
    await app.page.reload();
    a.proxy.mend();
    await holds(app, { ...expected, "b.bin": "small b", "B (2).bin": large }, "both were kept and sent");
  }));

test("a name that exists is asked about, once for each drop, and the answer can be kept", () =>
  journey(async (journey) => {
    const { a } = await journey.computers("a");
    const { app } = a;
    const { page } = app;
    const of = (round, ...names) => names.map((name) => journey.file(`${round}/${name}`, `${name} ${round}`));
    await app.drop(of(1, "a.txt", "b.txt", "c.txt"));
    await holds(app, { "a.txt": "a.txt 1", "b.txt": "b.txt 1", "c.txt": "c.txt 1" }, "the first three");

    // Nothing is taken in before the answer; the names are listed, one has its own.
    await app.drop(of(2, "a.txt", "b.txt", "c.txt", "d.txt"), null, { answer: null });
    await app.question().getByText("a.txt", { exact: true }).waitFor();
    assert.equal(await page.getByTestId("upload").count(), 3, "rows before the answer");
    await look(page, "taken-names");
    await page.getByLabel("What becomes of b.txt").selectOption("Keep both");
    await page.getByLabel("What becomes of c.txt").selectOption("Skip");
    await app.question().getByRole("button", { name: "New version" }).click();
    await app.appears("a.txt", { version: 2 });
    const second = { "a.txt": "a.txt 2", "b.txt": "b.txt 1", "b (2).txt": "b.txt 2", "c.txt": "c.txt 1", "d.txt": "d.txt 2" };
    await holds(app, second, "each as it was said");

    // Escape takes nothing in and says so; Enter is a next version.
    await app.drop(of(3, "a.txt"), null, { answer: null });
    await app.question().waitFor();
    await look(page, "taken-name");
    await page.keyboard.press("Escape");
    await page.getByText("“a.txt” was not uploaded").waitFor();
    await app.pickFiles(of(4, "a.txt"));
    await app.appears("a.txt", { version: 3 });

    // Onto the row of its name: it was said where it was dropped.
    await app.drop(of(5, "a.txt"), "a.txt", { answer: null });
    await app.appears("a.txt", { version: 4 });
    assert.equal(await app.question().count(), 0, "questions");

    // For good, and asked again when the person wants it, after a reload too.
    await app.drop(of(6, "a.txt"), null, { answer: null });
    await page.getByLabel(/^Always do this/).check();
    await app.question().getByRole("button", { name: "Keep both" }).click();
    await app.appears("a (2).txt", { version: 1 });
    await page.reload();
    await app.isSignedIn();
    await app.drop(of(7, "a.txt"), null, { answer: null });
    await app.appears("a (3).txt", { version: 1 });
    await page.getByTestId("remembered").getByRole("button", { name: "Ask again" }).click();
    await app.drop(of(8, "a.txt"), null, { answer: "Skip" });
    await page.getByText("1 file was skipped").waitFor();
    await holds(app, { ...second, "a.txt": "a.txt 5", "a (2).txt": "a.txt 6", "a (3).txt": "a.txt 7" }, "at the end");
  }));

test("what is picked while the one before is on its way is the version after it", () =>
  journey(async (journey) => {
    const { a } = await journey.computers("a");
    const { app } = a;
    a.proxy.limitUploads(2_000_000);
    const first = randomBytes(6_000_000);
    await app.pickFiles([journey.file("1/image.jpg", first)]);
    await app.uploadIs("image.jpg", ["uploading"]);
    await app.pickFiles([journey.file("2/image.jpg", "second")]);
    await app.pickFiles([journey.file("3/image.jpg", "second")]);
    await app.uploadIs("image.jpg", ["behind"]);
    a.proxy.limitUploads(Infinity);
    // The third is what the second is: that is said once it was compared.
    await app.page.getByRole("heading", { name: "2 files uploaded, 1 had not changed" }).waitFor({ timeout: UPLOAD });
    const [item] = await app.items();
    assert.equal(item.file.version, 2);
    const sizes = [1, 2].map((version) => app.api(`/api/v1/files/${item.id}/manifest?version=${version}`));
    assert.deepEqual((await Promise.all(sizes)).map(({ json }) => json.size), [first.length, "second".length]);

    // Without a connection, and with a reload between: both are kept and sent.
    a.proxy.cutApi();
    await app.connectionIs("reconnecting");
    await app.pickFiles([journey.file("4/image.jpg", "the third")]);
    await app.pickFiles([journey.file("5/image.jpg", "the fourth")]);
    const isKept = ({ content, later }) => [content, ...(later ?? [])].every(({ wanted }) => wanted.bytes === "kept");
    await eventually(async () => {
      const [edit] = await edits(app.page);
      return edit?.later?.length === 1 && isKept(edit) && (await copies(app.page)).length === 2;
    }, "both are kept");
    await app.page.reload();
    await app.uploadIs("image.jpg", ["behind"]);
    a.proxy.mend();
    await app.appears("image.jpg", { version: 4, timeout: UPLOAD });
    const text = async (version) => (await app.api(`/api/v1/files/${item.id}/content?version=${version}`)).text;
    assert.deepEqual([await text(3), await text(4)], ["the third", "the fourth"]);
  }));

test("what can't be taken in is one list, and system files are left out by name", () =>
  journey(async (journey) => {
    const { a } = await journey.computers("a");
    const { app } = a;
    const { page } = app;
    // Entries that can't be read can't be made of a disk that root may read.
    await page.evaluate(() => {
      const unreadable = (name) => ({ name, isFile: true, isDirectory: false, file: (_, failed) => failed(new DOMException("no", "NotReadableError")) });
      const readable = (name) => ({ name, isFile: true, isDirectory: false, file: (done) => done(new File(["text"], name)) });
      const many = Array.from({ length: 400 }, (_, n) => unreadable(`locked ${n}`));
      const children = [...many, unreadable(""), readable("good.txt"), readable("bad\u202Ename.txt"), readable(".DS_Store"), readable("Icon\r"), readable("Thumbs.db")];
      const folder = { name: "Photos", isFile: false, isDirectory: true, createReader: () => ({ readEntries: (done) => done(children.splice(0, 100)) }) };
      const get = DataTransferItem.prototype.webkitGetAsEntry;
      DataTransferItem.prototype.webkitGetAsEntry = function () {
        DataTransferItem.prototype.webkitGetAsEntry = get;
        return folder;
      };
    });
    await app.drop([journey.file("Photos", "stands for a folder")]);
    await app.page.getByRole("heading", { name: "1 file uploaded" }).waitFor({ timeout: UPLOAD });
    await page.getByTestId("left-out").getByText("402 files and folders could not be uploaded · 3 system files left out").waitFor();
    assert.equal(await page.getByTestId("notice").count(), 0, "toasts");
    await look(page, "left-out");
    await page.getByTestId("left-out").getByRole("button", { name: "List" }).click();
    const dialog = page.getByRole("dialog", { name: "Not uploaded" });
    for (const text of ["Photos/locked 399", "A file in “Photos” whose name can’t be read", "Photos/.DS_Store"]) await dialog.getByText(text).waitFor();
    await look(page, "left-out-list");
    await dialog.getByRole("button", { name: "Dismiss" }).click();
    await page.getByTestId("left-out").waitFor({ state: "detached" });
    await holds(app, { "Photos/good.txt": "text" }, "what could be read is there");
  }));

test("a cancelled drop ends with nothing more taken in, sent or made", () =>
  journey(async (journey) => {
    const { a } = await journey.computers("a");
    const { app } = a;
    const { page } = app;
    for (let n = 0; n < 3_000; n += 1) journey.file(`many/${n % 30}/${n}.txt`, `file ${n}`);
    await app.drop([path.join(journey.folder, "files", "many")]);
    await eventually(async () => (await app.items()).some((item) => item.file), "the first files are there", UPLOAD);
    await page.getByRole("button", { name: "Cancel all" }).click();
    const heading = page.getByRole("heading", { name: /^[\d,]+ of 3,000 files uploaded, [\d,]+ cancelled$/ });
    await heading.waitFor();
    const there = async () => {
      const items = await app.items();
      return { files: items.filter((item) => item.file).length, folders: items.filter((item) => !item.file).length };
    };
    // What was being stored at that moment may still end; then it is quiet.
    let before = await there();
    await eventually(async () => {
      await page.waitForTimeout(500);
      const now = await there();
      const same = JSON.stringify(now) === JSON.stringify(before);
      before = now;
      return same;
    }, "it comes to rest");
    const mark = a.proxy.requests.length;
    await page.waitForTimeout(2_000);
    assert.deepEqual(await there(), before, "nothing more is made");
    assert.equal(a.proxy.matching(/^POST \/api\/v1\/(blocks|files|folders)/, mark).length, 0, "requests after that");
    const said = Number((await heading.innerText()).split(" ")[0].replaceAll(",", ""));
    assert.equal(said, before.files, "what it says is what is there");
    assert.equal(await page.locator("[data-pending=true]").count(), 0, "rows that wait");
    console.log(`  ${before.files} of 3,000 files and ${before.folders} of 31 folders were made`);
  }));
