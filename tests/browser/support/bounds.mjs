// What an edit may cost at the network, said in terms of what rsync and xdelta3 send for
// it, and which of these bounds a result misses.

/**
 * A sentence for each bound that is missed. With a cache:
 * 1. three times `xdelta3 -9` and 4 KB; of a document the part that its edit names
 * 2. never more than `rsync -z`, and a quarter of it where xdelta3 needs less than an eighth
 *
 * Without one:
 * 3. up: one and a half times `rsync -z`
 * 4. down: the file and its list, with 1 KB for each request's headers and 40 bytes for each
 *    block's
 */
export function missed({ size, isDocument, cached, uncached, peers: { rsyncZ, xdelta } }) {
  const misses = [];
  const hold = (what, bytes, most, bound) => {
    if (bytes > most) misses.push(`${what} ${whole(bytes)} > ${whole(most)} (${bound})`);
  };
  for (const way of ["up", "down"]) {
    const bytes = total(cached[way]);
    if (xdelta !== null && isDocument) hold(way, bytes, xdelta / isDocument, `xdelta3 / ${isDocument}`);
    else if (xdelta !== null) hold(way, bytes, 3 * xdelta + 4_096, "3 × xdelta3 + 4 KB");
    if (rsyncZ !== null) hold(way, bytes, rsyncZ, "rsync -z");
    if (rsyncZ !== null && xdelta !== null && xdelta < rsyncZ / 8) hold(way, bytes, rsyncZ / 4, "rsync -z / 4");
  }
  if (uncached) {
    if (rsyncZ !== null) hold("up, no cache", total(uncached.up), 1.5 * rsyncZ, "1.5 × rsync -z");
    hold("down, no cache", total(uncached.down), size + around(uncached.down), "the file and its list");
  }
  return misses;
}

const whole = (bytes) => Math.floor(bytes).toLocaleString("en");
const total = ({ sent, received }) => sent + received;

/** Bytes that a download has beside the file's. */
function around({ requests }) {
  const isList = ({ request }) => /\/files\/\d+\/(versions|manifest)/.test(request);
  const list = requests.filter(isList).reduce((sum, request) => sum + total(request), 0);
  return list + requests.length * 1_024 + requests.reduce((sum, { sent }) => sum + sent, 0);
}
