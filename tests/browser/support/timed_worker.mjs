// Around the API server: says in `Server-Timing` how long an answer took, how much of that
// D1 and R2 did, and how many rows D1 has read for it, as D1 itself counts them. The clock of a Worker stands still while it computes, so what it
// computes after its last call is in nobody's time.

const DATABASES = ["batch"];
const BUCKETS = ["put", "get", "head", "list", "delete"];
const TIMED = { DIRECTORY_DB: ["d1", DATABASES], SPACE_DB_0: ["d1", DATABASES], PACKS: ["r2", BUCKETS] };

/** A Worker that does what `Inner` does, and tells how long it took. */
export const around = (Inner) => ({
  async fetch(request, env, ctx) {
    const spent = { d1: 0, r2: 0, rows: 0 };
    const since = Date.now();
    const answer = await new Inner(ctx, timed(env, spent)).fetch(request);
    const told = new Response(answer.body, answer);
    const all = Object.entries({ worker: Date.now() - since, ...spent });
    told.headers.set("server-timing", all.map(([name, duration]) => `${name};dur=${duration}`).join(", "));
    return told;
  },
  scheduled: (event, env, ctx) => new Inner(ctx, env).scheduled(event),
});

const timed = (env, spent) =>
  new Proxy(env, {
    get(env, name) {
      const binding = Reflect.get(env, name);
      const [layer, methods] = TIMED[name] ?? [];
      const tell = (duration, outcome) => {
        spent[layer] += duration;
        spent.rows += rowsRead(outcome);
      };
      return layer ? watched(binding, methods, tell) : binding;
    },
  });

const watched = (binding, methods, tell) =>
  new Proxy(binding, {
    get(binding, name) {
      const value = Reflect.get(binding, name);
      if (typeof value !== "function" || name === "constructor") return value;
      if (!methods.includes(name)) return value.bind(binding);
      return async (...given) => {
        const since = Date.now();
        let outcome;
        try {
          return (outcome = await value.apply(binding, given));
        } finally {
          tell(Date.now() - since, outcome);
        }
      };
    },
  });

/** Of the outcomes of a batch; what R2 answers has none. */
const rowsRead = (outcome) => (Array.isArray(outcome) ? outcome : []).reduce((sum, { meta }) => sum + meta.rows_read, 0);
