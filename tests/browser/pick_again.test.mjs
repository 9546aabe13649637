// A reload in the middle of an upload. The browser has lost the file, so the
// panel says which one to pick again; then only what is missing travels.
import { closeSync, openSync, statSync, ftruncateSync } from "node:fs";
import { randomBytes } from "node:crypto";
import path from "node:path";
import { test } from "node:test";
import { SOON, UPLOAD, newUser, sha256OfFile } from "./support/app.mjs";
import { eventually, expect } from "./support/expect.mjs";
import { journey } from "./support/journey.mjs";
import { pickAgain, reloadAnyway } from "./support/unsent.mjs";

const BLOCKS = /^POST \/api\/v1\/blocks/;
const acknowledged = (proxy, mark = 0) =>
  proxy.matching(BLOCKS, mark).filter(({ status }) => status === 200).reduce((sum, { sent }) => sum + sent, 0);

async function signedIn(journey) {
  const a = await journey.profile("a");
  await a.app.signUp(newUser());
  return a;
}

async function uploadsPart(journey, a, app = a.app) {
  const file = journey.file("movie.bin", randomBytes(40_000_000));
  a.proxy.limitUploads(6_000_000);
  await app.drop([file]);
  await eventually(() => acknowledged(a.proxy) > 12_000_000, "12 MB acknowledged", UPLOAD);
  return file;
}

test("reload in mid-upload, pick again, and only the rest travels", () =>
  journey(async (journey) => {
    const a = await signedIn(journey);
    const file = await uploadsPart(journey, a);
    const size = statSync(file).size;
    await reloadAnyway(a.app.page);
    await a.app.uploadIs("movie.bin", ["pick_again"]);
    const row = await a.app.page.getByTestId("upload").innerText();
    expect(row.includes("40 MB"), `the row names the size: ${row}`).toBe(true);

    const kept = acknowledged(a.proxy);
    const mark = a.proxy.requests.length;
    a.proxy.limitUploads(Infinity);
    await pickAgain(a.app.page, "movie.bin", file);
    await a.app.uploadIs("movie.bin", ["done"], UPLOAD);
    await a.app.appears("movie.bin", { version: 1 });
    const again = acknowledged(a.proxy, mark);
    console.log(`  of ${size} bytes, ${kept} were acknowledged before the reload and ${again} sent after it`);
    expect(again, "bytes sent after the reload").toBeBelow((size - kept) * 1.02 + 100_000);
    expect(sha256OfFile(await a.app.download("movie.bin")), "the file").toBe(sha256OfFile(file));
  }));

test("dropping the file onto its place does as well", () =>
  journey(async (journey) => {
    const a = await signedIn(journey);
    const file = await uploadsPart(journey, a);
    await reloadAnyway(a.app.page);
    await a.app.uploadIs("movie.bin", ["pick_again"]);
    const kept = acknowledged(a.proxy);
    const mark = a.proxy.requests.length;
    a.proxy.limitUploads(Infinity);
    await a.app.drop([file]);
    await a.app.uploadIs("movie.bin", ["done"], UPLOAD);
    expect(await a.app.page.getByTestId("upload").count(), "rows of the panel").toBe(1);
    expect(acknowledged(a.proxy, mark), "bytes sent after the reload").toBeBelow((statSync(file).size - kept) * 1.02 + 100_000);
  }));

test("nobody is asked for a file that the server has whole", () =>
  journey(async (journey) => {
    const a = await signedIn(journey);
    a.proxy.refuse(/^\/api\/v1\/files(\/batch)?$/);
    // The blocks of one small file alone would travel with its commit.
    const names = ["one.txt", "two.txt"];
    await a.app.drop(names.map((name) => journey.file(name, `${name} is sent, but not committed`)));
    await eventually(() => acknowledged(a.proxy) > 0, "their blocks are there");
    await eventually(async () => (await a.app.page.locator("[data-stage=offline]").count()) === names.length, "they wait");
    await reloadAnyway(a.app.page);
    a.proxy.mend();
    for (const name of names) await a.app.appears(name, { version: 1, timeout: 3 * SOON });
  }));

test("reload in mid-hash", () =>
  journey(async (journey) => {
    const a = await signedIn(journey);
    const file = path.join(journey.folder, "image.raw");
    const handle = openSync(file, "w");
    ftruncateSync(handle, 900_000_000);
    closeSync(handle);
    await a.app.drop([file]);
    await a.app.uploadIs("image.raw", ["hashing"]);
    await reloadAnyway(a.app.page);
    await a.app.uploadIs("image.raw", ["pick_again"]);
    await pickAgain(a.app.page, "image.raw", file);
    await a.app.appears("image.raw", { version: 1, timeout: UPLOAD });
  }));

test("a tab closed in mid-upload leaves its upload to another", () =>
  journey(async (journey) => {
    const a = await signedIn(journey);
    const second = await a.newTab();
    await second.open();
    await second.isSignedIn();
    const file = await uploadsPart(journey, a, second);
    await second.page.close();

    await a.app.uploadIs("movie.bin", ["pick_again"], 2 * SOON);
    const kept = acknowledged(a.proxy);
    const mark = a.proxy.requests.length;
    a.proxy.limitUploads(Infinity);
    await pickAgain(a.app.page, "movie.bin", file);
    await a.app.uploadIs("movie.bin", ["done"], UPLOAD);
    expect(acknowledged(a.proxy, mark), "bytes sent by the other tab").toBeBelow((statSync(file).size - kept) * 1.02 + 100_000);
  }));
