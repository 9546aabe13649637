// Colours source text for the viewer, away from the page's thread. A text comes in, and
// its lines go out a lot at a time, each as an array in which kinds and texts take turns:
// the page makes elements of them, and never markup. Nothing is kept.
import hljs from "highlight.js/lib/core";
import { languagesOf, load } from "./languages.js";

/** Lines of one message: the page draws so many at once. */
const LOT = 200;

addEventListener("message", async ({ data: { number, ending, text } }) => {
  let done = false;
  try {
    done = await colour(ending, text, (lines) => postMessage({ number, lines }));
  } catch {
    // It has no colours then.
  }
  postMessage({ number, done });
});

// It listens.
postMessage({});

async function colour(ending, text, tell) {
  const [language, ...within] = languagesOf(ending);
  if (!language) return false;
  for (const name of [language, ...within]) {
    if (!hljs.getLanguage(name)) hljs.registerLanguage(name, await load(name));
  }
  const lines = linesOf(hljs.highlight(text, { language, ignoreIllegals: true }).value);
  for (let i = 0; i < lines.length; i += LOT) tell(lines.slice(i, i + LOT));
  return true;
}

/** What highlight.js writes are spans around text in which `<`, `>`, `&` and quotes are named. */
function linesOf(html) {
  const lines = [[]];
  const open = [];
  for (const [token] of html.matchAll(/<span class="[^"]*">|<\/span>|[^<]+/g)) {
    if (token.startsWith("<span")) open.push(token.slice(13, -2).split(" ")[0]);
    else if (token === "</span>") open.pop();
    else add(lines, open.at(-1) ?? "", plain(token));
  }
  return lines;
}

function add(lines, kind, text) {
  const [first, ...more] = text.split("\n");
  if (first) lines.at(-1).push(kind, first);
  for (const line of more) lines.push(line ? [kind, line] : []);
}

const NAMED = { "&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#x27;": "'" };

const plain = (text) => text.replace(/&(?:amp|lt|gt|quot|#x27);/g, (name) => NAMED[name]);
