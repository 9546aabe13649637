// What one person leaves in a browser is not for the next one, and what the next one
// has there is not the business of a tab that has slept.
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { SOON, newUser } from "./support/app.mjs";
import { cacheHas, cacheSize } from "./support/block_cache.mjs";
import { eventually, expect } from "./support/expect.mjs";
import { journey } from "./support/journey.mjs";
import { areKept, copies, edits } from "./support/unsent.mjs";

test("the next person at a browser gets nothing of what the first one's page asked for", () =>
  journey(async (journey) => {
    const a = await journey.profile("a");
    const ann = newUser();
    const secret = `ann's secret ${randomBytes(8).toString("hex")}`;
    await a.app.signUp(ann);
    await a.app.drop([journey.file("small-secret.txt", secret), journey.file("large-secret.txt", secret.repeat(4_000))]);
    await a.app.uploadIs("small-secret.txt", ["done"]);
    await a.app.uploadIs("large-secret.txt", ["done"]);
    // One as the browser's own download, one put together from blocks.
    await a.app.download("small-secret.txt");
    await a.app.download("large-secret.txt");
    const [file] = (await a.app.items()).filter(({ name }) => name === "small-secret.txt");
    const content = `/api/v1/files/${file.id}/content`;
    const list = (await a.app.api(`/api/v1/files/${file.id}/manifest?version=1`)).json;
    const [[hash]] = list.blocks;
    for (const path of [content, `${content}?version=1`, `${content}?version=1&name=other.txt`, `/api/v1/blocks/${hash}`]) {
      expect((await a.app.api(path)).text, `what ann is answered at ${path}`).toBe(secret);
    }

    const asked = a.proxy.matching(/^GET \/api\//).map(({ path }) => path);
    const paths = new Set(asked.filter((path) => !path.includes("/notifications/poll")));
    expect([...paths].some((path) => path.includes("small-secret.txt")), "the download was seen").toBe(true);
    await a.app.signOut();
    await a.app.signUp(newUser());
    const tells = [ann.name, "secret", secret, file.id];
    for (const path of paths) {
      // The second of them takes whatever a cache has, however old.
      for (const cache of ["default", "force-cache"]) {
        const { status, text, headers } = await a.app.api(path, { cache });
        const said = tells.filter((word) => text.includes(word) || JSON.stringify(headers).includes(word));
        expect(said, `what is said of ann at ${path} (${cache}: ${status})`).toBe([]);
      }
    }
    // Nor as an address out of the history.
    const visited = await a.app.page.goto(`${a.url}${content}?version=1`);
    expect(visited.status(), "the answer to an address of ann's").toBe(404);
  }));

const nothingIsKept = (page) =>
  eventually(async () => {
    const { files, bundles } = await cacheSize(page);
    return files + bundles + (await copies(page)).length === 0;
  }, "no bytes are left in the browser");

/** What a tab that signs out has not done yet when it is closed. */
const STEPS = {
  "anything goes": () => {
    const request = LockManager.prototype.request;
    LockManager.prototype.request = function (name, ...rest) {
      return name === "driftless-owner" ? window.stopped() : request.call(this, name, ...rest);
    };
  },
  "the drafts go": () => {
    const remove = FileSystemDirectoryHandle.prototype.removeEntry;
    FileSystemDirectoryHandle.prototype.removeEntry = function (...names) {
      return this.name === "drafts" ? window.stopped() : remove.apply(this, names);
    };
  },
  "the blocks go": () => {
    const remove = FileSystemDirectoryHandle.prototype.removeEntry;
    FileSystemDirectoryHandle.prototype.removeEntry = function (...names) {
      return this.name === "blocks" ? window.stopped() : remove.apply(this, names);
    };
  },
  "the mark goes": () => {
    const clear = IDBObjectStore.prototype.clear;
    IDBObjectStore.prototype.clear = function () {
      if (this.name !== "meta") return clear.call(this);
      window.stopped();
      throw new DOMException("closed", "AbortError");
    };
  },
};

/** Something in the block cache, and an edit that can't be sent, with its copy. */
async function leaveSomething(journey, profile, app, name) {
  await app.drop([journey.file(`${name}-sent.bin`, randomBytes(50_000))]);
  await app.uploadIs(`${name}-sent.bin`, ["done"]);
  await cacheHas(app.page, 50_000);
  profile.proxy.cutApi();
  await app.connectionIs("reconnecting");
  await app.drop([journey.file(`${name}-unsent.txt`, name)]);
  await areKept(app.page, 1);
  profile.proxy.refuse(/^\/api\/v1\/(files|blocks)/);
  await app.connectionIs("live");
}

test("a tab that is closed while it signs out leaves no bytes, wherever it was", () =>
  journey(async (journey) => {
    const a = await journey.profile("a");
    const ann = newUser();
    let app = a.app;
    await app.signUp(ann);
    for (const [step, stop] of Object.entries(STEPS)) {
      await leaveSomething(journey, a, app, step.replaceAll(" ", "-"));
      const stopped = new Promise((resolve) => app.page.exposeFunction("tellStopped", resolve));
      await app.page.evaluate(() => {
        window.stopped = () => {
          window.tellStopped();
          return new Promise(() => {});
        };
      });
      await app.page.evaluate(stop);
      await app.page.getByRole("button", { name: "Account", exact: true }).click();
      await app.page.getByRole("menuitem", { name: "Sign out" }).click();
      await app.page.getByRole("button", { name: "Sign out and forget" }).click();
      await stopped;
      const next = await a.newTab();
      await app.page.close();
      app = next;
      a.proxy.mend();
      await app.open();
      await app.page.getByRole("button", { name: "Sign in", exact: true }).waitFor({ timeout: SOON });
      if (step === "anything goes") {
        // It is as if the session had ended: the edit waits for its owner.
        await eventually(async () => (await cacheSize(app.page)).files === 0, "no blocks are left in the browser");
        expect([(await edits(app.page)).length, (await copies(app.page)).length], "edits and their bytes").toBe([1, 1]);
      } else {
        await nothingIsKept(app.page);
        expect((await edits(app.page)).length, `edits of a tab that was closed before ${step}`).toBe(0);
      }
      await app.signIn(ann);
      await eventually(async () => (await edits(app.page)).length === 0, "what was kept is sent");
    }
  }));

test("a session that the server ends leaves only what was not sent, and says so", () =>
  journey(async (journey) => {
    const a = await journey.profile("a");
    const ann = newUser();
    await a.app.signUp(ann);
    await leaveSomething(journey, a, a.app, "ended");
    const { device } = (await a.app.api("/api/v1/accounts/me")).json;
    await a.app.api(`/api/v1/devices/${device.id}`, { method: "DELETE" });
    await a.app.page.getByRole("button", { name: "Sign in", exact: true }).waitFor({ timeout: SOON });
    await a.app.page.getByText("What was not sent yet is kept in this browser until you sign in again").waitFor({ timeout: SOON });
    await eventually(async () => {
      const { files, bundles } = await cacheSize(a.app.page);
      return files + bundles === 0;
    }, "no blocks are left in the browser");
    expect((await copies(a.app.page)).length, "bytes of what was not sent").toBe(1);
    a.proxy.mend();
    await a.app.trySignIn(ann);
    await a.app.appears("ended-unsent.txt", { version: 1 });
  }));

/** A tab that can sleep: it hears nothing of the others, and reaches nobody. */
async function sleeper(profile) {
  const app = await profile.newTab();
  await app.page.addInitScript(() => {
    const { set } = Object.getOwnPropertyDescriptor(BroadcastChannel.prototype, "onmessage");
    const missed = [];
    Object.defineProperty(BroadcastChannel.prototype, "onmessage", {
      set(listener) {
        window.hear = () => missed.splice(0).forEach((event) => listener(event));
        set.call(this, (event) => (window.sleeps ? missed.push(event) : listener(event)));
      },
    });
  });
  await app.open();
  await app.isSignedIn();
  const lose = (route) => route.abort();
  return {
    app,
    sleep: async () => {
      await app.page.evaluate(() => (window.sleeps = true));
      await app.page.route("**/api/**", lose);
    },
    wake: async () => {
      await app.page.unroute("**/api/**", lose);
      await app.page.evaluate(() => dispatchEvent(new Event("online")));
    },
  };
}

test("a tab that slept while somebody else signed in takes nothing from them and sends them nothing", () =>
  journey(async (journey) => {
    // A service worker would see the requests before this test does.
    const a = await journey.profile("a", { serviceWorkers: "block" });
    const [ann, bob] = [newUser(), newUser()];
    await a.app.signUp(ann);
    const [deaf, late] = [await sleeper(a), await sleeper(a)];
    await deaf.sleep();
    await late.sleep();
    await deaf.app.drop([journey.file("anns.txt", "ann's")]);
    await areKept(a.app.page, 1);

    // Who signs out in one tab is asked about what another one has not sent.
    await a.app.page.getByRole("button", { name: "Account", exact: true }).click();
    await a.app.page.getByRole("menuitem", { name: "Sign out" }).click();
    await a.app.page.getByRole("dialog").getByText("1 change").waitFor({ timeout: SOON });
    await a.app.page.getByRole("button", { name: "Sign out and forget" }).click();
    await a.app.page.getByRole("button", { name: "Sign in", exact: true }).waitFor({ timeout: SOON });
    const before = a.proxy.requests.length;
    await a.app.signUp(bob);
    // A poll that is held already is not cut off with the rest: the tab that leads stays connected.
    await eventually(() => a.proxy.matching(/notifications\/poll/, before).some(({ status }) => status === null), "bob's tab waits for news");
    const lose = (route) => route.abort();
    await a.app.page.route("**/api/**", lose);
    await a.app.drop([journey.file("bobs.txt", "bob's")]);
    await areKept(a.app.page, 1);

    // One wakes and has heard nothing,
    const mark = a.proxy.requests.length;
    await deaf.wake();
    await deaf.app.page.getByRole("heading", { name: `${bob.name} is signed in here now` }).waitFor({ timeout: 2 * SOON });
    await deaf.app.page.getByText("1 change of this tab had not reached the server").waitFor({ timeout: SOON });
    expect((await deaf.app.rows().count()) + (await deaf.app.page.getByText("anns.txt").count()), "rows of ann's").toBe(0);
    expect(a.proxy.matching(/^(POST|PATCH|DELETE)/, mark).filter(({ status }) => status >= 200 && status < 300), "changes by ann's tab").toBe([]);
    expect(a.proxy.matching(/changes\/list|poll|commit|POST/, mark).some(({ status }) => status === 403), "it was refused").toBe(true);
    // the other has missed that ann signed out, and bob in.
    await late.wake();
    await late.app.page.evaluate(() => {
      window.sleeps = false;
      window.hear();
    });
    await late.app.isSignedIn();
    expect([(await edits(a.app.page)).length, (await copies(a.app.page)).length], "what bob has not sent").toBe([1, 1]);

    await a.app.page.unroute("**/api/**", lose);
    await a.app.page.evaluate(() => dispatchEvent(new Event("online")));
    await a.app.appears("bobs.txt", { version: 1, timeout: 2 * SOON });
    expect((await a.app.items()).map(({ name }) => name), "bob's drive").toBe(["bobs.txt"]);
    await deaf.app.page.getByRole("button", { name: /^Open .*drive$/ }).click();
    await deaf.app.appears("bobs.txt");
  }));
