// A person whose laptop is gone changes the password: what the old one let in is
// out, and the new one signs in. Then they lose that one, and a recovery code lets them
// back in.
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { SOON } from "./support/app.mjs";
import { axe } from "./support/axe.mjs";
import { eventually, expect } from "./support/expect.mjs";
import { journey } from "./support/journey.mjs";
import { look } from "./support/look.mjs";

test("a changed password ends the other sessions and tokens, and a recovery code sets another", () =>
  journey(async (journey) => {
    const { a, b, user } = await journey.computers("a", "b");
    const { page } = a.app;
    const next = { ...user, password: `wild geese ${user.password}` };

    // A token that only reads, for a week.
    await a.app.goTo("Settings");
    await page.getByRole("button", { name: "Create access token" }).click();
    await page.getByLabel("Name", { exact: true }).fill("backup script");
    await page.getByLabel("It ends after").selectOption({ label: "A week" });
    await axe(page, "in the token dialog");
    await page.getByRole("button", { name: "Create token" }).click();
    const token = await page.getByLabel("Access token", { exact: true }).inputValue();
    await page.keyboard.press("Escape");
    const line = page.getByTestId("device").filter({ hasText: "backup script" });
    await line.getByText(/^Only reads · ends \d/).waitFor({ timeout: SOON });
    const headers = { authorization: `Bearer ${token}` };
    const asProgram = async (path, init = {}) => (await fetch(journey.server.url + path, { headers, ...init })).status;
    expect(await asProgram("/api/v1/accounts/me"), "reading").toBe(200);
    expect(await asProgram("/api/v1/folders", { method: "POST", body: "{}" }), "writing").toBe(403);

    // Neither without the present password nor to one that everybody tries.
    await page.getByRole("button", { name: "Account", exact: true }).click();
    await page.getByRole("menuitem", { name: "Change password" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("backup script").waitFor({ timeout: SOON });
    await axe(page, "in the password dialog");
    const change = async (present, fresh) => {
      await dialog.getByLabel("Present password").fill(present);
      await dialog.getByLabel("New password").fill(fresh);
      await dialog.getByRole("button", { name: "Change password", exact: true }).click();
    };
    // At the field that it is about.
    const refused = async (words, label) => {
      await dialog.getByRole("alert").filter({ hasText: words }).waitFor({ timeout: SOON });
      const isTold = (field, words) => field === document.activeElement && document.getElementById(field.getAttribute("aria-describedby").split(" ")[0])?.textContent.includes(words);
      await eventually(() => dialog.getByLabel(label).evaluate(isTold, words), `“${label}” says that ${words}`);
    };
    await change(user.password, "Sunshine1");
    await refused("most common", "New password");
    await change("not the password", next.password);
    await refused("not your password", "Present password");
    expect(await asProgram("/api/v1/accounts/me"), "nothing has ended yet").toBe(200);

    await change(user.password, next.password);
    await page.getByText(/2 devices and tokens were signed out/).waitFor({ timeout: SOON });
    await b.app.page.getByRole("button", { name: "Sign in", exact: true }).waitFor({ timeout: SOON });
    expect(await asProgram("/api/v1/accounts/me"), "the token").toBe(401);
    expect((await b.app.api("/api/v1/accounts/me")).status, "B's session").toBe(401);
    expect((await a.app.api("/api/v1/accounts/me")).status, "A's session").toBe(200);
    await eventually(async () => (await page.getByTestId("device").count()) === 1, "the list is short");

    await b.app.trySignIn(user);
    await b.app.page.getByRole("alert").filter({ hasText: "wrong" }).waitFor({ timeout: SOON });
    await b.app.trySignIn(next);
    await b.app.isSignedIn();

    // The device gets a name, and codes are made: the password was given just now.
    await page.getByRole("button", { name: /^Rename / }).click();
    await dialog.getByLabel("Name", { exact: true }).fill(" The kitchen's ");
    await axe(page, "in the dialog that renames");
    await page.keyboard.press("Enter");
    await page.locator(`[data-testid=device][data-name="The kitchen's"]`).waitFor({ timeout: SOON });
    const part = page.getByTestId("recovery-codes");
    await part.getByText("You have made none.").waitFor({ timeout: SOON });
    await part.getByRole("button", { name: "Make recovery codes" }).click();
    await dialog.getByRole("button", { name: "Make codes" }).click();
    const shown = dialog.getByTestId("new-codes").getByRole("listitem");
    await eventually(async () => (await shown.count()) === 10, "ten codes are shown");
    const codes = await shown.allInnerTexts();
    await look(page, "recovery-codes");
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      dialog.getByRole("button", { name: "Save as text" }).click(),
    ]);
    const saved = await readFile(await download.path(), "utf8");
    expect(codes.filter((code) => !saved.includes(code)), "codes that were not saved").toBe([]);
    await dialog.getByRole("button", { name: "I have them" }).click();
    await part.getByText(/^10 of 10 are left/).waitFor({ timeout: SOON });
    await look(page, "devices");

    // B has lost the password.
    await b.app.signOut();
    const lost = b.app.page;
    await lost.getByLabel("Name", { exact: true }).fill(user.name);
    await lost.getByRole("button", { name: "Forgot your password?" }).click();
    await lost.getByRole("heading", { name: "Set a new password" }).waitFor({ timeout: SOON });
    expect(await lost.getByLabel("Name", { exact: true }).inputValue(), "the name").toBe(user.name);
    const third = { ...user, password: `third ${user.password}` };
    const recover = async (code, password) => {
      await lost.getByLabel("Recovery code").fill(code);
      await lost.getByLabel("New password").fill(password);
      await lost.getByRole("button", { name: "Set it and sign in" }).click();
    };
    const says = (words) => lost.getByRole("alert").filter({ hasText: words }).waitFor({ timeout: SOON });
    await recover("what was it", third.password);
    await says("not a recovery code");
    await recover(codes[2], "Sunshine1");
    await says("most common");
    await recover("00000-00000-00000-00000", third.password);
    await says("is wrong");
    await look(lost, "recovery");
    await recover(codes[2].toLowerCase().replaceAll("-", " "), third.password);
    await b.app.isSignedIn();
    await lost.getByText(/9 recovery codes are left/).waitFor({ timeout: SOON });
    await page.getByRole("button", { name: "Sign in", exact: true }).waitFor({ timeout: SOON });
    expect((await a.app.api("/api/v1/accounts/me")).status, "A's session").toBe(401);
    await a.app.trySignIn(third);
    await a.app.isSignedIn();
    const here = (await a.app.api("/api/v1/accounts/me")).json.device;
    expect(here.name, "the name that the device has kept").toBe("The kitchen's");
  }));
