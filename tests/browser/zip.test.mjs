// Several files or a folder are downloaded as one zip.
//  1. A drops a folder with small files, nested folders with umlauts, an empty one,
//     two equal files and one of 13 MB. B, which has nothing of it, downloads the
//     folder: all of it is there, with its times, and unzip finds it whole.
//  2. A chooses 300 files and downloads them: one zip, one notice.
//  3. The server has lost a block: the zip says which file is not in it.
//  4. Without a connection: A makes it from what it keeps. B, which keeps one file of
//     it, is told before it begins.
import { execFileSync } from "node:child_process";
import { randomFillSync } from "node:crypto";
import { mkdirSync, utimesSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { SOON, UPLOAD, sha256 } from "./support/app.mjs";
import { cacheHas } from "./support/block_cache.mjs";
import { eventually, expect } from "./support/expect.mjs";
import { journey } from "./support/journey.mjs";
import { longestTask, watchLongTasks } from "./support/tasks.mjs";
import { readZip, textInZip } from "./support/zip.mjs";

const BIG = 13_500_000;
/** A Sunday in winter, by the clock of this computer and of the browser on it. */
const CHANGED = new Date(2009, 1, 15, 4, 30, 10);

/** What comes of a press: the download's name, and the file. */
async function downloaded({ page }, press) {
  const [download] = await Promise.all([page.waitForEvent("download", { timeout: UPLOAD }), press()]);
  expect(await download.failure(), "the download").toBe(null);
  return { name: download.suggestedFilename(), file: await download.path() };
}

const notice = ({ page }, text) => page.getByTestId("notice").filter({ hasText: text }).first().waitFor({ timeout: UPLOAD });

const chooseAll = async ({ page }) => {
  await page.getByRole("grid", { name: "Files" }).focus();
  await page.keyboard.press("Control+a");
};

const download = (app) => () => app.page.getByRole("button", { name: "Download", exact: true }).click();

test("a folder and many chosen files arrive as one whole zip", () =>
  journey(async (journey) => {
    const { a, b } = await journey.computers("a", "b");
    const big = randomFillSync(Buffer.alloc(BIG));
    const files = { "Fotos/Übung/größe.txt": Buffer.from("nested"), "Fotos/big.bin": big, "Fotos/Übung/same.bin": big.subarray(0, 300_000), "Fotos/a same.bin": big.subarray(0, 300_000), "Fotos/leer.txt": Buffer.alloc(0) };
    for (let i = 0; i < 30; i += 1) files[`Fotos/klein ${i}.txt`] = Buffer.from(`file number ${i}\n`.repeat(1 + i * 20));
    for (const [name, bytes] of Object.entries(files)) utimesSync(journey.file(name, bytes), CHANGED, CHANGED);
    const folder = path.join(journey.folder, "files", "Fotos");
    mkdirSync(path.join(folder, "nichts drin"));
    await a.app.drop([folder]);
    const count = Object.keys(files).length;
    await eventually(async () => (await a.app.items()).length === count + 3, "all of it on the server", UPLOAD);

    // A zip is of what is known here when it is asked for.
    await b.app.openFolder("Fotos");
    // Two of the files are in one of the two folders there: so it has as many rows as there are files.
    const rows = async () => Number(await b.app.page.getByRole("grid", { name: "Files" }).getAttribute("aria-rowcount"));
    await eventually(async () => (await rows()) === count + 1, "all rows of the folder, and the heads", UPLOAD);
    await b.app.openFolder("Übung");
    for (const name of ["größe.txt", "same.bin"]) await b.app.appears(name);
    await b.app.page.getByRole("navigation", { name: "Path" }).getByRole("link", { name: "Files" }).click();
    await watchLongTasks(b.app.page);
    let since = performance.now();
    const whole = await downloaded(b.app, () => b.app.choose("Fotos", "Download"));
    console.log(`  ${count} files with ${BIG} bytes: ${Math.round(performance.now() - since)} ms`);
    expect(whole.name, "the zip's name").toBe("Fotos.zip");
    await notice(b.app, `“Fotos.zip” has ${count} files`);
    execFileSync("unzip", ["-tqq", whole.file]);
    const entries = readZip(whole.file);
    const folders = ["Fotos/", "Fotos/Übung/", "Fotos/nichts drin/"];
    expect(Object.keys(entries).sort(), "its entries").toBe([...Object.keys(files), ...folders].sort());
    for (const [name, bytes] of Object.entries(files)) {
      expect(entries[name].sha256, name).toBe(sha256(bytes));
      expect(entries[name].time, `the time of ${name}`).toBe([2009, 2, 15, 4, 30, 10]);
    }
    expect(folders.every((name) => entries[name].folder), "folders").toBe(true);
    const task = await longestTask(b.app.page);
    console.log(`  the longest task took ${task === 0 ? "under 50" : Math.round(task)} ms`);

    // One file of those chosen is on no disk by that name.
    await b.app.openFolder("Fotos");
    await b.app.rename("klein 7.txt", "a?.txt");
    await a.app.openFolder("Fotos");
    await a.app.appears("a?.txt");
    await chooseAll(b.app);
    const chosen = await downloaded(b.app, download(b.app));
    expect(chosen.name, "the zip's name").toBe("Fotos.zip");
    await notice(b.app, "“a?.txt” is “a_.txt”");
    expect(Object.keys(readZip(chosen.file)).length, "entries").toBe(count + 2);

    // The server's copy of one file is gone.
    const { json } = await b.app.api(`/api/v1/files/${(await b.app.items()).find(({ name }) => name === "klein 3.txt")?.id}/manifest?version=1`);
    const [lost] = json.blocks[0];
    // What is asked for is read below, so it has to travel as it is: as from a browser that can't compress.
    await b.app.page.evaluate(() => delete globalThis.CompressionStream);
    await b.app.page.route("**/api/v1/blocks/fetch", (route) => {
      if (!route.request().postData().includes(lost)) return route.fallback();
      return route.fulfill({ status: 404, contentType: "application/json", body: JSON.stringify({ code: "no_such_block", message: "There is no such block" }) });
    });
    await b.app.page.goBack();
    await b.app.appears("Fotos");
    const part = await downloaded(b.app, () => b.app.choose("Fotos", "Download"));
    await notice(b.app, `“Fotos.zip” has ${count - 1} of ${count} files. Not in it: “Fotos/klein 3.txt” (it is damaged`);
    const left = readZip(part.file);
    expect("Fotos/klein 3.txt" in left, "the damaged file is in it").toBe(false);
    expect(left["Fotos/klein 4.txt"].sha256, "the one after it").toBe(sha256(files["Fotos/klein 4.txt"]));
    expect(textInZip(part.file, "Not in this zip.txt").includes("Fotos/klein 3.txt: it is damaged"), "it says so inside").toBe(true);
    await b.app.page.unroute("**/api/v1/blocks/fetch");

    // Offline: A has sent all of it, and B has downloaded one file by itself.
    await b.app.openFolder("Fotos");
    await b.app.download("a same.bin");
    await cacheHas(b.app.page, 300_000);
    await b.goOffline();
    await b.app.connectionIs("offline");
    await b.app.page.goBack();
    await b.app.appears("Fotos");
    await b.app.choose("Fotos", "Download");
    const dialog = b.app.page.getByRole("dialog", { name: /^Download \d+ of/ });
    await dialog.getByText("Fotos/big.bin").waitFor({ timeout: SOON });
    const few = await downloaded(b.app, () => dialog.getByRole("button", { name: /^Download/ }).click());
    const kept = readZip(few.file);
    expect(kept["Fotos/a same.bin"].sha256, "the file that B keeps").toBe(sha256(files["Fotos/a same.bin"]));
    expect(textInZip(few.file, "Not in this zip.txt").includes("Fotos/big.bin: there was no connection"), "what is not in it").toBe(true);
  }));

test("300 chosen files are one download and one notice", () =>
  journey(async (journey) => {
    const { a } = await journey.computers("a");
    const { page } = a.app;
    for (let i = 0; i < 300; i += 1) journey.file(`many/${i}.txt`, `file number ${i}\n`.repeat(1 + (i % 50)));
    await a.app.drop([path.join(journey.folder, "files", "many")]);
    await page.getByRole("heading", { name: "300 files uploaded" }).waitFor({ timeout: UPLOAD });
    await a.app.openFolder("many");
    await a.app.appears("0.txt");
    await chooseAll(a.app);
    let downloads = 0;
    page.on("download", () => (downloads += 1));
    const since = performance.now();
    const { file } = await downloaded(a.app, download(a.app));
    console.log(`  300 files as a zip: ${Math.round(performance.now() - since)} ms`);
    await notice(a.app, "“many.zip” has 300 files");
    expect(Object.keys(readZip(file)).length, "entries").toBe(300);
    expect(downloads, "downloads").toBe(1);
    expect(await page.getByTestId("notice").count(), "notices").toBe(1);
  }));
