// Files are opened in the page: by each way, each kind, one after the other, and those that
// would like to run.
import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { SOON, UPLOAD, newUser } from "./support/app.mjs";
import { eventually, expect } from "./support/expect.mjs";
import { journey } from "./support/journey.mjs";
import { look } from "./support/look.mjs";
import { made } from "./support/made.mjs";

/** A file that Python wrote: its path, in the folder of the journey. */
function byPython(journey, name, program) {
  const file = journey.file(name, "");
  execFileSync("python3", ["-X", "utf8", "-c", program, file]);
  return file;
}

const CSV = `
import csv, sys
with open(sys.argv[1], "w", newline="", encoding="utf-8") as file:
    rows = csv.writer(file)
    rows.writerow(["Name", "Größe, cm", "Note"])
    for i in range(2500):
        rows.writerow([f"row {i}", i * 1.5, 'says "hi",\\nand goes'])
`;
const ZIP = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w") as archive:
    archive.writestr("notes/über.txt", "x" * 12)
    archive.writestr("photo.png", b"p" * 2048)
`;
// 5 GB of nothing, as 5 MB.
const BOMB = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
    with archive.open(zipfile.ZipInfo("bomb.txt"), "w", force_zip64=True) as entry:
        pass
data = open(sys.argv[1], "rb").read()
at = data.rindex(b"PK\\x01\\x02")
size = (5 << 30).to_bytes(8, "little")
extra = b"\\x01\\x00\\x10\\x00" + size + size
name = data[at + 46 : at + 46 + int.from_bytes(data[at + 28 : at + 30], "little")]
entry = data[at : at + 20] + b"\\xff" * 8 + data[at + 28 : at + 30] + len(extra).to_bytes(2, "little") + data[at + 32 : at + 46] + name + extra
end = bytearray(data[data.rindex(b"PK\\x05\\x06") :])
end[12:16] = len(entry).to_bytes(4, "little")
open(sys.argv[1], "wb").write(data[:at] + entry + bytes(end))
`;
const MARKDOWN = `# Überschrift

Some *words*, \`code\` and [a link](https://example.org/).

- [x] done
- [ ] open

| a | b |
|---|--:|
| 1 | 2 |

![A cat](https://evil.example/cat.png)
`;
const SCRIPT = "document.title = 'ran'; globalThis.ran = true; fetch('/api/v1/accounts/me?ran')";

const viewer = ({ page }) => page.locator("dialog.viewer");
const shown = (app) => viewer(app).getByTestId("preview");
const showsFile = (app, name) => viewer(app).getByRole("heading", { level: 2, name, exact: true }).waitFor({ timeout: SOON });
const isClosed = (app) => viewer(app).waitFor({ state: "detached", timeout: SOON });
const position = (app) => viewer(app).getByTestId("viewer-position").innerText();
const onRow = ({ page }) =>
  page.evaluate(() => {
    const list = document.activeElement?.closest("[role=grid]");
    const active = list?.getAttribute("aria-activedescendant");
    return active ? document.getElementById(active)?.dataset.name : null;
  });

async function signedUp(journey) {
  const { app, context, proxy } = await journey.profile("a");
  const user = newUser();
  await app.signUp(user);
  return { app, context, proxy, user };
}

async function upload(app, files) {
  await app.pickFiles(files);
  await eventually(async () => (await app.items()).length >= files.length, "all of it is on the server", UPLOAD);
  for (const file of files) await app.appears(path.basename(file), { version: 1 });
}

async function open(app, name) {
  await app.choose(name, "Open");
  await showsFile(app, name);
}

const field = (app) => viewer(app).getByRole("textbox");
const editorSays = (app, words) => viewer(app).getByTestId("editor-state").getByText(words).waitFor({ timeout: SOON });

/** The bytes of a version, each as a character. */
const versionOf = async (app, name, version) => {
  const { id } = (await app.items()).find((item) => item.name === name);
  return (await app.api(`/api/v1/files/${id}/content?version=${version}`)).text;
};

async function close(app) {
  await viewer(app).getByRole("button", { name: "Close", exact: true }).click();
  await isClosed(app);
}

