// Three people and one folder: its owner, somebody who may change it and somebody who may
// only look. What each does the others see at once; what is withdrawn goes, but nothing
// of anybody's work with it.
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { SOON, UPLOAD, sha256, sha256OfFile } from "./support/app.mjs";
import { eventually, expect } from "./support/expect.mjs";
import { journey } from "./support/journey.mjs";
import { look } from "./support/look.mjs";

const NAME = "notes.txt";
const FOLDER = "Plans";
const MOUNT = "Ann's plans";
const text = (words) => `${words}\n`.repeat(400);

/** By the sidebar: the way to a folder has links of the same names. */
const goTo = ({ page }, place) =>
  page.getByRole("navigation", { name: "Drive" }).getByRole("link", { name: place, exact: true }).click();
const dialog = (page, title) => page.getByRole("dialog", { name: title });
const withMe = (page) => page.getByTestId("shared-with-me").and(page.locator(`[data-name="${FOLDER}"]`));
const notice = (page, words) => page.getByText(words).first().waitFor({ timeout: SOON });

/** Among the person's own files, at the top. */
async function add(person) {
  await goTo(person, "Shared");
  await person.page.getByRole("button", { name: `Add ${FOLDER} to my files` }).click();
  const dialogOpen = dialog(person.page, `Add “${FOLDER}” to your files`);
  await dialogOpen.getByRole("button", { name: "Add here" }).click();
  await dialogOpen.waitFor({ state: "detached", timeout: SOON });
}

const holds = async ({ app, label }, name, content) =>
  expect(sha256OfFile(await app.download(name)), `${name} with ${label}`).toBe(sha256(content));

