// A whole drive is taken out and brought into another one.
//  1. Ann has folders in folders, an empty one, odd names, a file of three versions of which
//     one is named, and a file that has old bytes again. She exports it with versions.
//  2. Bob, who has nothing, imports it: folders, names, times, bytes and versions are hers.
//  3. He imports it once more: nothing comes twice.
//  4. A file that was changed in the zip, and something that is no export, are refused by
//     name, and the rest comes in, below a folder of its own.
//  5. The page is closed after a part: the export goes on with that part.
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, utimesSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { UPLOAD, sha256 } from "./support/app.mjs";
import { axe } from "./support/axe.mjs";
import { eventually, expect } from "./support/expect.mjs";
import { journey } from "./support/journey.mjs";
import { readZip, textInZip } from "./support/zip.mjs";

const CHANGED = new Date(2009, 1, 15, 4, 30, 10);
const MANIFEST = "driftless-export.json";

const openStorage = async ({ page, url }) => {
  await page.goto(new URL("/storage", url).href);
  await page.getByRole("button", { name: "Export everything" }).or(page.getByRole("button", { name: "Go on" })).first().waitFor();
};

/** The zip of the only part, and what the page says in the end. */
async function exported({ page }) {
  const [download] = await Promise.all([page.waitForEvent("download", { timeout: UPLOAD }), page.getByRole("button", { name: "Export everything" }).click()]);
  expect(await download.failure(), "the download").toBe(null);
  const file = await download.path();
  // What had the keyboard has gone with what was shown.
  const saved = page.getByRole("button", { name: "It is saved" });
  await page.locator(":focus").and(saved).waitFor();
  await axe(page, "an export that was handed to the browser");
  await page.keyboard.press("Enter");
  await page.getByTestId("export-words").filter({ hasText: "The export is complete" }).waitFor();
  await page.locator(":focus").and(page.getByRole("button", { name: "Export everything" })).waitFor();
  return { file, name: download.suggestedFilename() };
}

async function imported({ page }, zips) {
  await page.getByTestId("pick-export").setInputFiles(zips);
  const words = page.getByTestId("import-words").filter({ hasText: /came in|The import stopped/ });
  await words.waitFor({ timeout: UPLOAD });
  return words.textContent();
}

/** All of a drive by paths: of each file its versions with times and bytes. */
async function drive(app, below = "") {
  const items = await app.items();
  const pathOf = (item) => {
    const above = items.find(({ id }) => id === item.parent);
    return above ? `${pathOf(above)}/${item.name}` : item.name;
  };
  const all = {};
  for (const item of items) {
    const name = pathOf(item);
    if (!name.startsWith(below)) continue;
    if (!item.file) {
      all[`${name.slice(below.length)}/`] = "folder";
      continue;
    }
    const { json } = await app.api(`/api/v1/files/${item.id}/versions`);
    const versions = [];
    for (const version of json.versions.toReversed()) {
      const { body } = await app.page.evaluate(
        async (address) => ({ body: [...new Uint8Array(await (await fetch(address)).arrayBuffer())] }),
        `/api/v1/files/${item.id}/content?version=${version.version}`,
      );
      versions.push([sha256(Buffer.from(body)), version.modified_at_ms, version.name ?? ""]);
    }
    all[name.slice(below.length)] = versions;
  }
  return all;
}

