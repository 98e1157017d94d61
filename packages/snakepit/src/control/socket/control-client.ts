import { Agent, type IncomingMessage, request } from "node:http";
import {
  type ControlOptions,
  type EventStreamOptions,
  type GraceOptions,
  type HealthReport,
  type HostControl,
  type HostDebugState,
  type HostEventItem,
  type HostIdentity,
  type HostInspection,
  type HostProgram,
  type HostSession,
  type HostSessionDetails,
  type HostWorker,
  type InspectionOptions,
  isErrorCode,
  isPlainObject,
  type PoolSize,
  SnakepitError,
  type ToolDescriptor,
  type WorkerStacks,
} from "@snakepit/core";
import type { ControlAddress } from "./control-address.ts";
import { CONTROL_VERSION, type ControlMethodName, EVENTS_PATH } from "./control-methods.ts";

/** Milliseconds to connect, and to identify the host. */
const CONNECT_TIMEOUT_MS = 5_000;

/** A host in another process of this user. */
export class ControlClient implements HostControl, Disposable {
  readonly host: HostIdentity;
  readonly #address: ControlAddress;
  readonly #agent: Agent;

  private constructor(address: ControlAddress, agent: Agent, host: HostIdentity) {
    this.#address = address;
    this.#agent = agent;
    this.host = host;
  }

  /**
   * Connects to a host.
   *
   * @throws SnakepitError `SHUTTING_DOWN` when it has ended or does not respond, `PROTOCOL_MISMATCH` when it has
   *   another version.
   */
  static async connect(address: ControlAddress, signal?: AbortSignal): Promise<ControlClient> {
    const agent = new Agent({ keepAlive: true, maxSockets: 8 });
    const limits = [AbortSignal.timeout(CONNECT_TIMEOUT_MS), ...(signal === undefined ? [] : [signal])];
    try {
      const host = await call<HostIdentity>({ address, agent, signal: AbortSignal.any(limits) }, "host", {});
      return new ControlClient(address, agent, host);
    } catch (thrown) {
      agent.destroy();
      if (signal?.aborted !== true && limits[0]?.aborted === true) throw unresponsive(address);
      throw thrown;
    }
  }

  inspect({ signal, ...fields }: InspectionOptions = {}): Promise<HostInspection> {
    return this.#call("inspect", fields, signal);
  }

  workers({ signal, ...fields }: { readonly pool?: string | undefined } & ControlOptions = {}): Promise<HostWorker[]> {
    return this.#call("workers", fields, signal);
  }

  tools({
    signal,
    ...fields
  }: { readonly pool?: string | undefined } & ControlOptions = {}): Promise<Record<string, ToolDescriptor[]>> {
    return this.#call("tools", fields, signal);
  }

  sessions({
    signal,
    ...fields
  }: { readonly after?: string | undefined; readonly limit?: number | undefined } & ControlOptions = {}): Promise<
    HostSession[]
  > {
    return this.#call("sessions", fields, signal);
  }

  session(id: string, { signal }: ControlOptions = {}): Promise<HostSessionDetails> {
    return this.#call("session", { id }, signal);
  }

  programs({ signal }: ControlOptions = {}): Promise<HostProgram[]> {
    return this.#call("programs", {}, signal);
  }

  configuration({ signal }: ControlOptions = {}): Promise<Record<string, unknown>> {
    return this.#call("configuration", {}, signal);
  }

  debug({ signal }: ControlOptions = {}): Promise<HostDebugState> {
    return this.#call("debug", {}, signal);
  }

  health({ signal }: ControlOptions = {}): Promise<HealthReport> {
    return this.#call("health", {}, signal);
  }

  stacks(
    workerId: string,
    { signal, ...fields }: { readonly timeoutMs?: number | undefined } & ControlOptions = {},
  ): Promise<WorkerStacks> {
    return this.#call("stacks", { workerId, ...fields }, signal);
  }

  recycle(workerId: string, { signal, ...fields }: GraceOptions = {}): Promise<{ readonly replacementId: string }> {
    return this.#call("recycle", { workerId, ...fields }, signal);
  }

  async drain(workerId: string, { signal, ...fields }: GraceOptions = {}): Promise<void> {
    await this.#call("drain", { workerId, ...fields }, signal);
  }

  reload(pool?: string, { signal }: ControlOptions = {}): Promise<{ readonly pool: string; readonly workers: number }> {
    return this.#call("reload", { pool }, signal);
  }

  async resize(pool: string, size: PoolSize, { signal, ...fields }: GraceOptions = {}): Promise<void> {
    await this.#call("resize", { pool, size, ...fields }, signal);
  }