test("a folder is shared, changed from both sides, only looked at, and taken back", () =>
  journey(async (journey) => {
    const [ann, bob, cid] = await journey.people("ann", "bob", "cid");
    const file = (folder, words, name = NAME) => journey.file(`${folder}/${name}`, text(words));
    await ann.app.newFolder(FOLDER);
    await ann.app.drop([file("outside", "outside", "outside.txt")]);
    await ann.app.openFolder(FOLDER);
    await ann.app.drop([file("one", "one")]);
    await ann.app.appears(NAME, { version: 1 });
    await goTo(ann, "Files");

    // Whoever waits under "Shared" sees it come.
    for (const person of [bob, cid]) {
      await goTo(person, "Shared");
      await person.page.getByText("What others share with you appears here by itself.").waitFor({ timeout: SOON });
    }
    await ann.app.choose(FOLDER, "Share…");
    await ann.app.give(FOLDER, "nobody of this name", "Can view");
    await dialog(ann.page, `Share “${FOLDER}”`).getByRole("alert").getByText("Nobody here has this name").waitFor({ timeout: SOON });
    const field = dialog(ann.page, `Share “${FOLDER}”`).getByLabel("Share with");
    const isTold = (field) => field === document.activeElement && document.getElementById(field.getAttribute("aria-describedby"))?.textContent.includes("Nobody here has this name");
    await eventually(() => field.evaluate(isTold), "the field has the keyboard and says why it was refused");
    await ann.app.give(FOLDER, ann.user.name, "Can view");
    await dialog(ann.page, `Share “${FOLDER}”`).getByRole("alert").getByText("It is yours already").waitFor({ timeout: SOON });
    await ann.app.give(FOLDER, bob.user.name, "Can change");
    await ann.app.access(bob.user.name).waitFor({ timeout: SOON });
    await ann.app.give(FOLDER, cid.user.name, "Can view");
    await ann.app.access(cid.user.name).waitFor({ timeout: SOON });
    await look(ann.page, "share-dialog");
    await ann.page.keyboard.press("Escape");
    await ann.app.row(FOLDER).getByTestId("shared-mark").waitFor({ timeout: SOON });
    for (const { page } of [bob, cid]) await withMe(page).waitFor({ timeout: SOON });
    await look(bob.page, "shared");

    // By keyboard, and both sides see each other's versions.
    for (const { app, page } of [bob, cid]) {
      await page.getByRole("link", { name: `Open ${FOLDER}` }).press("Enter");
      await app.appears(NAME, { version: 1 });
    }
    await look(cid.page, "shared-viewed");
    await ann.app.openFolder(FOLDER);
    await bob.app.drop([file("new", "new, by bob", "new.txt")]);
    for (const { app } of [ann, bob, cid]) await app.appears("new.txt", { version: 1 });
    await bob.app.rename("new.txt", "from bob.txt");
    for (const { app } of [ann, cid]) await app.appears("from bob.txt");
    await holds(ann, "from bob.txt", text("new, by bob"));
    await ann.app.drop([file("two", "two, by ann")]);
    for (const { app } of [bob, cid]) await app.appears(NAME, { version: 2 });

    // Whoever may only look changes nothing, and is told.
    await holds(cid, NAME, text("two, by ann"));
    await cid.page.getByTestId("only-viewed").waitFor();
    await cid.page.getByRole("button", { name: `Actions for ${NAME}`, exact: true }).click();
    expect(await cid.page.getByRole("menuitem").allInnerTexts(), "what cid may do").toBe(["Open", "Download", "Star", "Details", "Versions", "Activity"]);
    await cid.page.keyboard.press("Escape");
    await cid.page.evaluate(() => {
      const clipboardData = new DataTransfer();
      clipboardData.items.add(new File(["mine"], "mine.txt"));
      document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
    });
    await notice(cid.page, "You can only view this.");
    expect(await cid.app.names(), "what cid sees").toBe(["from bob.txt", NAME]);

    // What comes in is seen, what goes out is not.
    await goTo(ann, "Files");
    await ann.app.choose("outside.txt", "Move…");
    await ann.page.getByRole("dialog").getByRole("button", { name: FOLDER }).click();
    await ann.page.getByRole("button", { name: "Move here" }).click();
    for (const { app } of [bob, cid]) await app.appears("outside.txt");
    await ann.app.openFolder(FOLDER);
    await ann.app.choose("outside.txt", "Move…");
    await ann.page.getByRole("dialog").getByText("Files", { exact: true }).click();
    await ann.page.getByRole("button", { name: "Move here" }).click();
    for (const { app } of [bob, cid]) await app.disappears("outside.txt");

    // Bob gives it a place and a name among his own files, on all his devices. Ann's stay hers.
    const other = (await journey.profile("other")).app;
    await other.signIn(bob.user);
    await goTo(bob, "Files");
    await bob.app.newFolder("Work");
    await other.appears("Work");
    await add(bob);
    await look(bob.page, "added");
    await goTo(bob, "Files");
    for (const app of [bob.app, other]) await app.appears(FOLDER);
    await bob.app.rename(FOLDER, MOUNT);
    await bob.app.choose(MOUNT, "Move…");
    await bob.page.getByRole("dialog").getByRole("button", { name: "Work" }).click();
    await bob.page.getByRole("button", { name: "Move here" }).click();
    await other.disappears(FOLDER);
    for (const app of [bob.app, other]) {
      await app.openFolder("Work");
      await app.appears(MOUNT);
    }
    await bob.app.row(MOUNT).getByTestId("mount-mark").getByText(`Shared by ${ann.user.name}`).waitFor({ state: "attached", timeout: SOON });
    await look(bob.page, "mount");
    await bob.app.openFolder(MOUNT);
    await bob.app.drop([file("three", "three, by bob")]);
    await ann.app.appears(NAME, { version: 3 });
    // He takes it away, and nothing of ann's.
    await goTo(bob, "Files");
    await bob.app.openFolder("Work");
    await bob.page.getByRole("button", { name: `Actions for ${MOUNT}`, exact: true }).click();
    expect(await bob.page.getByRole("menuitem").allInnerTexts(), "what is done with a mount").toBe([
      "Open", "Rename", "Move…", "Star", "Activity", "Remove from my files",
    ]);
    await bob.page.getByRole("menuitem", { name: "Remove from my files" }).click();
    for (const app of [bob.app, other]) await app.disappears(MOUNT);
    await holds(ann, NAME, text("three, by bob"));
    await add(bob);
    await goTo(other, "Files");
    await other.appears(FOLDER);
    await bob.page.getByRole("link", { name: `Open ${FOLDER}` }).click();

    // It ends by itself, while somebody looks at it; and is given again.
    const { json: shared } = await ann.app.api("/api/v1/grants");
    const { id } = shared.by_me.find(({ person }) => person.user_name === cid.user.name);
    const change = (body) =>
      ann.app.api(`/api/v1/grants/${id}`, { method: "PATCH", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
    expect((await change({ ends_at_ms: Date.now() + 3_000 })).status, "an end to come").toBe(200);
    await cid.page.getByTestId("withdrawn").waitFor({ timeout: SOON });
    await goTo(cid, "Shared");
    await withMe(cid.page).waitFor({ state: "detached", timeout: SOON });
    expect((await change({ ends_at_ms: null })).status, "no end any more").toBe(200);
    await withMe(cid.page).waitFor({ timeout: SOON });

    // Somebody leaves.
    await cid.page.getByRole("button", { name: `Leave ${FOLDER}` }).click();
    await dialog(cid.page, `Leave “${FOLDER}”?`).getByRole("button", { name: "Leave", exact: true }).click();
    await withMe(cid.page).waitFor({ state: "detached", timeout: SOON });
    await goTo(ann, "Files");
    await ann.app.choose(FOLDER, "Share…");
    await ann.app.access(bob.user.name).waitFor({ timeout: SOON });
    await ann.app.access(cid.user.name).waitFor({ state: "detached", timeout: SOON });

    // It is taken back from whoever looks at it.
    await ann.page.getByRole("button", { name: `Take back the access of ${bob.user.name}` }).click();
    await bob.page.getByTestId("withdrawn").waitFor({ timeout: 2 * SOON });
    await notice(bob.page, /is not shared with you any more/);
    await other.disappears(FOLDER);
    await goTo(bob, "Shared");
    await withMe(bob.page).waitFor({ state: "detached" });
  }));

test("two edits of what is shared meet, and what is withdrawn leaves its author what was not sent", () =>
  journey(async (journey) => {
    const [ann, bob] = await journey.people("ann", "bob");
    const file = (folder, words, name = NAME) => journey.file(`${folder}/${name}`, text(words));
    await ann.app.newFolder(FOLDER);
    await ann.app.share(FOLDER, bob.user.name);
    await ann.app.openFolder(FOLDER);
    await ann.app.drop([file("one", "one")]);
    await goTo(bob, "Shared");
    await bob.page.getByRole("link", { name: `Open ${FOLDER}` }).click();
    await bob.app.appears(NAME, { version: 1 });

    // Two edits meet.
    await bob.profile.goOffline();
    await bob.app.connectionIs("offline");
    await ann.app.drop([file("two", "two, by ann")]);
    await ann.app.appears(NAME, { version: 2 });
    await bob.app.drop([file("mine", "two, by bob")]);
    await bob.app.uploadIs(NAME, ["offline", "waiting"]);
    await bob.profile.goOnline();
    await bob.app.conflictDialog().waitFor({ timeout: 4 * SOON });
    await bob.app.conflictDialog().getByRole("button", { name: "Keep mine", exact: true }).click();
    for (const { app } of [ann, bob]) await app.appears(NAME, { version: 3 });
    await holds(ann, NAME, text("two, by bob"));

    // It is taken back in the middle of an upload, whose bytes stay with their author.
    const large = randomBytes(3_000_000);
    bob.proxy.limitUploads(100_000);
    await bob.app.drop([journey.file("large/large.bin", large)]);
    await bob.app.uploadIs("large.bin", ["uploading"]);
    await goTo(ann, "Files");
    await ann.app.choose(FOLDER, "Share…");
    await ann.page.getByRole("button", { name: `Take back the access of ${bob.user.name}` }).click();
    await ann.app.access(bob.user.name).waitFor({ state: "detached", timeout: SOON });
    await bob.page.getByTestId("withdrawn").waitFor({ timeout: 2 * SOON });
    await notice(bob.page, /is not shared with you any more/);
    await bob.page.getByTestId("left-file").and(bob.page.locator('[data-name="large.bin"]')).waitFor({ timeout: SOON });
    await look(bob.page, "withdrawn");
    bob.proxy.limitUploads(Infinity);
    await bob.page.getByRole("button", { name: "Put all into my drive" }).click();
    await goTo(bob, "Files");
    await bob.app.openFolder(FOLDER);
    await bob.app.uploadIs("large.bin", ["done"], UPLOAD);
    await holds(bob, "large.bin", large);
    await goTo(bob, "Shared");
    await bob.page.getByRole("button", { name: "Let go of them" }).click();
    await bob.page.getByTestId("left-behind").waitFor({ state: "detached", timeout: SOON });
    await withMe(bob.page).waitFor({ state: "detached" });
    const items = await eventually(() => ann.app.items(), "ann's items");
    expect(items.map(({ name }) => name).sort(), "what ann has").toBe([FOLDER, NAME]);
  }));
