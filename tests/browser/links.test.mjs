// Links, which need no account: a folder behind a password, a file, and a drop box. Whoever
// has a link is in a browser where nobody ever signed in.
import { randomBytes } from "node:crypto";
import path from "node:path";
import { test } from "node:test";
import { SOON, UPLOAD, newUser, sha256, sha256OfFile } from "./support/app.mjs";
import { dropOnto } from "./support/drop.mjs";
import { eventually, expect } from "./support/expect.mjs";
import { journey } from "./support/journey.mjs";
import { look } from "./support/look.mjs";
import { made } from "./support/made.mjs";
import { readZip } from "./support/zip.mjs";

const PASSWORD = "seven quiet herons";

async function signedUp(journey, label) {
  const profile = await journey.profile(label);
  const user = newUser();
  await profile.app.signUp(user);
  return { profile, app: profile.app, page: profile.app.page, user };
}

const goTo = ({ page }, place) =>
  page.getByRole("navigation", { name: "Drive" }).getByRole("link", { name: place, exact: true }).click();
const dialog = (page, name) => page.getByRole("dialog", { name: `Share “${name}”` });
const link = (page, name) => page.getByTestId("link").and(page.locator(`[data-name="${name}"]`));
const facts = (page, name) => link(page, name).getByTestId("link-facts");
const says = (locator, text) => locator.filter({ hasText: text }).first().waitFor({ timeout: SOON });

/** Opens the dialog of an item and fills in a link; its key. */
async function makeLink({ app, page }, item, label, { may, password, downloads } = {}) {
  await app.choose(item, "Share…");
  const share = dialog(page, item);
  await share.getByRole("button", { name: "Make a link" }).click();
  await share.getByLabel("Name (only you see it)").fill(label);
  if (may) await share.getByRole("button", { name: may, exact: true }).click();
  if (downloads) await share.getByLabel("Downloads (if they are to be limited)").fill(downloads);
  if (password) {
    await share.getByRole("button", { name: "Ask for one" }).click();
    await share.getByLabel("Password of the link", { exact: true }).and(page.locator("input")).fill(password);
  }
  await share.getByRole("button", { name: "Make the link" }).click();
  const address = await link(page, label).getByTestId("link-address").inputValue({ timeout: SOON });
  return address.split("/l/")[1];
}

/** A browser without an account, at a link. */
async function visitor(journey, label, key) {
  const { app } = await journey.profile(label);
  const page = app.page;
  await page.goto(`${app.url}/l/${key}`);
  return { app, page };
}

/** Somebody comes back to a page that they had left for another one. */
const lookAgain = (page) => page.evaluate(() => window.dispatchEvent(new Event("focus")));

async function downloaded(page, press) {
  const [download] = await Promise.all([page.waitForEvent("download", { timeout: UPLOAD }), press()]);
  expect(await download.failure(), "the download").toBe(null);
  return download.path();
}

