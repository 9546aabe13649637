// `npm run simulate`: a whole drive in one thread, from a seed, as often as you
// like. See docs/simulator.md.
//
//   npm run simulate -- --steps 10000000 --seed 1    seeds from 1 on
//   npm run simulate -- --bugs                       are deliberate bugs caught?
//
// All arguments go to the program, which says what it takes when one is wrong:
// tests/src/bin/simulate.rs.
import { simulate } from "./lib/simulation.mjs";
import { main } from "./lib/say.mjs";
import { setUp } from "./lib/setup.mjs";

await main(async () => {
  await setUp();
  return simulate(process.argv.slice(2));
});