test("a file opens by each way, its neighbours follow, and closing it leads back to its row", () =>
  journey(async (journey) => {
    const { app, user } = await signedUp(journey);
    const { page } = app;
    const files = ["a", "b", "c"].map((name) => journey.file(`${name}.txt`, `This is ${name}.\n`));
    await upload(app, files);
    await app.newFolder("Folder");
    await app.appears("Folder");

    // A press on its name, and Escape.
    await app.row("b.txt").locator(".row-name").click();
    await showsFile(app, "b.txt");
    await shown(app).getByText("This is b.").waitFor({ timeout: SOON });
    expect(new URL(page.url()).pathname, "the address").toMatch(/^\/files\/[0-9a-f-]+$/);
    expect(await position(app), "where it is").toBe("2 of 3");
    await look(page, "viewer-text");
    await page.keyboard.press("Escape");
    await isClosed(app);
    expect(new URL(page.url()).pathname, "the address").toBe("/");
    await eventually(async () => (await onRow(app)) === "b.txt", "the keyboard is back on its row");

    // Enter, and the next and the one before, to both ends.
    await page.keyboard.press("Enter");
    await showsFile(app, "b.txt");
    await page.keyboard.press("ArrowRight");
    await showsFile(app, "c.txt");
    await shown(app).getByText("This is c.").waitFor({ timeout: SOON });
    expect(await viewer(app).getByRole("button", { name: "Next file" }).count(), "a next one").toBe(0);
    await page.keyboard.press("ArrowRight");
    await showsFile(app, "c.txt");
    await viewer(app).getByRole("button", { name: "Previous file" }).click();
    await page.keyboard.press("ArrowLeft");
    await showsFile(app, "a.txt");
    expect(await position(app), "where it is").toBe("1 of 3");

    // A reload opens it again, and "back" closes it.
    await page.reload();
    await showsFile(app, "a.txt");
    await shown(app).getByText("This is a.").waitFor({ timeout: SOON });
    await page.goBack();
    await isClosed(app);
    await eventually(async () => (await onRow(app)) === "a.txt", "the keyboard is on the row of the last one");

    // The space bar and a double press; a folder opens as ever.
    await page.keyboard.press("Space");
    await showsFile(app, "a.txt");
    await page.keyboard.press("Escape");
    await isClosed(app);
    await app.row("c.txt").locator(".cell-size").dblclick();
    await showsFile(app, "c.txt");
    await close(app);
    await app.openFolder("Folder");
    await page.getByText("This folder is empty").or(page.locator(".empty")).first().waitFor({ timeout: SOON });
    await page.goBack();
    await app.appears("a.txt");

    // A new text has a name that is free, and is typed in at once.
    await app.new("New text file");
    const name = page.getByRole("dialog", { name: "New text file" }).getByLabel("Name");
    await name.fill("c.txt");
    await page.keyboard.press("Enter");
    await page.getByRole("alert").filter({ hasText: /already/ }).waitFor({ timeout: SOON });
    await look(page, "new-text");
    await name.fill("notes.txt");
    await page.keyboard.press("Enter");
    await field(app).waitFor({ timeout: SOON });
    await page.keyboard.type("A note.\n");
    await page.keyboard.press("Control+s");
    await editorSays(app, "Saved as version 2.");
    expect(await versionOf(app, "notes.txt", 1), "the new text").toBe("");
    expect(await versionOf(app, "notes.txt", 2), "what was typed").toBe("A note.\n");
    await page.keyboard.press("Escape");
    await close(app);

    // A text is typed over. What was typed outlives the page, and saving it keeps line ends.
    const ends = journey.file("ends.txt", "one\r\ntwo\nthree\r\n");
    await upload(app, [ends]);
    await open(app, "ends.txt");
    await shown(app).getByText("three").waitFor({ timeout: SOON });
    await page.keyboard.press("e");
    await field(app).waitFor({ timeout: SOON });
    expect(await viewer(app).getByRole("button", { name: "Save", exact: true }).isDisabled(), "there is nothing to save").toBe(true);
    await page.keyboard.type("zero\n");
    await editorSays(app, "Not saved; kept in this browser.");
    await look(page, "viewer-editor");
    await page.reload();
    await viewer(app).getByTestId("unsaved").getByText(/^You have unsaved changes from /).waitFor({ timeout: SOON });
    await look(page, "viewer-unsaved");
    await viewer(app).getByRole("button", { name: "Go on" }).click();
    await field(app).waitFor({ timeout: SOON });
    expect(await field(app).inputValue(), "what was typed").toBe("zero\none\ntwo\nthree\n");
    await page.keyboard.press("Control+s");
    await editorSays(app, "Saved as version 2.");
    expect(await versionOf(app, "ends.txt", 2), "the bytes").toBe("zero\r\none\r\ntwo\nthree\r\n");

    // In another browser, the same text is typed over. The second to save gets both.
    const { app: other } = await journey.profile("b");
    await other.signIn(user);
    await other.appears("ends.txt", { version: 2 });
    await open(other, "ends.txt");
    await viewer(other).getByRole("button", { name: "Edit" }).click();
    await field(other).waitFor({ timeout: SOON });
    await other.page.keyboard.type("theirs\n");
    await page.keyboard.type("mine ");
    await page.keyboard.press("Control+s");
    await editorSays(app, "Saved as version 3.");
    await viewer(other).getByTestId("editor-newer").getByText(/^You saved version 3 on /).waitFor({ timeout: SOON });
    await other.page.keyboard.press("Control+s");
    await other.conflictDialog().waitFor({ timeout: SOON });
    const changes = (await app.api("/api/v1/changes/list")).json.changes;
    const [{ conflict }] = changes.filter((change) => change.kind === "conflict");
    expect(conflict.base_version, "what the second one was typed over").toBe(2);
    const kept = await app.api(`/api/v1/conflicts/${conflict.id}/content`);
    expect(kept.text, "the second text").toBe("theirs\r\nzero\r\none\r\ntwo\nthree\r\n");
    expect(await versionOf(app, "ends.txt", 3), "the first text").toBe("mine zero\r\none\r\ntwo\nthree\r\n");
    await page.keyboard.press("Escape");
    await viewer(app).getByRole("button", { name: "Edit" }).waitFor({ timeout: SOON });
    await close(app);

    // Each version is had by the row: looked at, made a file of its own and the newest again.
    await app.choose("ends.txt", "Versions");
    const versions = page.getByRole("dialog", { name: /^Versions? / });
    const listed = () => versions.getByTestId("versions").getByRole("listitem").count();
    await eventually(async () => (await listed()) === 3, "three versions are listed");
    await look(page, "versions");
    await versions.getByRole("button", { name: "Changes of version 3" }).click();
    await versions.getByText("1 line added, 1 removed").waitFor({ timeout: SOON });
    expect(await versions.getByRole("region", { name: "The two versions" }).locator("mark").allInnerTexts(), "the words that are new").toBe(["mine "]);
    await look(page, "version-changes");
    await versions.getByLabel("From").selectOption("1");
    await versions.getByText("1 line added, 0 removed").waitFor({ timeout: SOON });
    await versions.getByRole("button", { name: "All versions" }).click();
    await versions.getByRole("button", { name: "Open version 1" }).click();
    await versions.getByText("three").waitFor({ timeout: SOON });
    expect((await versions.getByTestId("preview").innerText()).includes("zero"), "version 1 is shown as it was").toBe(false);
    await look(page, "version-open");
    await versions.getByRole("button", { name: "Save version 1 as a copy" }).click();
    await versions.getByRole("button", { name: "Restore version 1" }).click();
    await versions.getByRole("button", { name: "All versions" }).click();
    await eventually(async () => (await listed()) === 4, "the restored one is the newest");
    // One is pinned and one gets a name, which pins it, too; both are so when they are listed again.
    await versions.getByRole("button", { name: "Pin version 2", exact: true }).click();
    await versions.getByRole("button", { name: "Unpin version 2" }).waitFor({ timeout: SOON });
    await versions.getByRole("button", { name: "Name version 1" }).click();
    await versions.getByLabel("Name of version 1").fill("As it was sent");
    await versions.getByRole("button", { name: "Save name" }).click();
    await versions.getByText("As it was sent").waitFor({ timeout: SOON });
    await look(page, "versions-named");
    await page.keyboard.press("Escape");
    await app.choose("ends.txt", "Versions");
    const words = (number) => versions.locator(`[data-version="${number}"]`).innerText();
    await eventually(async () => (await listed()) === 4, "all four are listed again");
    expect(/pinned/.test(await words(2)) && !/pinned/.test(await words(3)), "the pinned one is known").toBe(true);
    expect(/As it was sent · version 1 · pinned/.test(await words(1)), "the name is kept").toBe(true);
    await versions.getByText("All versions stay for 1 day").waitFor({ timeout: SOON });
    await page.keyboard.press("Escape");
    await app.appears("ends.txt", { version: 4 });
    expect(await versionOf(app, "ends.txt", 4), "the restored bytes").toBe("one\r\ntwo\nthree\r\n");
    await app.appears("ends (copy).txt", { version: 1 });
    expect(await versionOf(app, "ends (copy).txt", 1), "the copied bytes").toBe("one\r\ntwo\nthree\r\n");

    // The address alone opens it, and closing it leads to its folder.
    await app.drop([files[0]], "Folder");
    await app.openFolder("Folder");
    await app.appears("a.txt", { version: 1 });
    const folder = new URL(page.url()).pathname;
    const inside = (await app.items()).find((item) => item.name === "a.txt" && item.parent !== null);
    await page.goto(`${app.url}/files/${inside.id}`);
    await showsFile(app, "a.txt");
    await eventually(() => new URL(page.url()).pathname === `${folder}/files/${inside.id}`, "the address names the folder");
    await close(app);
    await eventually(() => new URL(page.url()).pathname === folder, "the folder is shown");

    // A file that somebody else trashes is said to be gone.
    await open(app, "a.txt");
    const trashed = await app.api(`/api/v1/items/${inside.id}/trash`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ operation_id: randomUUID(), base_place_version: inside.place_version }),
    });
    expect(trashed.status, `trashing it: ${trashed.text}`).toBe(200);
    await viewer(app).getByTestId("viewer-gone").waitFor({ timeout: SOON });
    await page.keyboard.press("Escape");
    await isClosed(app);
  }));

