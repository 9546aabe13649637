/**
 * A part of the page, which the build puts behind the script that asks for it. During a
 * deployment the server may have another release's parts only, and a browser's cache
 * what an older server made of their names.
 */
async function fetchPart(url) {
  const isPart = ({ ok, headers }) => ok && headers.get("content-type") === "application/wasm";
  const answered = await fetch(url).catch(() => null);
  if (answered && isPart(answered)) return answered;
  return fetch(url, { cache: "reload" });
}
