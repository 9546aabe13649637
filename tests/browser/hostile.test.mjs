// Files that would like to run, names that would like to be markup, and the
// page's own policy.
import { test } from "node:test";
import { newUser } from "./support/app.mjs";
import { expect } from "./support/expect.mjs";
import { journey } from "./support/journey.mjs";

const SCRIPT = "document.title = 'ran'; globalThis.ran = true; fetch('/api/v1/accounts/me?ran')";
const HOSTILE = {
  "page.html": `<!doctype html><title>still</title><script>${SCRIPT}</script><img src=x onerror="${SCRIPT}">`,
  "picture.svg": `<svg xmlns="http://www.w3.org/2000/svg" onload="${SCRIPT}"><script>${SCRIPT}</script></svg>`,
  "page.xhtml": `<html xmlns="http://www.w3.org/1999/xhtml"><head><title>still</title><script>${SCRIPT}</script></head></html>`,
  "<img src=x onerror=ran=1>.txt": "only the name is hostile",
  "sniffed.txt": `<!doctype html><script>${SCRIPT}</script>`,
};

test("no uploaded file runs a script in the app's origin", () =>
  journey(async (journey) => {
    const a = await journey.profile("a");
    await a.app.signUp(newUser());
    const files = Object.entries(HOSTILE).map(([name, content]) => journey.file(name, content));
    await a.app.pickFiles(files);
    for (const name of Object.keys(HOSTILE)) await a.app.appears(name, { version: 1 });
    expect(await a.app.page.evaluate(() => globalThis.ran ?? false), "a name ran").toBe(false);

    for (const item of await a.app.items()) {
      const url = `/api/v1/files/${item.id}/content`;
      const { headers } = await a.app.api(url);
      expect(headers["x-content-type-options"], `${item.name}: X-Content-Type-Options`).toBe("nosniff");
      expect(headers["content-disposition"], `${item.name}: Content-Disposition`).toMatch(/^attachment/);

      for (const query of ["", "?inline", "?inline=1"]) {
        const tab = await a.newTab();
        const mark = a.proxy.requests.length;
        // An attachment ends the navigation, which is what we want to see.
        await tab.page.goto(a.url + url + query).catch(() => {});
        await tab.page.waitForTimeout(300);
        expect(await tab.page.title(), `${item.name}${query}: the title`).toMatch(/^(?!ran)/);
        expect(a.proxy.matching(/me\?ran/, mark).length, `${item.name}${query}: requests by its script`).toBe(0);
        await tab.page.close();
      }
      // In a frame and as an object of the app's own page.
      const mark = a.proxy.requests.length;
      await a.app.page.evaluate((src) => {
        const frame = document.createElement("iframe");
        frame.src = src;
        document.body.append(frame);
        return new Promise((resolve) => setTimeout(resolve, 300)).then(() => frame.remove());
      }, url);
      expect(a.proxy.matching(/me\?ran/, mark).length, `${item.name}: requests by its script in a frame`).toBe(0);
    }
    // The frames were refused loudly, by intent.
    journey.problems.length = 0;
  }));

test("the page has a strict policy", () =>
  journey(async (journey) => {
    const a = await journey.profile("a");
    const answer = await a.app.open();
    const headers = answer.headers();
    const policy = headers["content-security-policy"] ?? "";
    expect(policy).toMatch(/default-src 'none'|default-src 'self'/);
    expect(policy).toMatch(/frame-ancestors 'none'/);
    expect(/'unsafe-inline'|'unsafe-eval'|https?:|\*/.test(policy.replaceAll("'wasm-unsafe-eval'", "")), `the policy is loose: ${policy}`).toBe(false);
    expect(headers["x-content-type-options"], "X-Content-Type-Options").toBe("nosniff");
    expect(headers["referrer-policy"] ?? "").toMatch(/no-referrer|same-origin/);
    // Nothing is loaded from anywhere else.
    const elsewhere = await a.app.page.evaluate(() =>
      performance.getEntriesByType("resource").map(({ name }) => name).filter((name) => !name.startsWith(location.origin)),
    );
    expect(elsewhere.filter((name) => !name.startsWith("blob:")), "loaded from elsewhere").toBe([]);
  }));
