/**
 * A part of the page, which the build puts behind the script that asks for it. During a
 * deployment the server may have another release's parts only, and a browser's cache
 * what an older server made of their names.
 */
async function fetchPart(url) {
  const [part] = await Promise.all([moduleOf(url), (looks ??= fetchLooks())]);
  return part;
}

async function moduleOf(url) {
  const isPart = ({ ok, headers }) => ok && headers.get("content-type") === "application/wasm";
  const answered = await fetch(url).catch(() => null);
  if (answered && isPart(answered)) return answered;
  return fetch(url, { cache: "reload" });
}

/** The style sheet of all parts, which is no part of the document. */
let looks = null;

function fetchLooks() {
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = document.querySelector("meta[name=style-of-parts]").content;
  return new Promise((resolve, reject) => {
    link.onload = resolve;
    link.onerror = () => {
      // The next part tries again.
      looks = null;
      link.remove();
      reject(new Error("The style sheet of the parts is missing."));
    };
    document.head.append(link);
  });
}
