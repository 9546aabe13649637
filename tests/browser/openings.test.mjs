// Two people and one folder. What one of them looks at the other sees on its row, at once and
// without asking; and nobody who does not want to be seen.
import { test } from "node:test";
import { SOON } from "./support/app.mjs";
import { eventually, expect } from "./support/expect.mjs";
import { journey } from "./support/journey.mjs";
import { look } from "./support/look.mjs";
import { made } from "./support/made.mjs";

const NAME = "plan.png";
const FOLDER = "Plans";

const goTo = ({ page }, place) =>
  page.getByRole("navigation", { name: "Drive" }).getByRole("link", { name: place, exact: true }).click();
const mark = ({ app }) => app.row(NAME).getByTestId("open-mark");
const preview = ({ page }) => page.getByRole("dialog", { name: NAME });
const close = async (person) => {
  await preview(person).getByRole("button", { name: "Close", exact: true }).last().click();
  await preview(person).waitFor({ state: "detached", timeout: SOON });
};
const says = (person, words, timeout = SOON) =>
  eventually(async () => (await mark(person).count()) > 0 && (await mark(person).getAttribute("title")) === words, `the row says “${words}”`, timeout);
const turn = async (person, on) => {
  await goTo(person, "Shared");
  const choice = person.page.getByTestId("tells-openings");
  await choice.waitFor({ timeout: SOON });
  await choice.setChecked(on);
  await eventually(() => choice.isEnabled(), "the choice is made");
  expect(await choice.isChecked(), "whether others are told").toBe(on);
};

test("who else has a file open is on its row, until some minutes after it is closed", () =>
  journey(async (journey) => {
    const [ann, bob] = await journey.people("ann", "bob");
    await ann.app.newFolder(FOLDER);
    await ann.app.openFolder(FOLDER);
    const { png } = await made(ann.context, "The plan", "#d8e6d0");
    await ann.app.drop([journey.file(NAME, png)]);
    await ann.app.appears(NAME, { version: 1 });
    // Of what nobody else has nothing is said.
    const asked = [];
    ann.page.on("request", (request) => {
      if (request.url().includes("/openings") && request.method() === "POST") asked.push(request.url());
    });
    await ann.app.choose(NAME, "Open");
    await preview(ann).waitFor({ timeout: SOON });
    await close(ann);
    expect(asked.length, "what ann says of what is hers alone").toBe(0);

    await goTo(ann, "Files");
    await ann.app.share(FOLDER, bob.user.name);
    await ann.app.openFolder(FOLDER);
    await goTo(bob, "Shared");
    await bob.page.getByRole("link", { name: `Open ${FOLDER}` }).click();
    await bob.app.appears(NAME, { version: 1 });

    // Bob looks at it, and ann's row says so by itself.
    await bob.app.choose(NAME, "Open");
    await preview(bob).getByTestId("preview").waitFor({ timeout: SOON });
    await says(ann, `${bob.user.name} has this open`);
    expect(await mark(ann).getAttribute("data-open"), "whether it is open").toBe("true");
    await look(ann.page, "opened-row");
    // A page that works on what the browser keeps asks as well.
    await ann.page.reload();
    await ann.app.appears(NAME, { version: 1 });
    await says(ann, `${bob.user.name} has this open`);

    // So does ann's own preview, and his says that she has it.
    await ann.app.choose(NAME, "Open");
    await preview(ann).getByTestId("open-by").getByText(`${bob.user.name} has this open`).waitFor({ timeout: SOON });
    await look(ann.page, "opened-preview");
    await preview(bob).getByTestId("open-by").getByText(`${ann.user.name} has this open`).waitFor({ timeout: SOON });
    await close(ann);
    await preview(bob).getByTestId("open-by").getByText(`${ann.user.name} had this open`).waitFor({ timeout: 2 * SOON });
    await close(bob);
    await says(ann, `${bob.user.name} had this open just now`, 2 * SOON);
    expect(await mark(ann).getAttribute("data-open"), "whether it is open").toBe("false");
    await look(ann.page, "had-open-row");

    // Bob does not want to be seen: nothing of him is told, and nothing to him.
    await turn(bob, false);
    await look(bob.page, "tells-nothing");
    await ann.page.reload();
    await ann.app.appears(NAME, { version: 1 });
    await goTo(bob, "Shared");
    await bob.page.getByRole("link", { name: `Open ${FOLDER}` }).click();
    await bob.app.appears(NAME, { version: 1 });
    await bob.app.choose(NAME, "Open");
    await preview(bob).getByTestId("preview").waitFor({ timeout: SOON });
    await ann.app.choose(NAME, "Open");
    await preview(ann).getByTestId("preview").waitFor({ timeout: SOON });
    // What was said by now would have come by now.
    await bob.page.waitForTimeout(4_000);
    expect(await preview(ann).getByTestId("open-by").count(), "what ann is told").toBe(0);
    expect(await preview(bob).getByTestId("open-by").count(), "what bob is told").toBe(0);
    await close(bob);
    await close(ann);
    expect(await mark(ann).count(), "marks with ann").toBe(0);
    expect(await mark(bob).count(), "marks with bob").toBe(0);

    // And then he does, again.
    await turn(bob, true);
    await bob.page.getByRole("link", { name: `Open ${FOLDER}` }).click();
    await bob.app.choose(NAME, "Open");
    await says(ann, `${bob.user.name} has this open`);
  }));
