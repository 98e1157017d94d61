import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import {
  type EventStreamOptions,
  type HostControl,
  limitReached,
  nearestName,
  SnakepitError,
  toSnakepitError,
} from "@snakepit/core";
import { CONTROL_METHODS, CONTROL_VERSION, controlMethod, controlRequest, EVENTS_PATH } from "./control-methods.ts";

const MAX_BODY_BYTES = 64 * 1024;
/** Milliseconds within which a client must send a request. */
const REQUEST_TIMEOUT_MS = 10_000;
/** Milliseconds to send the last responses when the host has closed. */
const LAST_RESPONSES_MS = 500;
/** Event streams at the same time. */
const MAX_STREAMS = 32;

/** Handles the requests of clients on the control socket: HTTP with JSON, one request for each call of a method. */
export class ControlServer {
  readonly #control: HostControl;
  readonly #http: Server;
  readonly #closing = new AbortController();
  readonly #closed = Promise.withResolvers<never>();
  readonly #responding = new Set<Promise<void>>();
  #streams = 0;

  constructor(control: HostControl) {
    this.#control = control;
    // Without requests, no one waits for it.
    this.#closed.promise.catch(() => {});
    this.#http = createServer({ keepAliveTimeout: 5_000 }, (request, response) => {
      const responding = this.#respond(request, response);
      this.#responding.add(responding);
      void responding.finally(() => this.#responding.delete(responding));
    });
  }

  /** Handles the requests on a connection, which is paused. */
  accept(connection: Socket): void {
    connection.setTimeout(REQUEST_TIMEOUT_MS, () => connection.destroy());
    this.#http.emit("connection", connection);
    connection.resume();
  }

  /** Ends all requests; resolves when their responses are sent, or cannot be sent soon. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#closed.reject(hostCloses());
    this.#http.close();
    await Promise.race([Promise.allSettled(this.#responding), limitReached(LAST_RESPONSES_MS)]);
  }

  async #respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const left = new AbortController();
    response.once("close", () => left.abort());
    const signal = AbortSignal.any([left.signal, this.#closing.signal]);
    const { socket } = request;
    try {
      const { pathname } = new URL(request.url ?? "/", "http://snakepit");
      const fields = controlRequest(await readBody(request));
      // From here on, the client waits for the host.
      socket.setTimeout(0);
      if (pathname === EVENTS_PATH) {
        await this.#sendEvents(response, fields, signal);
        return;
      }
      const method = methodAt(pathname, request.method);
      const result = await Promise.race([method.call(this.#control, fields, signal), this.#closed.promise]);
      send(response, 200, { result: result ?? null });
    } catch (thrown) {
      sendError(response, this.#closing.signal.aborted ? hostCloses() : toSnakepitError(thrown, "INTERNAL"));
    } finally {
      socket.setTimeout(REQUEST_TIMEOUT_MS);
    }
    if (!response.writableFinished && !left.signal.aborted) {
      await new Promise<void>((resolve) => response.once("close", resolve).once("finish", resolve));
    }
  }

  /** Sends one event per line. A client that does not read is not waited for: its events are dropped and counted. */
  async #sendEvents(response: ServerResponse, options: EventStreamOptions, signal: AbortSignal): Promise<void> {
    if (this.#streams >= MAX_STREAMS) {
      throw new SnakepitError("QUOTA_EXCEEDED", `at most ${MAX_STREAMS} clients may read events at the same time`);
    }
    const events = this.#control.events({ ...options, signal });
    this.#streams += 1;
    try {
      response.writeHead(200, { "content-type": "application/x-ndjson" });
      // So that the client knows that it has subscribed.
      response.flushHeaders();
      for await (const item of events) {
        if (!response.write(`${JSON.stringify(item)}\n`)) await drained(response, signal);
        if (signal.aborted) break;
      }
    } finally {
      this.#streams -= 1;
      response.end();
    }
  }
}

function hostCloses(): SnakepitError {
  return new SnakepitError("SHUTTING_DOWN", "the host has closed before it could answer");
}

function methodAt(path: string, verb: string | undefined) {
  const [, version, name = ""] = /^\/v(\d+)\/(\w+)$/.exec(path) ?? [];
  if (version === undefined) throw new SnakepitError("INVALID_ARGUMENT", `unknown path ${path}`);
  if (Number(version) !== CONTROL_VERSION) {
    throw new SnakepitError(
      "PROTOCOL_MISMATCH",
      `this host uses version ${CONTROL_VERSION} of the control protocol, and the client version ${version}; use the command of the installation of the host`,
    );
  }
  const method = controlMethod(name);
  if (method === undefined) {
    const nearest = nearestName(name, Object.keys(CONTROL_METHODS));
    const guess = nearest === undefined ? "" : `; did you mean "${nearest}"?`;
    throw new SnakepitError("INVALID_ARGUMENT", `unknown method "${name}"${guess}`);
  }
  if (verb !== "POST" && !(verb === "GET" && method.reads)) {
    throw new SnakepitError("INVALID_ARGUMENT", `the method "${name}" requires POST`);
  }
  return method;
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of request) {
    length += (part as Buffer).byteLength;
    if (length > MAX_BODY_BYTES) {
      throw new SnakepitError("PAYLOAD_TOO_LARGE", `a request may have at most ${MAX_BODY_BYTES} bytes`);
    }
    parts.push(part as Buffer);
  }
  if (length === 0) return {};
  try {
    return JSON.parse(Buffer.concat(parts).toString("utf8"));
  } catch (thrown) {
    throw new SnakepitError("INVALID_ARGUMENT", "the body of a request must be JSON", { cause: thrown });
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  if (response.headersSent || response.destroyed) return;
  const bytes = Buffer.from(JSON.stringify(body));
  response.writeHead(status, { "content-type": "application/json", "content-length": bytes.byteLength });
  response.end(bytes);
}

function sendError(response: ServerResponse, error: SnakepitError): void {
  const { code, message, pool, workerId, details, retryable } = error;
  send(response, STATUS[code] ?? 500, { error: { code, message, pool, workerId, details, retryable } });
}

const STATUS: Partial<Record<SnakepitError["code"], number>> = {
  INVALID_ARGUMENT: 400,
  PROTOCOL_MISMATCH: 400,
  PAYLOAD_TOO_LARGE: 413,
  UNKNOWN_POOL: 404,
  UNKNOWN_SESSION: 404,
  SESSION_EXPIRED: 404,
  QUOTA_EXCEEDED: 429,
  SHUTTING_DOWN: 503,
  REGISTRY_UNAVAILABLE: 503,
  DEADLINE_EXCEEDED: 504,
};

/** Waits until the client has read, or has left. */
function drained(response: ServerResponse, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off("drain", done);
      signal.removeEventListener("abort", done);
      resolve();
    };
    response.once("drain", done);
    signal.addEventListener("abort", done, { once: true });
    if (signal.aborted) done();
  });
}
