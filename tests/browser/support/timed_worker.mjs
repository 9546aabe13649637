// Around the API server: says in `Server-Timing` how long an answer took, and how much of
// that D1 and R2 did. The clock of a Worker stands still while it computes, so what it
// computes after its last call is in nobody's time.

const DATABASES = ["batch"];
const BUCKETS = ["put", "get", "head", "list", "delete"];
const TIMED = { DIRECTORY_DB: ["d1", DATABASES], SPACE_DB_0: ["d1", DATABASES], PACKS: ["r2", BUCKETS] };

/** A Worker that does what `Inner` does, and tells how long it took. */
export const around = (Inner) => ({
  async fetch(request, env, ctx) {
    const spent = { d1: 0, r2: 0 };
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
      return layer ? watched(binding, methods, (duration) => (spent[layer] += duration)) : binding;
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
        try {
          return await value.apply(binding, given);
        } finally {
          tell(Date.now() - since);
        }
      };
    },
  });
