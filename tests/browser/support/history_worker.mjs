// Around the API server, as `timed_worker.mjs` does it: makes a year of a busy person's history
// by statements of its own, since to make it by requests would take hours, and at their time.
// Items, versions, lists and the journal are there, and counted; all blocks are of those that
// were stored before.
//
// Each file is worked at on two days of the year, five versions a day: on one of the first 180
// and on one of the last 184.
import { around as timed } from "./timed_worker.mjs";

export const HISTORY = "/api/history-for-benchmarks";

/** A Worker that does what `Inner` does, and answers {@link HISTORY}: makes it, or counts rows. */
export const around = (Inner) => {
  const outer = timed(Inner);
  return {
    ...outer,
    async fetch(request, env, ctx) {
      if (new URL(request.url).pathname !== HISTORY) return outer.fetch(request, env, ctx);
      if (request.method === "POST") await make(await request.json(), env.SPACE_DB_0);
      return Response.json(await count(env.SPACE_DB_0));
    },
  };
};

const TABLES = ["items", "versions", "file_blocks", "changes"];

async function count(db) {
  const counts = await db.batch(TABLES.map((table) => db.prepare(`SELECT count(*) AS n FROM ${table}`)));
  return Object.fromEntries(counts.map(({ results: [{ n }] }, at) => [TABLES[at], n]));
}

const DAY = 86_400_000;
/** Numbers that look like chance and are the same everywhere. */
const mixed = (n) => `(((${n}) * 2654435761) & 4294967295)`;
/** Ids that are spread like those that are made by chance. */
const id = (kind, n) => `printf('%08x-0000-4000-8${kind}00-%012x', ${mixed(`${n} + ${kind}`)}, ${n})`;

/** In the folder: `files` files with 10 versions each, in folders of a hundred, until `now`. */
async function make({ folder, files, now }, db) {
  const { space } = await db.prepare("SELECT space FROM items WHERE id = ?1").bind(folder).first();
  // ?1 space, ?2 folder, ?3 how many files, ?4 when the year begins
  const numbers = (name, most) => `${name} (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM ${name} WHERE n + 1 < ${most})`;
  const of = `WITH RECURSIVE ${numbers("file", "?3")}, ${numbers("number", "10")}, made (n, item, parent, name, version, at) AS MATERIALIZED (
    SELECT f.n, ${id(1, "f.n")}, ${id(2, "f.n / 100")}, 'file ' || f.n || '.txt', v.n + 1,
      ?4 + CASE WHEN v.n < 5 THEN ${mixed("f.n + 7")} % 180 ELSE 180 + ${mixed("f.n + 11")} % 184 END * ${DAY}
        + ${mixed("f.n + 13")} % 28800000 + v.n % 5 * 1200000
    FROM file f CROSS JOIN number v
  )`;
  // The journal is in the order of time, the folders before it.
  const place = (parent, name) => `json_object('at', json_object('parent', ${parent}, 'name', ${name})`;
  const statements = [
    `WITH RECURSIVE ${numbers("number", "?3 / 100")} INSERT INTO items (space, id, parent, name, name_key, place_version, created_at)
     SELECT ?1, ${id(2, "n")}, ?2, 'folder ' || n, 'folder ' || n, 1, ?4 FROM number`,
    `${of} INSERT INTO items (space, id, parent, name, name_key, place_version, version, created_at)
     SELECT ?1, item, parent, name, name, 1, 10, at FROM made WHERE version = 1 AND ?2 IS NOT NULL`,
    `${of} INSERT INTO versions (space, item, version, size, size_class, modified_at, user_name, device, device_name, at)
     SELECT ?1, item, version, 4 * b.length, 18, at, 'busy', ${id(3, "1")}, 'Laptop', at FROM made
     CROSS JOIN (SELECT length FROM blocks WHERE space = ?1 LIMIT 1) b WHERE ?2 IS NOT NULL`,
    // A version changes one of four blocks.
    `${of}, pool AS MATERIALIZED (SELECT hash, length, row_number() OVER (ORDER BY hash) - 1 AS k, count(*) OVER () AS all_of_them FROM blocks WHERE space = ?1),
     row (n, item, ord, since) AS (
       SELECT m.n, m.item, o.n, 1 FROM made m CROSS JOIN number o WHERE m.version = 1 AND o.n < 4
       UNION ALL SELECT n, item, version % 4, version FROM made WHERE version > 1
     )
     INSERT INTO file_blocks (space, item, ord, since_version, until_version, hash, length)
     SELECT ?1, row.item, row.ord, row.since,
       CASE WHEN row.since > 1 THEN CASE WHEN row.since + 4 <= 10 THEN row.since + 4 END WHEN row.ord > 1 THEN row.ord ELSE row.ord + 4 END,
       p.hash, p.length
     FROM row CROSS JOIN pool p ON p.k = (row.n * 7 + row.since * 13 + row.ord) % p.all_of_them WHERE ?2 IS NOT NULL`,
    `${of} INSERT INTO changes (space, seq, item, at, event, detail, user_name, device_name)
     SELECT ?1, s.head_seq + m.nth, m.item, m.at, CASE m.version WHEN 1 THEN 'file_create' END,
       ${place("m.parent", "m.name")}, 'version', m.version), 'busy', 'Laptop'
     FROM spaces s CROSS JOIN (SELECT *, row_number() OVER (ORDER BY at, item, version) AS nth FROM made) m WHERE s.id = ?1 AND ?2 IS NOT NULL`,
    `UPDATE spaces SET head_seq = (SELECT max(seq) FROM changes WHERE space = ?1),
       item_count = (SELECT count(*) FROM items WHERE space = ?1), version_count = (SELECT count(*) FROM versions WHERE space = ?1),
       row_count = (SELECT count(*) FROM file_blocks WHERE space = ?1), needed_blocks = used_blocks, needed_bytes = used_bytes
     WHERE id = ?1 AND ?2 IS NOT NULL AND ?3 AND ?4`,
  ];
  await db.batch(statements.map((sql) => db.prepare(sql).bind(space, folder, files, now - 365 * DAY)));
}