test("each kind of file is shown as what it is", () =>
  journey(async (journey) => {
    const { app, context, proxy } = await signedUp(journey);
    const { page } = app;
    const { png, pdf, webm, wav } = await made(context, "Looked at", "#d0dcf0");
    const font = readdirSync("node_modules/playwright-core/lib/vite/traceViewer").find((name) => name.endsWith(".ttf"));
    const python = "# A comment\ndef double(x):\n    return x * 2  # <b>not bold</b>\n";
    const files = [
      ...Object.entries({
        "photo.png": png,
        "report.pdf": pdf,
        "clip.webm": webm,
        "voice.wav": wav,
        "notes.md": MARKDOWN,
        "double.py": python,
        "letter.docx": "PK no browser shows it",
        "icons.ttf": readFileSync(path.join("node_modules/playwright-core/lib/vite/traceViewer", font)),
        "drawing.svg": `<svg xmlns="http://www.w3.org/2000/svg" width="300" height="200"><circle cx="150" cy="100" r="80" fill="teal"/></svg>`,
        "huge.ttf": Buffer.alloc((16 << 20) + 1, 7),
        "long.log": Buffer.from("one line of a long text\n".repeat(130_000)),
      }).map(([name, bytes]) => journey.file(name, bytes)),
      byPython(journey, "table.csv", CSV),
      byPython(journey, "archive.zip", ZIP),
      path.resolve("web/workers/sheets/tests/fixtures/made-by-openpyxl.xlsx"),
    ];
    await upload(app, files);

    const asked = [];
    page.on("request", (request) => {
      if (request.url().includes("/content")) asked.push({ url: request.url(), range: request.headers().range });
    });

    await open(app, "photo.png");
    const image = shown(app).locator("img");
    await eventually(() => image.evaluate((image) => image.complete && image.naturalWidth === 480), "the picture is there");
    const scale = () => image.evaluate((image) => new DOMMatrix(getComputedStyle(image).transform).a);
    await shown(app).getByRole("button", { name: "Larger" }).click();
    await eventually(async () => (await scale()) > 1.4, "it is larger");
    await shown(app).locator(".viewer-picture").focus();
    await page.keyboard.press("0");
    await eventually(async () => (await scale()) === 1, "it fits");
    await image.hover();
    // What is scrolled before the browser has drawn once more is lost.
    await eventually(async () => {
      await page.mouse.wheel(0, -300);
      return (await scale()) > 2;
    }, "the wheel makes it larger");
    await page.keyboard.press("r");
    await eventually(async () => Math.abs(await scale()) < 0.01, "it is turned");
    await look(page, "viewer-picture");
    await close(app);

    await open(app, "drawing.svg");
    const drawing = shown(app).locator("img");
    await eventually(() => drawing.evaluate((image) => image.complete && image.naturalWidth === 300 && image.src.startsWith("data:")), "the drawing is there");
    await close(app);

    await open(app, "clip.webm");
    const video = shown(app).locator("video");
    await eventually(() => video.evaluate((video) => video.readyState > 0 && video.videoWidth === 320), "the video is there");
    expect(asked.some(({ url, range }) => url.includes("clip.webm") && range?.startsWith("bytes=")), `asked for by range: ${JSON.stringify(asked)}`).toBe(true);
    await look(page, "viewer-video");
    await close(app);

    await open(app, "voice.wav");
    const sound = shown(app).locator("audio");
    await eventually(() => sound.evaluate((sound) => sound.readyState > 0 && sound.duration > 0.4), "the sound is there");
    await sound.evaluate((sound) => (sound.currentTime = 0.3));
    await eventually(() => sound.evaluate((sound) => !sound.seeking && sound.currentTime === 0.3), "it is at another place");
    await close(app);

    await open(app, "report.pdf");
    const frame = shown(app).locator("iframe");
    await frame.waitFor({ timeout: SOON });
    expect(await frame.getAttribute("src"), "where the PDF is").toMatch(/^blob:/);
    await look(page, "viewer-pdf");
    await close(app);

    await open(app, "notes.md");
    const markdown = shown(app).getByTestId("viewer-markdown");
    await markdown.getByRole("heading", { name: "Überschrift" }).waitFor({ timeout: SOON });
    expect(await markdown.locator("td").allInnerTexts(), "cells").toBe(["1", "2"]);
    expect(await markdown.getByRole("link", { name: "a link" }).getAttribute("rel"), "what its link tells").toMatch(/noopener noreferrer/);
    await markdown.getByText("Picture, not loaded: A cat").waitFor();
    expect(await markdown.locator("img").count(), "pictures from elsewhere").toBe(0);
    await look(page, "viewer-markdown");
    await page.keyboard.press("e");
    await field(app).waitFor({ timeout: SOON });
    await page.keyboard.type("## Typed\n\n");
    const preview = viewer(app).getByTestId("editor-preview");
    await preview.getByRole("heading", { name: "Typed" }).waitFor({ timeout: SOON });
    await preview.getByRole("heading", { name: "Überschrift" }).waitFor();
    await look(page, "viewer-markdown-editor");
    await field(app).press("Escape");
    await viewer(app).getByRole("button", { name: "Discard" }).click();
    await viewer(app).getByTestId("unsaved").waitFor({ state: "detached", timeout: SOON });
    await close(app);

    await open(app, "double.py");
    const code = shown(app).getByTestId("viewer-text");
    await eventually(async () => (await code.locator(".hljs-keyword").allInnerTexts()).join() === "def,return", "keywords have their colour", SOON);
    expect(await code.locator(".code-lines").innerText(), "the text").toBe(python.trimEnd());
    expect(await code.locator(".code-numbers").innerText(), "the numbers").toBe("1\n2\n3");
    expect(await code.locator("b").count(), "markup of the text").toBe(0);
    await look(page, "viewer-code");
    await close(app);

    await open(app, "table.csv");
    const table = shown(app).getByTestId("viewer-table");
    await eventually(async () => (await table.locator("tr").count()) === 1_000, "a thousand rows");
    expect(await shown(app).getByTestId("viewer-table-note").innerText(), "what is said").toBe("The first 1,000 rows of 2,501 rows, 3 columns");
    expect(await table.locator("tr").first().locator("th").allInnerTexts(), "the head").toBe(["Name", "Größe, cm", "Note"]);
    expect(await table.locator("tr").nth(2).locator("td").allInnerTexts(), "a row").toBe(["row 1", "1.5", 'says "hi",\nand goes']);
    await shown(app).locator(".viewer-scroll").evaluate((place) => place.scrollTo(0, 5_000));
    expect(await table.locator("th").first().isVisible(), "the head stays").toBe(true);
    await look(page, "viewer-table");
    await close(app);

    await open(app, "made-by-openpyxl.xlsx");
    await table.getByText("Tea & <b>cake</b>").waitFor({ timeout: SOON });
    expect(await table.locator("tr").first().locator("th").allInnerTexts(), "the letters").toBe(["A", "B", "C", "D", "E"]);
    expect(await table.locator("tr").nth(2).locator("td").allInnerTexts(), "a row").toBe(["Tea & <b>cake</b>", "1,234.50", "25.6%", "2026-11-29", ""]);
    await look(page, "viewer-sheets");
    await shown(app).getByRole("tab", { name: "Prices" }).press("End");
    await shown(app).getByText("The first 1,000 rows of 2,000 rows, the first 100 of 104 columns").waitFor({ timeout: SOON });
    expect(await shown(app).getByRole("tab").allInnerTexts(), "sheets that are not hidden").toBe(["Prices", "Empty", "Far"]);
    await close(app);

    await open(app, "archive.zip");
    const list = shown(app).getByTestId("viewer-zip");
    await list.getByText("notes/über.txt").waitFor({ timeout: SOON });
    expect(await list.locator("tbody tr").count(), "entries").toBe(2);
    await look(page, "viewer-zip");
    await close(app);

    await open(app, "icons.ttf");
    const sample = shown(app).getByTestId("viewer-font");
    await sample.waitFor({ timeout: SOON });
    expect(await sample.evaluate((place) => document.fonts.check(`20px ${getComputedStyle(place).fontFamily}`)), "the font is there").toBe(true);
    await look(page, "viewer-font");
    await close(app);
    expect(await page.evaluate(() => [...document.fonts].length), "fonts that stay").toBe(0);

    // Only so much of a long text travels.
    const mark = asked.length;
    await open(app, "long.log");
    await shown(app).getByText("These are the first").waitFor({ timeout: SOON });
    expect(asked.slice(mark).map(({ range }) => range), "what is asked for").toBe([`bytes=0-${(2 << 20) - 1}`]);
    await close(app);

    // All of a large font would: that is asked about first.
    const before = asked.length;
    await open(app, "huge.ttf");
    await shown(app).getByText("Show it all the same?").waitFor({ timeout: SOON });
    expect(asked.length, "requests before the answer").toBe(before);
    await look(page, "viewer-large");
    await shown(app).getByRole("button", { name: "Show it" }).click();
    await shown(app).getByTestId("unshown").waitFor({ timeout: SOON });
    await close(app);

    await open(app, "letter.docx");
    await shown(app).getByText("A browser does not know files of this kind.").waitFor({ timeout: SOON });
    const [download] = await Promise.all([page.waitForEvent("download"), shown(app).getByRole("link", { name: /^Download/ }).click()]);
    expect(readFileSync(await download.path(), "utf8"), "what is downloaded").toBe("PK no browser shows it");
    await look(page, "viewer-unshown");

    // Without a connection, what this device has sent is shown from what it keeps.
    await close(app);
    proxy.cutApi();
    await open(app, "photo.png");
    await eventually(() => image.evaluate((image) => image.src.startsWith("blob:") && image.complete && image.naturalWidth === 480), "the picture is there");
    await close(app);
    await open(app, "table.csv");
    await eventually(async () => (await table.locator("tr").count()) === 1_000, "the table is there");
    await close(app);
    proxy.mend();
    await open(app, "letter.docx");

    // Details, beside it and from the row.
    await viewer(app).getByRole("button", { name: "Details" }).click();
    const details = viewer(app).getByTestId("details");
    await details.getByText("Only you").waitFor({ timeout: SOON });
    const facts = await details.innerText();
    for (const fact of ["Document (.docx)", "22 B", "Files", "Version"]) expect(facts.includes(fact), `${fact} in ${facts}`).toBe(true);
    await look(page, "viewer-details");
    await close(app);
    await app.choose("photo.png", "Details");
    const dialog = page.getByRole("dialog", { name: "photo.png" });
    await dialog.getByText("Only you").waitFor({ timeout: SOON });
    await look(page, "details");
    await dialog.getByRole("link", { name: "Activity" }).click();
    await page.getByRole("heading", { name: /Activity/ }).first().waitFor({ timeout: SOON });
    expect(await page.getByRole("dialog").count(), "dialogs").toBe(0);
    expect(proxy.matching(/evil/).length, "requests to elsewhere").toBe(0);
  }));

