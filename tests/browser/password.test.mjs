// A person whose laptop is gone changes the password: what the old one let in is
// out, and the new one signs in.
import { test } from "node:test";
import { SOON } from "./support/app.mjs";
import { axe } from "./support/axe.mjs";
import { eventually, expect } from "./support/expect.mjs";
import { journey } from "./support/journey.mjs";

test("a changed password ends the other sessions and tokens", () =>
  journey(async (journey) => {
    const { a, b, user } = await journey.computers("a", "b");
    const { page } = a.app;
    const next = { ...user, password: `wild geese ${user.password}` };

    // A token that only reads, for a week.
    await a.app.goTo("Devices");
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
  }));
