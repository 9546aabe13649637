// Where the time of an upload goes, from the drop until it is done. Nothing of it is in
// the page or the Worker that people get: the page is watched from outside, and around
// the Worker is put another one, which times its calls.
//
// A layer's time is that in which at least one of its operations is under way. Layers
// overlap, so their times are more than the whole.
import { table } from "../../../scripts/lib/say.mjs";

/** Notes what a page does, from the next drop on. */
export function watch(page) {
  return page.evaluate(() => {
    const spans = (globalThis.spans = { database: [], hashing: [], blocked: [] });
    performance.setResourceTimingBufferSize(10_000);
    performance.clearResourceTimings();
    addEventListener("drop", () => (globalThis.droppedAt = performance.now()), { capture: true, once: true });
    const blocked = ({ startTime, duration }) => [startTime, startTime + duration];
    new PerformanceObserver((list) => spans.blocked.push(...list.getEntries().map(blocked))).observe({ type: "longtask" });

    const begin = IDBDatabase.prototype.transaction;
    IDBDatabase.prototype.transaction = function (...given) {
      const transaction = begin.apply(this, given);
      const span = [performance.now(), Infinity];
      spans.database.push(span);
      for (const end of ["complete", "abort"]) transaction.addEventListener(end, () => (span[1] = performance.now()));
      return transaction;
    };

    const post = Worker.prototype.postMessage;
    const jobs = new Map();
    const listening = new WeakSet();
    Worker.prototype.postMessage = function (message, ...more) {
      if (message?.job !== undefined && message.sizeClass !== undefined) {
        const span = [performance.now(), Infinity];
        spans.hashing.push(span);
        const worker = this;
        const key = (job) => `${[...workers].indexOf(worker)} ${job}`;
        workers.add(worker);
        jobs.set(key(message.job), span);
        if (!listening.has(worker)) {
          listening.add(worker);
          worker.addEventListener("message", ({ data }) => {
            if (data?.blocks || data?.unreadable) (jobs.get(key(data.job)) ?? [])[1] = performance.now();
          });
        }
      }
      return post.call(this, message, ...more);
    };
    const workers = new Set();
  });
}

/** What the page did until `doneAt`, milliseconds after the drop: rows of a table. */
export async function seen(page, doneAt) {
  const { spans, requests } = await page.evaluate(() => {
    const since = ([from, to]) => [from - droppedAt, to - droppedAt];
    const timing = ({ serverTiming }) => Object.fromEntries(serverTiming.map(({ name, duration }) => [name, duration]));
    const ofApi = performance.getEntriesByType("resource").filter(({ name }) => name.includes("/api/v1/"));
    return {
      spans: Object.fromEntries(Object.entries(spans).map(([layer, all]) => [layer, all.map(since)])),
      requests: ofApi.map((one) => ({
        what: new URL(one.name).pathname.replace("/api/v1", "").replace(/[0-9a-f]{8}-[0-9a-f-]+/, "{id}"),
        span: since([one.startTime, one.responseEnd]),
        queued: one.requestStart - one.startTime,
        ...timing(one),
      })),
    };
  });
  // A poll waits for news, and is no work.
  const counted = requests.filter(({ what, span: [from] }) => !what.startsWith("/notifications") && from < doneAt);
  const rows = [];
  const add = (layer, all, more = "") => {
    const now = all.map(([from, to]) => [Math.max(0, from), Math.min(to, doneAt)]).filter(([from, to]) => to > from);
    const sum = now.reduce((total, [from, to]) => total + to - from, 0);
    rows.push([layer, String(now.length), ms(covered(now)), ms(now.length === 0 ? 0 : sum / now.length), more]);
  };
  const first = (all) => Math.min(doneAt, ...all.map(([from]) => from).filter((from) => from >= 0));
  add("page: until the first file is hashed", [[0, first(spans.hashing)]]);
  add("page: hashing workers", spans.hashing);
  add("page: transactions of the database", spans.database);
  add("page: tasks of 50 ms and more", spans.blocked);
  for (const what of [...new Set(counted.map(({ what }) => what))]) {
    const of = counted.filter((one) => one.what === what);
    const mean = (key) => of.reduce((sum, one) => sum + (one[key] ?? 0), 0) / of.length;
    const rest = of.reduce((sum, { span: [from, to], queued, worker }) => sum + to - from - queued - (worker ?? 0), 0) / of.length;
    const parts = [["waits in the page", mean("queued")], ["network and proxies", rest], ["D1", mean("d1")], ["R2", mean("r2")], ["rest of the Worker", mean("worker") - mean("d1") - mean("r2")]];
    add(`request ${what}`, of.map(({ span }) => span), parts.map(([part, value]) => `${part} ${value.toFixed(0)}`).join(", "));
  }
  add("all requests", counted.map(({ span }) => span));
  return rows;
}

/** The rows of {@link seen}, for people. */
export const shown = (rows) => table([["layer", "number", "time, ms", "each, ms", "of each, ms"], ...rows]);

const ms = (value) => value.toFixed(0);

/** The length of all spans together, what overlaps once. */
export function covered(spans) {
  let [sum, end] = [0, -Infinity];
  for (const [from, to] of [...spans].sort(([a], [b]) => a - b)) {
    sum += Math.max(0, to - Math.max(from, end));
    end = Math.max(end, to);
  }
  return sum;
}