test("no file that is opened runs anything, loads anything or changes the page", () =>
  journey(async (journey) => {
    const { app, context, proxy } = await signedUp(journey);
    const { page } = app;
    const { png, pdf } = await made(context, "Hostile", "#f0d0d0");
    const hostile = {
      "page.html": `<!doctype html><title>ran</title><script>${SCRIPT}</script><img src=x onerror="${SCRIPT}">`,
      "drawing.svg": `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="9" height="9" onload="${SCRIPT}"><script>${SCRIPT}</script><image xlink:href="/api/v1/accounts/me?ran" width="9" height="9"/><foreignObject><iframe xmlns="http://www.w3.org/1999/xhtml" src="/api/v1/accounts/me?ran"/></foreignObject></svg>`,
      "links.md": `[x](javascript:${SCRIPT.replaceAll(" ", "%20")})\n\n<script>${SCRIPT}</script>\n\n<img src=x onerror="${SCRIPT}">\n\n<a href="javascript:alert(1)" onclick="${SCRIPT}">raw</a>\n\n![p](/api/v1/accounts/me?ran)\n\n[data](data:text/html,<script>alert(1)</script>)\n\n<style>body{display:none}</style>\n\n${">".repeat(20_000)}deep\n`,
      "really-a-pdf.png": pdf,
      "really-a-picture.txt": png,
      "really-a-page.pdf": `<!doctype html><script>${SCRIPT}</script>`,
      "really-a-page.png": `<!doctype html><script>${SCRIPT}</script>`,
      "really-a-page.mp4": `<!doctype html><script>${SCRIPT}</script>`,
      "really-a-page.ttf": `<!doctype html><script>${SCRIPT}</script>`,
      "really-a-page.zip": `<!doctype html><script>${SCRIPT}</script>`,
      "cells.csv": `a,b\n"<script>${SCRIPT}</script>","=HYPERLINK(""javascript:x"")"\n"<img src=x onerror=""globalThis.ran = true"">"\n`,
      "slow.js": `${"/*".repeat(50_000)}\n${"((((((((((".repeat(5_000)}\n`,
    };
    const files = Object.entries(hostile).map(([name, content]) => journey.file(name, content));
    files.push(byPython(journey, "bomb.zip", BOMB));
    await upload(app, files);
    const dialogs = [];
    page.on("dialog", (dialog) => {
      dialogs.push(dialog.message());
      return dialog.dismiss();
    });

    /** What it comes to, for each of them. */
    const comesTo = {
      "page.html": () => shown(app).getByTestId("viewer-text").getByText("<!doctype html>").waitFor({ timeout: SOON }),
      "drawing.svg": () => eventually(() => shown(app).locator("img").evaluate((image) => image.complete && image.naturalWidth === 9), "it is a picture"),
      "links.md": async () => {
        const markdown = shown(app).getByTestId("viewer-markdown");
        await markdown.getByText("deep").waitFor({ timeout: SOON });
        expect(await markdown.locator("a, img, script, style, iframe").count(), "elements that lead or load somewhere").toBe(0);
      },
      "really-a-page.pdf": () => shown(app).getByTestId("unshown").waitFor({ timeout: SOON }),
      "cells.csv": () => shown(app).getByTestId("viewer-table").getByText("<script>").waitFor({ timeout: SOON }),
      "slow.js": () => shown(app).getByTestId("viewer-text").waitFor({ timeout: SOON }),
      "bomb.zip": () => shown(app).getByTestId("viewer-zip").getByText("5.4 GB").waitFor({ timeout: SOON }),
    };
    const elements = () => page.evaluate(() => document.querySelectorAll("script, iframe, object, embed").length);
    const [titled, before] = [await page.title(), await elements()];
    for (const file of files) {
      const name = path.basename(file);
      const mark = proxy.requests.length;
      await open(app, name);
      await (comesTo[name] ?? (() => shown(app).getByTestId("unshown").waitFor({ timeout: SOON })))();
      await page.waitForTimeout(150);
      expect(await page.evaluate(() => globalThis.ran ?? false), `${name} ran`).toBe(false);
      expect(proxy.matching(/\?ran/, mark).length, `${name}: requests that it made`).toBe(0);
      expect(await page.title(), `${name}: the title`).toBe(titled);
      // The page answers meanwhile, and goes on.
      await close(app);
      expect(await elements(), `${name}: scripts and frames that stay`).toBe(before);
    }
    expect(dialogs, "dialogs that were opened").toBe([]);
  }));
