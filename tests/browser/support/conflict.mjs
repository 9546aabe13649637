// Two computers that edit the same files while both are offline.
import { SOON } from "./app.mjs";

/**
 * The state in which B is asked: A was first with each of the files, and B's
 * versions came second. `files` has the base's content and both others by name.
 */
export async function bothEdit(journey, files) {
  const { a, b, user } = await journey.computers("a", "b");
  const names = Object.keys(files);
  const written = (side) => names.map((name) => journey.file(`${side}/${name}`, files[name][side]));
  await a.app.drop(written("base"));
  for (const { app } of [a, b]) for (const name of names) await app.appears(name, { version: 1 });

  for (const profile of [a, b]) {
    await profile.goOffline();
    await profile.app.connectionIs("offline");
  }
  await a.app.drop(written("a"));
  await b.app.drop(written("b"));
  for (const { app } of [a, b]) for (const name of names) await app.uploadIs(name, ["offline", "waiting"]);

  await a.goOnline();
  for (const name of names) await a.app.appears(name, { version: 2, timeout: 2 * SOON });
  await b.goOnline();
  // Longer than the page waits for one answer before it asks again.
  await b.app.conflictDialog().waitFor({ timeout: 4 * SOON });
  // Those that come after a dialog was closed would be asked about in another.
  const known = names.length === 1 ? "1 conflict" : `${names.length} conflicts`;
  await b.app.page.getByRole("banner").getByRole("link", { name: known }).waitFor({ timeout: 4 * SOON });
  return { a, b, user };
}
