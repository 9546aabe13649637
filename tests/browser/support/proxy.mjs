// A small HTTP proxy between one browser and the server. It counts what really
// travels, header and body bytes, per request, and stands for a bad network:
// it can be cut, be slow, lose the API only, or end what is silent.
import http from "node:http";
import { Transform } from "node:stream";

export async function openProxy(targetPort) {
  const proxy = new Proxy(targetPort);
  await new Promise((resolve) => proxy.server.listen(0, "127.0.0.1", resolve));
  proxy.url = `http://127.0.0.1:${proxy.server.address().port}`;
  return proxy;
}

class Proxy {
  /** Every request, in order of arrival: method, path, status (null while it
   *  is open, 0 if it broke), bytes sent by the browser and received by it, how
   *  many seconds a poll asked to be held, and what a server tells in `Server-Timing`. */
  requests = [];
  #targetPort;
  #refuses = () => false;
  #loses = null;
  #hangs = null;
  #uploadRate = Infinity;
  #patience = null;
  #inPlaceOf = () => null;
  #recorded = null;
  #sockets = new Set();

  constructor(targetPort) {
    this.#targetPort = targetPort;
    this.server = http.createServer((request, response) => this.#forward(request, response));
    // A poll is held for a minute and an upload may take longer.
    this.server.requestTimeout = 0;
    this.server.headersTimeout = 0;
    this.server.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
    });
  }

  /** Cuts every connection and takes no new one. */
  cut() {
    this.#refuses = () => true;
    for (const socket of this.#sockets) socket.destroy();
  }

  /** The same for the API; the page itself can still be loaded. */
  cutApi() {
    this.#refuses = (path) => path.startsWith("/api/");
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Cuts what asks for such a path, as it asks. */
  refuse(pattern) {
    this.#refuses = (path) => pattern.test(path);
  }

  /** Cuts what matches (`POST /api/…`) when it has succeeded: the server has done it, and nobody hears of that. */
  loseAnswers(pattern) {
    this.#loses = pattern;
  }

  /** Takes what asks for such a path and never answers it. */
  hang(pattern) {
    this.#hangs = pattern;
  }

  mend() {
    this.#refuses = () => false;
    this.#loses = null;
    this.#hangs = null;
  }

  /**
   * Puts something in the place of what the server has: by path, an answer of its own
   * (`{ headers, body }`), the path that the server is asked for instead, or null.
   */
  replace(inPlaceOf) {
    this.#inPlaceOf = inPlaceOf;
  }

  /** Bytes per second that each request's body may take; Infinity by default. */
  limitUploads(bytesPerSecond) {
    this.#uploadRate = bytesPerSecond;
  }

  /**
   * Ends each request in which nothing travels for so many milliseconds, with a 504. (A
   * connection that is closed instead Chromium may open again by itself, up to twice.)
   */
  endSilent(millis) {
    this.#patience = millis;
  }

  /** Keeps the bodies of matching requests from now on; the array fills itself. */
  recordBodies(pattern) {
    this.#recorded = { pattern, bodies: [] };
    return this.#recorded.bodies;
  }

  stopRecording() {
    this.#recorded = null;
  }

  /** What matches, from a mark taken earlier with `requests.length`. */
  matching(pattern, since = 0) {
    return this.requests.slice(since).filter(({ method, path }) => pattern.test(`${method} ${path}`));
  }

  /** How many requests of each kind there were. */
  kinds(since = 0) {
    const kinds = {};
    for (const { method, path } of this.requests.slice(since)) {
      const kind = `${method} ${path.split("?")[0].replace(/[0-9a-f-]{36}/, "{id}")}`;
      kinds[kind] = (kinds[kind] ?? 0) + 1;
    }
    return kinds;
  }

  /** Bytes that the browser has sent with matching requests. */
  sent(pattern = /./, since = 0) {
    return this.matching(pattern, since).reduce((sum, request) => sum + request.sent, 0);
  }

  received(pattern = /./, since = 0) {
    return this.matching(pattern, since).reduce((sum, request) => sum + request.received, 0);
  }

  async close() {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  #forward(request, response) {
    if (this.#refuses(request.url)) {
      request.socket.destroy();
      return;
    }
    if (this.#hangs?.test(request.url)) return;
    const other = this.#inPlaceOf(request.url);
    if (other?.body !== undefined) {
      response.writeHead(200, other.headers).end(other.body);
      return;
    }
    const record = { method: request.method, path: request.url, status: null, sent: headerBytes(request), received: 0 };
    if (request.headers.timeout) record.asked = Number(request.headers.timeout);
    this.requests.push(record);
    const giveUp = () => {
      record.status = 504;
      upstream.destroy();
      response.writeHead(504, { "content-type": "text/html" }).end("<h1>Gateway Time-out</h1>");
    };
    const silence = this.#patience && setTimeout(giveUp, this.#patience);
    const broken = () => {
      clearTimeout(silence);
      if (record.status === 504) return;
      record.status ??= 0;
      upstream.destroy();
      response.destroy();
    };
    const upstream = http.request({
      host: "127.0.0.1",
      port: this.#targetPort,
      method: request.method,
      path: other ?? request.url,
      headers: request.rawHeaders,
      agent: false,
    });
    upstream.on("response", (answer) => {
      clearTimeout(silence);
      if (answer.statusCode < 300 && this.#loses?.test(`${request.method} ${request.url}`)) {
        answer.resume();
        request.socket.destroy();
        return;
      }
      record.received += headerBytes(answer);
      record.timing = answer.headers["server-timing"];
      response.writeHead(answer.statusCode, answer.statusMessage, answer.rawHeaders);
      answer.on("data", (chunk) => (record.received += chunk.length));
      answer.on("error", broken);
      answer.on("end", () => (record.status = answer.statusCode));
      answer.pipe(response);
    });
    upstream.on("error", broken);
    request.on("error", broken);
    if (this.#recorded?.pattern.test(`${request.method} ${request.url}`)) {
      const chunks = [];
      const { bodies } = this.#recorded;
      request.on("data", (chunk) => chunks.push(chunk));
      request.on("end", () => bodies.push(Buffer.concat(chunks)));
    }
    response.on("close", () => response.writableFinished || broken());
    if (silence) request.on("data", () => silence.refresh());
    request.pipe(this.#counting(record)).pipe(upstream);
  }

  #counting(record) {
    const rate = () => this.#uploadRate;
    return new Transform({
      transform(chunk, _encoding, done) {
        record.sent += chunk.length;
        const wait = (chunk.length / rate()) * 1000;
        if (wait > 0) setTimeout(() => done(null, chunk), wait);
        else done(null, chunk);
      },
    });
  }
}

/** A message's start line and headers as they stand on the wire, about. */
const headerBytes = ({ rawHeaders, url, method }) =>
  rawHeaders.reduce((sum, text) => sum + text.length + 2, 14 + (url?.length ?? 0) + (method?.length ?? 0));
