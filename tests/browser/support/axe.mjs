// What axe finds wrong with a page as it is.
import { AxeBuilder } from "@axe-core/playwright";
import { expect } from "./expect.mjs";

export async function axe(page, where) {
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
  expect(found, `what axe found ${where}`).toBe([]);
}