  async *events({ signal, ...fields }: EventStreamOptions = {}): AsyncGenerator<HostEventItem, undefined> {
    const leaving = new AbortController();
    const ended = signal === undefined ? leaving.signal : AbortSignal.any([signal, leaving.signal]);
    const connection = { address: this.#address, agent: this.#agent, signal: ended };
    try {
      const response = await exchange(connection, EVENTS_PATH, fields);
      if (response.statusCode !== 200) throw await errorOf(response, this.#address);
      for await (const line of linesOf(response)) yield JSON.parse(line) as HostEventItem;
    } catch (thrown) {
      // An abort ends the stream without an error.
      if (signal?.aborted !== true) throw thrown;
    } finally {
      leaving.abort();
    }
    return undefined;
  }

  /** Closes the connections. */
  [Symbol.dispose](): void {
    this.#agent.destroy();
  }

  #call<Result>(method: ControlMethodName, fields: object, signal: AbortSignal | undefined): Promise<Result> {
    return call({ address: this.#address, agent: this.#agent, signal }, method, fields);
  }
}

interface Connection {
  readonly address: ControlAddress;
  readonly agent: Agent;
  readonly signal: AbortSignal | undefined;
}

async function call<Result>(connection: Connection, method: ControlMethodName, fields: object): Promise<Result> {
  const response = await exchange(connection, `/v${CONTROL_VERSION}/${method}`, fields);
  if (response.statusCode !== 200) throw await errorOf(response, connection.address);
  const body = await readJson(response, connection);
  if (!isPlainObject(body) || !("result" in body)) throw invalidResponse(connection.address);
  return body["result"] as Result;
}

/** Sends a request; resolves with the response, whose body has not been read. */
function exchange({ address, agent, signal }: Connection, path: string, fields: object): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown) =>
      reject(signal?.aborted === true ? cancelled(address, signal) : unreachable(address, cause));
    const headers = { "content-type": "application/json" };
    const sent = request({ socketPath: address.path, agent, path, method: "POST", headers, signal }, (response) => {
      // After the response has begun, a lost connection is an error of its body.
      response.on("error", fail);
      resolve(response);
    });
    sent.on("error", fail);
    sent.end(JSON.stringify(fields));
  });
}

async function* linesOf(response: IncomingMessage): AsyncGenerator<string, void> {
  let rest = "";
  for await (const piece of response.setEncoding("utf8")) {
    const lines = (rest + (piece as string)).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}

/** Reads the body of a response, which may come from a program that is not a host of this version. */
async function readJson(response: IncomingMessage, { address, signal }: Connection): Promise<unknown> {
  const parts: Buffer[] = [];
  try {
    for await (const part of response) parts.push(part as Buffer);
  } catch (thrown) {
    throw signal?.aborted === true ? cancelled(address, signal) : unreachable(address, thrown);
  }
  try {
    return JSON.parse(Buffer.concat(parts).toString("utf8"));
  } catch (cause) {
    throw invalidResponse(address, cause);
  }
}

function invalidResponse({ runId, path }: ControlAddress, cause?: unknown): SnakepitError {
  return new SnakepitError(
    "PROTOCOL_MISMATCH",
    `host ${runId} sent an invalid response (${path}); use the command of the installation of the host`,
    { cause },
  );
}

/** Returns the error that the host has sent. */
async function errorOf(response: IncomingMessage, address: ControlAddress): Promise<SnakepitError> {
  const body = await readJson(response, { address, agent: new Agent(), signal: undefined });
  if (!isPlainObject(body) || !isPlainObject(body["error"])) throw invalidResponse(address);
  const { error } = body as {
    readonly error: {
      readonly code: string;
      readonly message: string;
      readonly pool?: string;
      readonly workerId?: string;
      readonly details?: Readonly<Record<string, unknown>>;
      readonly retryable?: boolean;
    };
  };
  const { code, message, pool, workerId, details, retryable } = error;
  return new SnakepitError(isErrorCode(code) ? code : "INTERNAL", message, {
    ...(pool !== undefined && { pool }),
    ...(workerId !== undefined && { workerId }),
    ...(details !== undefined && { details }),
    ...(retryable !== undefined && { retryable }),
  });
}

function unreachable({ runId, path }: ControlAddress, cause: unknown): SnakepitError {
  const { code } = cause as NodeJS.ErrnoException;
  const reason =
    code === "EACCES" || code === "EPERM" ? "belongs to another user" : "has ended, or has closed its control socket";
  return new SnakepitError("SHUTTING_DOWN", `host ${runId} ${reason} (${code ?? "no answer"}, ${path})`, { cause });
}

/** Whether a connection has failed because no process listens: the host was killed, possibly in another container. */
export function isNotListening({ cause }: SnakepitError): boolean {
  return (cause as NodeJS.ErrnoException | undefined)?.code === "ECONNREFUSED";
}

/** Whether a host has closed a connection without an answer: it closes, so the next attempt finds no listener. */
export function isReset(error: SnakepitError): boolean {
  return error.code === "SHUTTING_DOWN" && error.cause !== undefined && !isNotListening(error);
}

function unresponsive({ runId, path }: ControlAddress): SnakepitError {
  return new SnakepitError(
    "SHUTTING_DOWN",
    `host ${runId} did not respond within ${CONNECT_TIMEOUT_MS} ms (${path}): its process is stopped, or its event loop is blocked`,
  );
}

function cancelled({ runId }: ControlAddress, signal: AbortSignal): SnakepitError {
  return new SnakepitError("CANCELLED", `a request to host ${runId} was cancelled by its AbortSignal`, {
    cause: signal.reason,
  });
}
