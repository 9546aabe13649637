// Merging a long text: 100,000 lines with a thousand changes on each side leave the
// page free.
import { test } from "node:test";
import { SOON } from "./support/app.mjs";
import { bothEdit } from "./support/conflict.mjs";
import { expect } from "./support/expect.mjs";
import { journey } from "./support/journey.mjs";
import { TASK_LIMIT, longestTask, watchLongTasks } from "./support/tasks.mjs";

test("100,000 lines leave the page free", () =>
  journey(async (journey) => {
    const many = (who, at) =>
      Array.from({ length: 100_000 }, (_, i) => (who && i % 100 === at ? `${who} wrote line ${i}` : `line ${i}, as it always was`)).join("\n");
    const { b } = await bothEdit(journey, { "log.txt": { base: many(), a: many("A", 10), b: many("B", 60).replace("A wrote", "B wrote") } });
    await b.app.page.getByRole("button", { name: "Compare and merge" }).click();
    const since = performance.now();
    await watchLongTasks(b.app.page);
    await b.app.page.getByTestId("merge-count").getByText("Nothing conflicts: 2,000 changes merged", { exact: true }).waitFor({ timeout: 4 * SOON });
    console.log(`  compared ${Math.round(performance.now() - since)} ms after the press`);
    const pane = b.app.page.getByRole("region", { name: "The two versions" });
    for (const share of [0.5, 1, 0.25]) {
      await pane.evaluate((pane, share) => pane.scrollTo(0, (pane.scrollHeight - pane.clientHeight) * share), share);
      await pane.getByText(`line ${Math.round(99_990 * share) - (share === 1 ? 0 : 5)}, as it always was`).first().waitFor({ timeout: SOON });
    }
    expect(await longestTask(b.app.page), "the page's longest task, in ms").toBeBelow(TASK_LIMIT);
  }));