test("a drive that was exported is the same where it is imported", () =>
  journey(async (journey) => {
    const [ann, bob] = await journey.people("ann", "bob");
    const put = (name, text, at) => {
      const file = journey.file(name, text);
      utimesSync(file, at, at);
      return file;
    };
    put("Work/d/report.txt", "first", CHANGED);
    put("Work/Übung/ä #1 100%.txt", "odd", new Date(2020, 5, 1));
    put("Work/empty.bin", "", CHANGED);
    mkdirSync(path.join(journey.folder, "files", "Work", "nothing in it"));
    await ann.app.drop([path.join(journey.folder, "files", "Work")]);
    const count = async (app, n) => eventually(async () => (await app.items()).length === n, `${n} items`, UPLOAD);
    await count(ann.app, 7);

    // Two more versions, the last with the first bytes again; the second has a name.
    await ann.app.openFolder("Work");
    await ann.app.openFolder("d");
    for (const [n, text] of [["2", "second, and longer"], ["3", "first"]]) {
      const next = put(`next ${n}/report.txt`, text, new Date(2011, Number(n), 1));
      await ann.app.drop([next]);
      await eventually(async () => (await ann.app.items()).some(({ file }) => file?.version === Number(n)), `version ${n}`, UPLOAD);
    }
    const report = (await ann.app.items()).find(({ name }) => name === "report.txt");
    await ann.page.evaluate(
      ([id]) =>
        fetch(`/api/v1/files/${id}/versions`, {
          method: "PATCH",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ version: 2, base_marks: 0, name: "For the board", pinned: true }),
        }),
      [report.id],
    );

    // 1
    await openStorage(ann.app);
    await ann.page.getByRole("button", { name: "With earlier versions" }).click();
    const zip = await exported(ann.app);
    expect(/^Driftless export \d{4}-\d\d-\d\d, part 1\.zip$/.test(zip.name), zip.name).toBe(true);
    execFileSync("unzip", ["-tqq", zip.file]);
    const entries = readZip(zip.file);
    expect(Object.keys(entries).filter((name) => !name.endsWith("/")).sort(), "files of the zip").toBe([
      MANIFEST,
      "drive/Work/d/report.txt",
      "drive/Work/empty.bin",
      "drive/Work/Übung/ä #1 100%.txt",
      "versions/Work/d/report.txt/1.txt",
      "versions/Work/d/report.txt/2.txt",
    ].sort());
    const about = JSON.parse(textInZip(zip.file, MANIFEST));
    expect([about.format, about.part, about.is_last, about.omitted], "what it says of itself").toBe(["driftless-export", 1, true, []]);

    // 2
    const copy = path.join(journey.folder, "export.zip");
    copyFileSync(zip.file, copy);
    await openStorage(bob.app);
    const first = await imported(bob.app, [copy]);
    expect(first, "what became of it").toBe("5 files and versions came in.");
    const hers = await drive(ann.app);
    expect(await drive(bob.app), "Bob's drive").toBe(hers);

    // 3
    expect(await imported(bob.app, [copy]), "once more").toBe("Nothing new came in, 5 were there already.");
    expect(await drive(bob.app), "Bob's drive after that").toBe(hers);

    // 4
    const harmed = path.join(journey.folder, "harmed.zip");
    copyFileSync(copy, harmed);
    execFileSync("python3", ["-c", "import sys; p=sys.argv[1]; b=open(p,'rb').read(); i=b.index(b'odd'); open(p,'wb').write(b[:i]+b'ODD'+b[i+3:])", harmed]);
    const other = journey.file("other.zip", "this is no zip");
    await bob.page.getByRole("button", { name: "Into a new folder" }).click();
    const part = await imported(bob.app, [harmed, other]);
    expect(part, "what became of that").toBe("4 files and versions came in, 2 were not imported.");
    await bob.page.getByTestId("import").getByText("damaged in the zip").waitFor();
    await bob.page.getByTestId("import").getByText("it is no zip").waitFor();
    const folder = (await bob.app.items()).find(({ name }) => name.startsWith("Import ")).name;
    const { "Work/Übung/ä #1 100%.txt": odd, ...rest } = hers;
    expect(odd.length, "the harmed one").toBe(1);
    expect(await drive(bob.app, `${folder}/`), "what came in there").toBe(Object.fromEntries(Object.entries(rest).filter(([name]) => name !== "Work/Übung/")));

    // 5
    const [download] = await Promise.all([
      ann.page.waitForEvent("download", { timeout: UPLOAD }),
      ann.page.getByRole("button", { name: "Export everything" }).click(),
    ]);
    await download.path();
    await ann.page.getByRole("button", { name: "It is saved" }).waitFor();
    await openStorage(ann.app);
    await ann.page.getByTestId("export-words").filter({ hasText: "goes on with part 1" }).waitFor();
    const [again] = await Promise.all([ann.page.waitForEvent("download", { timeout: UPLOAD }), ann.page.getByRole("button", { name: "Go on" }).click()]);
    expect(again.suggestedFilename(), "the same part").toBe(download.suggestedFilename());
  }));
