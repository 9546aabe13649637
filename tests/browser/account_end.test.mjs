// The first person of a server runs it for others: shuts one out and lets them in, and
// invites another. Then they delete their account. Whoever has something of it is told at
// once and copies what they need; it is kept after all, and then it ends: the share is gone,
// and nobody signs in any more.
import { test } from "node:test";
import { SOON, newUser, sha256, sha256OfFile } from "./support/app.mjs";
import { eventually, expect } from "./support/expect.mjs";
import { journey } from "./support/journey.mjs";
import { look } from "./support/look.mjs";

/** How long an account goes on here, in seconds: longer than all that happens until it is kept. */
const GOES_ON = 60;
const FOLDER = "Plans";
const NAME = "notes.txt";
const TEXT = "what bob needs\n".repeat(400);

const goTo = ({ page }, place) =>
  page.getByRole("navigation", { name: "Drive" }).getByRole("link", { name: place, exact: true }).click();
const dialog = (page, title) => page.getByRole("dialog", { name: title });
const ending = ({ page }) => page.getByTestId("account-ends");
const leaving = ({ page }) => page.getByTestId("owner-leaves");

/** By the dialog beside the devices, with the name typed as it is. */
async function endAccount({ page, user }, { sees = async () => {} } = {}) {
  await page.getByRole("navigation", { name: "Drive" }).getByRole("link", { name: "Settings", exact: true }).click();
  await page.getByRole("button", { name: "Delete the account…" }).click();
  const asks = dialog(page, "Delete the account?");
  await asks.getByText("1 person has access to 1 file or folder of yours").waitFor({ timeout: SOON });
  await sees(asks);
  await asks.getByRole("textbox", { name: /Your user name/ }).fill(user.name);
  await asks.getByRole("button", { name: "Delete the account" }).click();
  await asks.waitFor({ state: "detached", timeout: SOON });
}

const fillIn = async (page, { name, password }, button) => {
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: button, exact: true }).click();
};

/** Changes what a person may do, in the dialog beside them. */
async function changePerson(page, { name }, change) {
  await page.getByRole("button", { name: `Change ${name}`, exact: true }).click();
  const asks = dialog(page, `Change “${name}”`);
  await change(asks);
  await asks.getByRole("button", { name: "Save", exact: true }).click();
  await asks.waitFor({ state: "detached", timeout: SOON });
}

/** What an administrator does, and what others see of it. */
async function administers(journey, ann, bob) {
  await ann.page.getByRole("button", { name: "Account", exact: true }).click();
  await ann.page.getByRole("menuitem", { name: "Administration" }).click();
  const person = ({ user }) => ann.page.locator(`[data-testid=person][data-name="${user.name}"]`);
  await person(ann).getByText("Administrator", { exact: true }).waitFor({ timeout: SOON });
  await person(bob).getByText(/ used$/).waitFor();
  await look(ann.page, "administration");

  // Whoever has typed nothing is asked nothing.
  await ann.page.getByRole("button", { name: `Change ${bob.user.name}`, exact: true }).click();
  const untouched = dialog(ann.page, `Change “${bob.user.name}”`);
  await untouched.getByLabel("They may store, in GB").waitFor({ timeout: SOON });
  await ann.page.keyboard.press("Escape");
  await untouched.waitFor({ state: "detached", timeout: SOON });

  // Whoever is shut out is out at once, and reads why.
  await changePerson(ann.page, bob.user, async (asks) => {
    await asks.getByRole("checkbox", { name: /^Disabled/ }).check();
    await look(ann.page, "change-person");
  });
  await person(bob).getByText(/^Disabled since/).waitFor({ timeout: SOON });
  await bob.page.getByRole("button", { name: "Sign in", exact: true }).waitFor({ timeout: SOON });
  await bob.app.trySignIn(bob.user);
  await bob.page.getByRole("alert").filter({ hasText: "Your account is disabled" }).waitFor({ timeout: SOON });
  await changePerson(ann.page, bob.user, (asks) => asks.getByRole("checkbox", { name: /^Disabled/ }).uncheck());
  await person(bob).getByText(/^Disabled since/).waitFor({ state: "detached", timeout: SOON });
  await bob.page.getByRole("button", { name: "Sign in", exact: true }).click();
  await bob.app.isSignedIn();

  // From now on it takes an invitation to make an account, and one is made with it.
  await ann.page.getByRole("button", { name: "Invited people" }).click();
  await ann.page.getByTestId("sign-up").getByRole("button", { name: "Save", exact: true }).click();
  await ann.page.getByTestId("sign-up-mode").filter({ hasText: "Only whoever has an invitation" }).waitFor({ timeout: SOON });
  await ann.page.getByRole("button", { name: "Invite somebody…" }).click();
  await dialog(ann.page, "Invite somebody").getByRole("textbox").fill("Carl");
  await ann.page.keyboard.press("Enter");
  const address = await ann.page.getByTestId("invite-address").inputValue();
  await look(ann.page, "invitation");
  await ann.page.keyboard.press("Escape");
  const [carl, user] = [await journey.profile("carl"), newUser()];
  await carl.app.open();
  await carl.app.page.getByText("Ask whoever runs this server for an account").waitFor({ timeout: SOON });
  // Behind his own proxy.
  await carl.app.page.goto(`${carl.app.url}/join${new URL(address).hash}`);
  await carl.app.page.getByRole("heading", { name: "Create your account" }).waitFor({ timeout: SOON });
  await fillIn(carl.app.page, user, "Create account");
  await carl.app.isSignedIn();
  await eventually(async () => new URL(carl.app.page.url()).hash === "", "the secret is out of the address");
  await carl.app.page.getByRole("button", { name: "Account", exact: true }).click();
  await carl.app.page.getByRole("menuitem", { name: "Sign out" }).waitFor();
  expect(await carl.app.page.getByRole("menuitem", { name: "Administration" }).count(), "carl's way to it").toBe(0);
  await carl.app.page.keyboard.press("Escape");

  // What was done is told when the page is opened again.
  await goTo(ann, "Files");
  await ann.page.goBack();
  const did = (words) => ann.page.getByTestId("audit-entry").filter({ hasText: words }).first().waitFor({ timeout: SOON });
  await did(`${user.name}” came by an invitation for “Carl”`);
  await did(`disabled “${bob.user.name}”`);
  await ann.page.getByTestId("health").getByText("Delivery", { exact: true }).waitFor();
  await look(ann.page, "what-was-done");
  await goTo(ann, "Files");
}

