// Where the time of a run goes. What is measured may overlap: the web app and the
// Workers are built side by side.
import { note, table } from "./say.mjs";

const measured = [];

/** Runs something, says how long it took, and keeps that, whatever becomes of it. */
export async function timed(stage, what, body) {
  const since = performance.now();
  try {
    return await body();
  } finally {
    const took = performance.now() - since;
    measured.push({ stage, what, took });
    note(`${what}: ${inSeconds(took)}`);
  }
}

/** All of it, what took longest first. */
export function times() {
  const rows = [...measured].sort((a, b) => b.took - a.took);
  return table([["stage", "what", "took"], ...rows.map(({ stage, what, took }) => [stage, what, inSeconds(took)])]);
}

const inSeconds = (millis) => `${(millis / 1000).toFixed(1)} s`;
