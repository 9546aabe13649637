// Long tasks: what keeps the page's thread for over 50 ms, as the browser
// itself counts them.

/** What a task should take at most, in milliseconds… */
export const TASK_AIM = 50;
/** …and what fails: on a machine that others use as well, wall time says no more. */
export const TASK_LIMIT = 200;

/** Begins to watch an open page. */
export const watchLongTasks = (page) =>
  page.evaluate(() => {
    globalThis.longTasks = [];
    const observer = new PerformanceObserver((list) =>
      globalThis.longTasks.push(...list.getEntries().map(({ startTime, duration }) => ({ startTime, duration }))),
    );
    observer.observe({ type: "longtask" });
  });

/** The longest since then, in milliseconds; 0 if none took over 50. */
export async function longestTask(page) {
  const tasks = await page.evaluate(async () => {
    // They are told of a little later.
    await new Promise((resolve) => setTimeout(resolve, 200));
    return globalThis.longTasks;
  });
  return Math.max(0, ...tasks.map(({ duration }) => duration));
}
