// A folder gets another owner: asked, taken back, asked again, declined and accepted. Each
// finds it where they had it, and what either changes the other sees.
import { test } from "node:test";
import { SOON, sha256, sha256OfFile } from "./support/app.mjs";
import { expect } from "./support/expect.mjs";
import { journey } from "./support/journey.mjs";
import { look } from "./support/look.mjs";

const NAME = "notes.txt";
const FOLDER = "Plans";
const text = (words) => `${words}\n`.repeat(400);

/** By the sidebar: the way to a folder has links of the same names. */
const goTo = ({ page }, place) =>
  page.getByRole("navigation", { name: "Drive" }).getByRole("link", { name: place, exact: true }).click();
const share = (page) => page.getByRole("dialog", { name: `Share “${FOLDER}”` });
const withMe = (page) => page.getByTestId("shared-with-me").and(page.locator(`[data-name="${FOLDER}"]`));
const holds = async ({ app, label }, content) =>
  expect(sha256OfFile(await app.download(NAME)), `${NAME} with ${label}`).toBe(sha256(content));

test("a folder is handed over, and both go on having it where they had it", () =>
  journey(async (journey) => {
    const [ann, bob] = await journey.people("ann", "bob");
    const file = (folder, words) => journey.file(`${folder}/${NAME}`, text(words));
    await ann.app.newFolder(FOLDER);
    await ann.app.openFolder(FOLDER);
    await ann.app.drop([file("one", "one")]);
    await ann.app.appears(NAME, { version: 1 });
    await goTo(ann, "Files");
    await ann.app.choose(FOLDER, "Share…");
    await share(ann.page).getByLabel("Share with").fill(bob.user.name);
    await share(ann.page).getByRole("button", { name: "Can view", exact: true }).click();
    await share(ann.page).getByRole("button", { name: "Share", exact: true }).click();
    await goTo(bob, "Shared");
    await withMe(bob.page).waitFor({ timeout: SOON });

    // Before she asks, she is told what will happen; she takes it back once.
    const asks = async () => {
      await share(ann.page).getByRole("button", { name: `Make ${bob.user.name} the owner` }).click();
      const made = share(ann.page).getByTestId("make-owner");
      await made.getByText("2 files and folders with all versions").waitFor({ timeout: SOON });
      await look(ann.page, "make-owner");
      await made.getByRole("button", { name: `Ask ${bob.user.name}` }).click();
      await share(ann.page).getByTestId("asked-to-own").waitFor({ timeout: SOON });
    };
    const offered = withMe(bob.page).getByTestId("offered");
    await asks();
    await offered.getByText("asks you to become the owner: 2 files and folders").waitFor({ timeout: SOON });
    await look(bob.page, "offered");
    await share(ann.page).getByRole("button", { name: "Take the offer back" }).click();
    await offered.waitFor({ state: "detached", timeout: SOON });

    // He declines, and then accepts.
    await asks();
    await offered.getByRole("button", { name: "Decline" }).click();
    await offered.waitFor({ state: "detached", timeout: SOON });
    await share(ann.page).getByTestId("asked-to-own").waitFor({ state: "detached", timeout: SOON });
    await asks();
    await look(ann.page, "asked-to-own");
    await ann.page.keyboard.press("Escape");
    await offered.getByRole("button", { name: "Accept" }).click();
    await bob.page.getByText(`“${FOLDER}” is yours now, and among your files`).first().waitFor({ timeout: SOON });
    await withMe(bob.page).waitFor({ state: "detached", timeout: SOON });

    // It is among his files, and where it was among hers; she changes it, he sees it.
    await goTo(bob, "Files");
    await bob.app.openFolder(FOLDER);
    await bob.app.appears(NAME, { version: 1 });
    await holds(bob, text("one"));
    await goTo(ann, "Files");
    await ann.app.row(FOLDER).getByTestId("mount-mark").getByText(`Shared by ${bob.user.name}`).waitFor({ state: "attached", timeout: SOON });
    await ann.app.openFolder(FOLDER);
    await ann.app.appears(NAME, { version: 1 });
    await ann.app.drop([file("two", "two, by ann")]);
    await bob.app.appears(NAME, { version: 2 });
    await holds(bob, text("two, by ann"));
    await goTo(ann, "Shared");
    await withMe(ann.page).getByText(`From ${bob.user.name} · you can change it`).waitFor({ timeout: SOON });
  }));