test("an account is to end, is kept, and ends, and everybody is told in time", () =>
  journey(
    async (journey) => {
      const people = await journey.people("ann", "bob");
      // They sign up at one time, and whoever was first runs the server.
      const first = (await people[0].app.api("/api/v1/accounts/me")).json.is_administrator === true;
      const [ann, bob] = first ? people : people.reverse();
      await administers(journey, ann, bob);
      const phone = (await journey.profile("phone")).app;
      await phone.signIn(ann.user);
      await ann.app.newFolder(FOLDER);
      await ann.app.openFolder(FOLDER);
      await ann.app.drop([journey.file(`in/${NAME}`, TEXT)]);
      await ann.app.appears(NAME, { version: 1 });
      await goTo(ann, "Files");
      await ann.app.share(FOLDER, bob.user.name, "Can view");
      await goTo(bob, "Shared");
      const withMe = bob.page.getByTestId("shared-with-me");
      await withMe.waitFor({ timeout: SOON });

      // It takes the name as it is, and the dialog says what goes.
      await endAccount(ann, {
        sees: async (asks) => {
          await look(ann.page, "end-account");
          await asks.getByRole("textbox", { name: /Your user name/ }).fill("ann?");
          await asks.getByRole("button", { name: "Delete the account" }).click();
          await asks.getByRole("alert").getByText("Type your user name as it is written here").waitFor({ timeout: SOON });
        },
      });
      // Who ended it sees that everywhere, and bob is told while he waits.
      for (const page of [ann.page, phone.page]) {
        await page.getByTestId("account-ends").getByText("Your account ends on").waitFor({ timeout: SOON });
      }
      const words = `${ann.user.name}’s account ends on`;
      await leaving(bob).getByText(words).waitFor({ timeout: SOON });
      await leaving(bob).getByText("Make copies of what you need.").waitFor();
      await look(bob.page, "owner-leaves");
      await goTo(ann, "Files");
      await look(ann.page, "account-ends");
      await bob.page.getByTestId("bell").click();
      await dialog(bob.page, "News").getByTestId("news").filter({ hasText: words }).waitFor({ timeout: SOON });
      await look(bob.page, "news-of-the-end");
      await bob.page.keyboard.press("Escape");
      // He copies what he needs.
      await bob.page.getByRole("link", { name: `Open ${FOLDER}` }).click();
      await bob.app.appears(NAME, { version: 1 });
      expect(sha256OfFile(await bob.app.download(NAME)), "what bob has copied").toBe(sha256(TEXT));
      await goTo(bob, "Shared");

      // It is kept, by the phone, and everybody sees that.
      await ending(phone).getByRole("button", { name: "Keep the account" }).click();
      for (const one of [phone, ann]) await ending(one).waitFor({ state: "detached", timeout: SOON });
      await leaving(bob).waitFor({ state: "detached", timeout: SOON });
      await withMe.waitFor();
      await bob.page.getByTestId("bell").click();
      await dialog(bob.page, "News").getByTestId("news").filter({ hasText: "keeps the account" }).waitFor({ timeout: SOON });
      await bob.page.keyboard.press("Escape");

      // And again, until it has come.
      await endAccount(ann);
      await ending(ann).waitFor({ timeout: SOON });
      await leaving(bob).waitFor({ timeout: SOON });
      await bob.page.getByRole("link", { name: `Open ${FOLDER}` }).click();
      await bob.app.appears(NAME, { version: 1 });
      const late = GOES_ON * 1_000 + SOON;
      await bob.page.getByTestId("withdrawn").waitFor({ timeout: late });
      await bob.page.getByText(/is not shared with you any more: .*’s account has ended/).first().waitFor({ timeout: SOON });
      await look(bob.page, "gone-with-the-account");
      await goTo(bob, "Shared");
      await withMe.waitFor({ state: "detached", timeout: SOON });
      for (const page of [ann.page, phone.page]) {
        await page.getByText(/Your account has ended/).waitFor({ timeout: SOON });
      }
      await look(ann.page, "account-ended");
      await ann.app.trySignIn(ann.user);
      await ann.page.getByRole("alert").filter({ hasText: "wrong" }).waitFor({ timeout: SOON });
    },
    { vars: { ACCOUNT_END_SECONDS: String(GOES_ON) } },
  ));
