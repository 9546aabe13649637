// Accounts, devices and access tokens.
import { test } from "node:test";
import { SOON, newUser } from "./support/app.mjs";
import { eventually, expect } from "./support/expect.mjs";
import { journey } from "./support/journey.mjs";

test("a wrong password looks like an unknown name", () =>
  journey(async (journey) => {
    const user = newUser();
    const a = await journey.profile("a");
    await a.app.signUp(user);
    await a.app.signOut();

    const refusal = async (credentials) => {
      await a.app.open();
      await a.app.trySignIn(credentials);
      const alert = a.app.page.getByRole("alert").filter({ hasText: /\S/ }).first();
      await alert.waitFor({ timeout: SOON });
      return (await alert.innerText()).trim();
    };
    const wrong = await refusal({ name: user.name, password: "not the password" });
    const unknown = await refusal({ ...newUser(), password: "not the password" });
    expect(wrong, "the refusal of a wrong password").toBe(unknown);
    const answers = a.proxy.matching(/sign-in\//).map(({ path, status }) => `${path} ${status}`);
    expect(answers.slice(0, answers.length / 2), "the answers").toBe(answers.slice(answers.length / 2));

    await a.app.signIn(user);
  }));

/** Holds the page's module back, as a slow network does, until the answer is called. */
async function holdModule(page) {
  let go;
  const gate = new Promise((resolve) => (go = resolve));
  await page.route(/app-[0-9a-f]+_bg\.wasm$/, async (route) => {
    await gate;
    await route.continue();
  });
  return go;
}

test("the form is there before the page's module, what is typed and pressed goes on, and the password never travels", () =>
  journey(async (journey) => {
    const user = newUser();
    const a = await journey.profile("a", { serviceWorkers: "block" });
    const { app } = a;
    const { page } = app;
    const [bodies, refused] = [[], []];
    // Bodies are read here, so they have to travel as they are.
    await a.context.addInitScript(() => delete globalThis.CompressionStream);
    a.context.on("request", (request) => bodies.push(`${request.url()} ${request.postData() ?? ""}`));
    a.context.on("response", (answer) => answer.status() >= 400 && refused.push(`${answer.status()} ${answer.url()}`));
    const door = page.locator("#first-sight form");
    const gone = () => page.locator("#first-sight").waitFor({ state: "detached", timeout: SOON });

    // Somebody new has begun to type, and wants another form.
    let release = await holdModule(page);
    await app.open();
    await door.getByLabel("Name", { exact: true }).fill(user.name);
    await door.getByRole("button", { name: "Create an account" }).click();
    await door.getByLabel("Password", { exact: true }).fill(user.password.slice(0, 4));
    release();
    await gone();
    await page.getByRole("heading", { name: "Create your account" }).waitFor();
    expect(await page.evaluate(() => document.activeElement.name), "what has the keyboard").toBe("password");
    await page.keyboard.type(user.password.slice(4));
    expect(refused, "what a browser logs where nobody is signed in").toBe([]);
    await page.getByRole("button", { name: "Create account", exact: true }).click();
    await app.isSignedIn();

    // The next page begins with the frame of the drive, whose words are those that come.
    const words = (place) => page.locator(place).locator(".nav-link").allInnerTexts();
    release = await holdModule(page);
    await page.reload();
    await page.locator(".first-drive").waitFor({ timeout: SOON });
    expect(await door.isVisible(), "the form is seen").toBe(false);
    const before = await words(".first-drive");
    release();
    await app.isSignedIn();
    expect(await words(".shell"), "where one can go").toBe(before);
    await app.signOut();

    // Back again: all is typed, and the button pressed, before anything could take it.
    release = await holdModule(page);
    await page.reload();
    await app.trySignIn(user);
    await door.getByRole("button", { name: "One moment…" }).waitFor();
    release();
    await app.isSignedIn();
    expect(bodies.some((body) => body.includes("sign-in/finish")), "the sign-in was seen").toBe(true);
    expect(bodies.some((body) => body.includes(user.password)), "the password was seen").toBe(false);
  }));

test("revoking a device ends its session", () =>
  journey(async (journey) => {
    const { a, b } = await journey.computers("a", "b");
    const { device } = (await b.app.api("/api/v1/accounts/me")).json;

    await a.app.goTo("Settings");
    const own = (await a.app.api("/api/v1/accounts/me")).json.device;
    // Both browsers have one name.
    await a.app.page.locator(`[data-device="${device.id}"]`).getByRole("button", { name: /^Revoke / }).click();
    await a.app.page.getByRole("dialog").getByRole("button", { name: "Revoke", exact: true }).click();

    await b.app.page.getByRole("button", { name: "Sign in", exact: true }).waitFor({ timeout: SOON });
    expect((await b.app.api("/api/v1/accounts/me")).status, "B's session").toBe(401);
    expect((await a.app.api("/api/v1/accounts/me")).json.device.id, "A's session").toBe(own.id);
  }));

test("an access token works until it is revoked", () =>
  journey(async (journey) => {
    const a = await journey.profile("a");
    await a.app.signUp(newUser());
    const { page } = a.app;
    await a.app.goTo("Settings");
    await page.getByRole("button", { name: "Create access token" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("textbox").first().fill("backup script");
    await page.keyboard.press("Enter");
    const shown = page.getByLabel("Access token", { exact: true });
    await shown.waitFor({ timeout: SOON });
    const token = (await shown.evaluate((element) => element.value ?? element.textContent)).trim();

    // As a program would: no cookie, no browser.
    const me = () => fetch(`${journey.server.url}/api/v1/accounts/me`, { headers: { authorization: `Bearer ${token}` } });
    const answer = await me();
    expect(answer.status, "the token's answer").toBe(200);
    expect((await answer.json()).device.name, "the token's name").toBe("backup script");

    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Revoke backup script" }).click();
    await dialog.getByRole("button", { name: "Revoke", exact: true }).click();
    await eventually(async () => (await me()).status === 401, "the token is refused");

    // One of a folder, picked from the drive.
    await a.app.goTo("Files");
    await a.app.newFolder("Reports");
    const reports = async () => (await a.app.items()).find((item) => item.name === "Reports");
    const { id } = await eventually(reports, "the server has the folder");
    await a.app.goTo("Settings");
    await page.getByRole("button", { name: "Create access token" }).click();
    await dialog.getByRole("textbox").first().fill("reports");
    await dialog.getByRole("button", { name: "One folder" }).click();
    await dialog.getByRole("button", { name: "Create token" }).click();
    await dialog.getByRole("alert").filter({ hasText: "Open the folder" }).waitFor({ timeout: SOON });
    await dialog.getByRole("button", { name: "Reports" }).click();
    await dialog.getByRole("button", { name: "Create token" }).click();
    await shown.waitFor({ timeout: SOON });
    const ofFolder = (await shown.evaluate((element) => element.value ?? element.textContent)).trim();
    const asks = async (path) => {
      const headers = { authorization: `Bearer ${ofFolder}` };
      const told = await fetch(`${journey.server.url}/api/v1${path}`, { headers });
      return [told.status, (await told.json()).code];
    };
    expect((await asks(`/items/${id}`))[0], "its folder").toBe(200);
    expect((await asks("/accounts/me"))[1], "the whole drive").toBe("one_folder");
    await page.keyboard.press("Escape");
    await page.getByText("Only in “Reports”").waitFor({ timeout: SOON });
  }));

test("an answer that took its time closes no other dialog", () =>
  journey(async (journey) => {
    const a = await journey.profile("a");
    await a.app.signUp(newUser());
    const { page } = a.app;
    await a.app.goTo("Settings");
    const create = async (name) => {
      await page.getByRole("button", { name: "Create access token" }).click();
      await page.getByRole("dialog").getByRole("textbox").first().fill(name);
    };
    await create("backup script");
    await page.keyboard.press("Enter");
    await page.getByLabel("Access token", { exact: true }).waitFor({ timeout: SOON });
    await page.keyboard.press("Escape");

    let answer;
    const held = new Promise((resolve) => (answer = resolve));
    await page.route("**/api/v1/devices/*", async (route) => {
      await held;
      await route.continue();
    });
    await page.getByRole("button", { name: "Revoke backup script" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Revoke", exact: true }).click();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await create("another one");
    answer();
    await page.getByText("“backup script” has no access any more").first().waitFor({ timeout: SOON });
    expect(await page.getByRole("dialog").getByRole("textbox").first().inputValue(), "what is typed in the other dialog").toBe("another one");
  }));
