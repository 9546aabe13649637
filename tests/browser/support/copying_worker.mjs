// Around the API server, as `timed_worker.mjs` does it: makes a drive of very many names by
// statements of its own, since to make them by requests would take hours. Items and the
// versions that they are at are there, and counted; contents and the journal are not.
import { around as timed } from "./timed_worker.mjs";

export const COPIES = "/api/copies-for-benchmarks";

/** A Worker that does what `Inner` does, and answers {@link COPIES}. */
export const around = (Inner) => {
  const outer = timed(Inner);
  return {
    ...outer,
    fetch: (request, env, ctx) => (new URL(request.url).pathname === COPIES ? copy(request, env.SPACE_DB_0) : outer.fetch(request, env, ctx)),
  };
};

/** Ids that are spread like those that are made by chance. */
const id = (n) => `printf('%08x-0000-4000-8000-%012x', (${n} * 2654435761) & 4294967295, ${n})`;
const IS_FOLDER = "(n >= ?3 AND n % 100 = 0)";

/**
 * From the folder `of.folder` and the file `of.file`: items `from` to `to`, of which the first
 * `inOne` are in that folder and the others in folders of a hundred.
 */
async function copy(request, db) {
  const { of, from, to, inOne } = await request.json();
  const { space } = await db.prepare("SELECT space FROM items WHERE id = ?1 LIMIT 1").bind(of.folder).first();
  const numbers = "WITH RECURSIVE numbers (n) AS (SELECT CAST(?4 AS INTEGER) UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < ?5)";
  const items = `${numbers}
    INSERT INTO items (space, id, parent, name, name_key, place_version, version, created_at)
    SELECT t.space, ${id("n")},
      CASE WHEN ${IS_FOLDER} THEN NULL WHEN n - n % 100 < ?3 THEN ?2 ELSE ${id("(n - n % 100)")} END,
      CASE WHEN ${IS_FOLDER} THEN 'Folder ' ELSE 'A file with a name ' END || n || CASE WHEN ${IS_FOLDER} THEN '' ELSE '.txt' END,
      CASE WHEN ${IS_FOLDER} THEN 'folder ' ELSE 'a file with a name ' END || n || CASE WHEN ${IS_FOLDER} THEN '' ELSE '.txt' END,
      1, CASE WHEN ${IS_FOLDER} THEN NULL ELSE 1 END, t.created_at
    FROM numbers CROSS JOIN items t ON t.space = ?1 AND t.id = ?2`;
  const versions = `${numbers}
    INSERT INTO versions (space, item, version, size, size_class, modified_at, user_name, device, device_name, at)
    SELECT t.space, ${id("n")}, 1, t.size, t.size_class, t.modified_at, t.user_name, t.device, t.device_name, t.at
    FROM numbers CROSS JOIN versions t ON t.space = ?1 AND t.item = ?2 AND t.version = 1
    WHERE NOT ${IS_FOLDER}`;
  const made = await db.batch([
    db.prepare(items).bind(space, of.folder, inOne, from, to),
    db.prepare(versions).bind(space, of.file, inOne, from, to),
  ]);
  const [newItems, newVersions] = made.map(({ meta }) => meta.changes);
  const counted = "UPDATE spaces SET item_count = item_count + ?2, version_count = version_count + ?3 WHERE id = ?1";
  await db.batch([db.prepare(counted).bind(space, newItems, newVersions)]);
  return Response.json({ items: newItems });
}