test("a folder is seen and downloaded by whoever has its link and the password, until it is revoked", () =>
  journey(async (journey) => {
    const ann = await signedUp(journey, "ann");
    const files = { "Reports/summary.txt": Buffer.from("all is well\n".repeat(500)), "Reports/Figures/raw.bin": randomBytes(700_000), "Reports/Figures/größe.csv": Buffer.from("1;2\n") };
    for (const [name, bytes] of Object.entries(files)) journey.file(name, bytes);
    await ann.app.drop([path.join(journey.folder, "files", "Reports")]);
    await eventually(async () => (await ann.app.items()).length === 5, "all of it on the server", UPLOAD);
    const key = await makeLink(ann, "Reports", "Auditors", { password: PASSWORD });
    await says(facts(ann.page, "Auditors"), "Can view · with a password · opened 0 times · 0 downloads");
    await look(ann.page, "links-dialog");

    const { app, page } = await visitor(journey, "visitor", key);
    await page.getByLabel("Password", { exact: true }).fill("seven quiet crows");
    await page.getByRole("button", { name: "Open", exact: true }).click();
    await says(page.getByRole("alert"), "The password is wrong");
    await look(page, "link-locked");
    await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
    await page.getByRole("button", { name: "Open", exact: true }).click();
    await app.appears("summary.txt");
    await app.appears("Figures");
    await says(page.getByText("From "), ann.user.name);
    await look(page, "link-folder");
    await page.reload();
    await app.appears("summary.txt");

    await app.openFolder("Figures");
    await app.appears("größe.csv");
    expect(sha256OfFile(await app.download("raw.bin")), "the file").toBe(sha256(files["Reports/Figures/raw.bin"]));
    const zip = readZip(await downloaded(page, () => page.getByRole("button", { name: "Download all" }).click()));
    const content = Object.fromEntries(Object.entries(zip).flatMap(([name, { folder, sha256 }]) => (folder ? [] : [[name, sha256]])));
    const wanted = Object.fromEntries(Object.entries(files).map(([name, bytes]) => [name, sha256(bytes)]));
    expect(content, "what is in the zip").toBe(wanted);

    await ann.page.keyboard.press("Escape");
    await ann.app.row("Reports").getByTestId("link-mark").waitFor({ timeout: SOON });
    await goTo(ann, "Shared");
    await says(facts(ann.page, "Auditors"), /To “Reports” · Can view · with a password · opened 2 times · 1 download$/);
    await look(ann.page, "links-shared");
    await link(ann.page, "Auditors").getByRole("button", { name: "Revoke Auditors" }).click();
    await link(ann.page, "Auditors").waitFor({ state: "detached", timeout: SOON });
    await lookAgain(page);
    await page.getByTestId("no-such-link").waitFor({ timeout: SOON });
    expect(await app.names(), "what is shown still").toBe([]);
    await look(page, "link-gone");
  }));

test("whoever has a link looks at a picture, a PDF, a text, a sound and a video in the page", () =>
  journey(async (journey) => {
    const ann = await signedUp(journey, "ann");
    const { png, pdf, wav, webm } = await made(ann.profile.context, "From ann", "#d0dcf0");
    const words = "# Überschrift\n\nThe last line of a text <b>is text</b>.\n";
    for (const [name, bytes] of Object.entries({ "photo.png": png, "report.pdf": pdf, "voice.wav": wav, "clip.webm": webm, "notes.md": words })) {
      journey.file(`Shown/${name}`, bytes);
    }
    await ann.app.drop([path.join(journey.folder, "files", "Shown")]);
    await eventually(async () => (await ann.app.items()).length === 6, "all of it on the server", UPLOAD);
    const key = await makeLink(ann, "Shown", "Guests");

    const { app, page } = await visitor(journey, "visitor", key);
    const shows = async (name, selector, isShown) => {
      await app.openFolder(name);
      const file = page.getByTestId("linked-file").and(page.locator(`[data-name="${name}"]`));
      await file.getByRole("button", { name: "Look at it here" }).click();
      const shown = file.getByTestId("preview").locator(selector);
      await shown.waitFor({ timeout: SOON });
      await eventually(() => isShown(shown), `${name} is shown`);
      await look(page, `link-preview-${name.split(".")[1]}`);
      await file.getByRole("link", { name: "Back to" }).click();
      await app.appears(name);
    };
    await shows("photo.png", "img", (shown) => shown.evaluate((image) => image.complete && image.naturalWidth === 480));
    await shows("voice.wav", "audio", (shown) => shown.evaluate((sound) => sound.readyState > 0 && sound.duration > 0.4));
    await shows("clip.webm", "video", (shown) => shown.evaluate((video) => video.readyState > 0 && video.videoWidth === 320));
    await shows("notes.md", "[data-testid=viewer-markdown]", async (shown) => (await shown.innerText()).includes("The last line of a text <b>is text</b>."));
    // The viewer is the browser's own, and nothing looks into it.
    await shows("report.pdf", "iframe", (shown) => shown.evaluate((frame) => frame.src.startsWith("blob:")));
  }));

