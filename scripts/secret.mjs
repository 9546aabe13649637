// Prints a fresh SIGN_IN_SECRET, ready for a pipe:
//   npm run --silent secret | npx wrangler secret put SIGN_IN_SECRET
import { newSecret } from "./lib/server.mjs";

process.stdout.write(newSecret());