test("strangers put files into a drop box, see nothing of it, and their owner sees them come", () =>
  journey(async (journey) => {
    const ann = await signedUp(journey, "ann");
    const [mine, theirs, large] = [randomBytes(2_000), randomBytes(3_000), randomBytes(9_000_000)];
    await ann.app.newFolder("Inbox");
    await ann.app.openFolder("Inbox");
    await ann.app.drop([journey.file("mine/scan.pdf", mine)]);
    await ann.app.appears("scan.pdf", { version: 1 });
    await goTo(ann, "Files");
    const key = await makeLink(ann, "Inbox", "Scans", { may: "Add files" });
    await ann.page.keyboard.press("Escape");
    await ann.app.openFolder("Inbox");

    const { app, page } = await visitor(journey, "stranger", key);
    const box = page.getByTestId("drop-box");
    await box.getByRole("heading", { name: `Send files to ${ann.user.name}` }).waitFor({ timeout: SOON });
    await dropOnto(page, box, [journey.file("theirs/scan.pdf", theirs), journey.file("theirs/large.bin", large)]);
    const sent = (name) => page.locator(`[data-testid="handed-in"][data-name="${name}"][data-stage="done"]`).waitFor({ timeout: UPLOAD });
    for (const name of ["scan.pdf", "large.bin"]) await sent(name);
    expect(await app.names(), "what the stranger sees").toBe([]);
    await look(page, "link-drop-box");
    for (const name of ["scan (2).pdf", "large.bin"]) await ann.app.appears(name, { version: 1 });
    for (const [name, bytes] of [["scan.pdf", mine], ["scan (2).pdf", theirs], ["large.bin", large]]) {
      expect(sha256OfFile(await ann.app.download(name)), name).toBe(sha256(bytes));
    }

    // From now on strangers may look, too, and still add files.
    await goTo(ann, "Shared");
    await ann.page.getByRole("button", { name: "Change Scans" }).click();
    await link(ann.page, "Scans").getByRole("button", { name: "Both", exact: true }).click();
    await link(ann.page, "Scans").getByRole("button", { name: "Save the change" }).click();
    await says(facts(ann.page, "Scans"), "Can view and add files");
    await page.reload();
    for (const name of ["scan.pdf", "scan (2).pdf", "large.bin"]) await app.appears(name);
    await dropOnto(page, box, [journey.file("theirs/more.txt", "more")]);
    await sent("more.txt");
    await app.appears("more.txt");
    expect(sha256OfFile(await app.download("scan.pdf")), "what the owner has there").toBe(sha256(mine));
    await look(page, "link-view-and-add");
  }));

test("a link to a file ends with its last download, and a part of an address leads nowhere", () =>
  journey(async (journey) => {
    const ann = await signedUp(journey, "ann");
    const bytes = randomBytes(5_000);
    await ann.app.drop([journey.file("one/plan.pdf", bytes)]);
    await ann.app.appears("plan.pdf", { version: 1 });
    const key = await makeLink(ann, "plan.pdf", "Once", { downloads: "1" });
    await says(facts(ann.page, "Once"), "0 of 1 downloads");

    const { app, page } = await visitor(journey, "visitor", key);
    const file = page.getByTestId("linked-file");
    await says(file, "plan.pdf");
    await look(page, "link-file");
    expect(sha256OfFile(await downloaded(page, () => file.getByRole("link", { name: "Download" }).click())), "the file").toBe(sha256(bytes));
    await lookAgain(page);
    await page.getByTestId("no-such-link").waitFor({ timeout: SOON });
    await page.goto(`${app.url}/l/${key.slice(1)}`);
    await page.getByTestId("no-such-link").waitFor({ timeout: SOON });
  }));
