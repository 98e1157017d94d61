import { type HostScope, type Instrumentation, loadPart, SnakepitError } from "@snakepit/core";
import type { WorkerLink } from "../link/worker-link.ts";
import { describeShortage, isShortage } from "../system-shortage.ts";
import type { BatchDecoder } from "../transports/batch-decoder.ts";
import type { FrameTransport } from "../transports/frame-transport.ts";
import { MAX_HELLO_BYTES } from "../transports/record-limits.ts";
import { SocketTransport } from "../transports/socket-transport.ts";
import { type Expectation, Expectations, type ExpectedWorker } from "./expectations.ts";
import { firstBatchDecoder } from "./first-batch.ts";
import type { GrpcListener } from "./grpc-listener.ts";
import { Handshake } from "./handshake.ts";
import { SilenceWatch } from "./silence-watch.ts";
import { WorkerSockets } from "./worker-sockets.ts";

/** How an endpoint is opened. */
export interface WorkerEndpointOptions {
  /** Names the host's run; part of the directory's name. */
  readonly runId: string;
  /** Largest value that may cross the wire, in bytes. */
  readonly maxPayloadBytes: number;
  /** The directory in which the endpoint makes its own; by default the temporary directory. */
  readonly directory?: string | undefined;
  readonly instrumentation: Instrumentation;
  /** Milliseconds that a connection may say nothing before it is closed; 10,000 by default. */
  readonly helloTimeoutMs?: number;
  /** Called with each connection that was not accepted. */
  readonly onRefused?: (error: SnakepitError) => void;
}

const DEFAULT_HELLO_TIMEOUT_MS = 10_000;

/** Connections without a hello that are open at a time, in addition to one for each expected worker. */
const MAX_UNKNOWN = 256;

/**
 * Where the workers of a host connect: a socket in a directory that only its user can enter. A connection becomes a
 * {@link WorkerLink} when it shows the one-time token of a worker that is expected.
 *
 * @example
 * const endpoint = await WorkerEndpoint.open({ runId, maxPayloadBytes, instrumentation });
 * const { token, connected } = endpoint.expect({ workerId, pool, heartbeatIntervalMs, heartbeatTimeoutMs });
 * startProcess({ address: endpoint.address, token });
 * const link = await connected;
 */
export class WorkerEndpoint implements AsyncDisposable {
  readonly #options: WorkerEndpointOptions;
  readonly #sockets: WorkerSockets;
  readonly #expectations = new Expectations();
  readonly #silence = new SilenceWatch();
  readonly #transports = new Set<FrameTransport>();
  /** Connections that have not sent their hello. */
  readonly #handshakes = new Set<Handshake>();
  #closing: Promise<void> | undefined;
  #lastRejection: SnakepitError | undefined;

  private constructor(options: WorkerEndpointOptions) {
    this.#options = options;
    this.#sockets = new WorkerSockets({
      runId: options.runId,
      base: options.directory,
      accept: (socket) => this.#accept(new SocketTransport(socket, MAX_HELLO_BYTES, this.#decodeFirst())),
      acceptFailed: (error) => this.#acceptFailed(error),
      createGrpcListener: () => this.#createGrpcListener(),
    });
  }

  /**
   * Opens an endpoint.
   *
   * @throws SnakepitError `INVALID_CONFIG` when the directory cannot be used, or its path is too long for a socket.
   */
  static async open(options: WorkerEndpointOptions): Promise<WorkerEndpoint> {
    const endpoint = new WorkerEndpoint(options);
    await endpoint.#sockets.listen();
    return endpoint;
  }

  /** The path of the socket that local workers connect to. */
  get address(): string {
    return this.#sockets.path;
  }

  /** The latest connection that was not accepted: what a start that timed out may name as its cause. */
  get lastRejection(): SnakepitError | undefined {
    return this.#lastRejection;
  }

  /**
   * What a new worker dials: the path of the socket, or the target of the gRPC server, `unix:` and a path; the first call
   * with `grpc` starts that server. When the directory or a socket in it was removed, they are made again in a new one first.
   *
   * @throws SnakepitError `INVALID_CONFIG` when that is not possible, `SHUTTING_DOWN` once the endpoint is closed.
   */
  async dialAddress(transport: "socket" | "grpc"): Promise<string> {
    if (this.#closing !== undefined) throw shuttingDown();
    return await this.#sockets.address(transport);
  }

  /** Expects a worker to connect, and issues the token that it must show. */
  expect(worker: ExpectedWorker): Expectation {
    const expectation = this.#expectations.add(worker);
    if (this.#closing !== undefined) expectation.abandon(shuttingDown());
    return expectation;
  }

  /** Closes every connection and removes the directory. May be called again. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #accept(transport: FrameTransport): void {
    const { runId, maxPayloadBytes, instrumentation } = this.#options;
    this.#transports.add(transport);
    void transport.closed.then(() => this.#transports.delete(transport));
    if (this.#handshakes.size >= MAX_UNKNOWN + this.#expectations.size) this.#refuseOldest();
    const handshake: Handshake = new Handshake(transport, {
      runId,
      maxPayloadBytes,
      instrumentation,
      helloTimeoutMs: this.#options.helloTimeoutMs ?? DEFAULT_HELLO_TIMEOUT_MS,
      expectations: this.#expectations,
      welcomed: (link: WorkerLink, heartbeatTimeoutMs) => {
        this.#handshakes.delete(handshake);
        this.#silence.add(link, heartbeatTimeoutMs);
      },
      refused: (error) => {
        this.#handshakes.delete(handshake);
        this.#refused(error);
      },
    });
    this.#handshakes.add(handshake);
  }

  #refused(error: SnakepitError): void {
    this.#lastRejection = error;
    this.#options.onRefused?.(error);
  }

  #acceptFailed(cause: NodeJS.ErrnoException): void {
    const running = this.#transports.size;
    const remedy = isShortage(cause.code)
      ? `; ${describeShortage(cause.code, { workers: running + this.#expectations.size, running })}`
      : "";
    this.#refused(
      new SnakepitError("WORKER_START_FAILED", `a connection was not accepted: ${cause.message}${remedy}`, {
        cause,
        startFailure: "temporary",
      }),
    );
  }

  /** A worker sends its hello as soon as it is connected, so the oldest connection is the least likely to be a worker's. */
  #refuseOldest(): void {
    const [oldest] = this.#handshakes;
    oldest?.refuse(
      new SnakepitError("UNAUTHENTICATED", "too many connections have not sent a hello; the oldest was closed"),
    );
  }

  #decodeFirst(): BatchDecoder {
    return firstBatchDecoder(({ workerId, token }) => this.#expectations.find(workerId)?.accepts(token) === true);
  }

  async #createGrpcListener(): Promise<GrpcListener> {
    // Loaded only when a pool uses gRPC: it costs a host on the socket neither time nor memory.
    const { createGrpcListener } = await loadPart("the gRPC transport", import("./grpc-listener.ts"));
    const decodeFirst = () => this.#decodeFirst();
    return createGrpcListener(this.#options.maxPayloadBytes, decodeFirst, (transport) => this.#accept(transport));
  }

  async #close(): Promise<void> {
    this.#expectations.abandonAll(shuttingDown());
    const stopped = this.#sockets.close();
    await Promise.all(Array.from(this.#transports, (transport) => transport.close()));
    await stopped;
  }
}

function shuttingDown(): SnakepitError {
  return new SnakepitError("SHUTTING_DOWN", "the endpoint of the workers is closed");
}

const endpoints = new WeakMap<HostScope, Promise<WorkerEndpoint>>();

/**
 * Returns the endpoint of a host's workers, one for all its pools: opened by the first call, and closed with the host.
 *
 * @throws SnakepitError `INVALID_CONFIG` when the socket directory cannot be used.
 */
export function hostEndpoint(host: HostScope): Promise<WorkerEndpoint> {
  let endpoint = endpoints.get(host);
  if (endpoint === undefined) {
    endpoint = open(host);
    endpoints.set(host, endpoint);
  }
  return endpoint;
}

async function open(host: HostScope): Promise<WorkerEndpoint> {
  const endpoint = await WorkerEndpoint.open({
    runId: host.runId,
    maxPayloadBytes: host.maxPayloadBytes,
    directory: host.socketDirectory,
    instrumentation: host.instrumentation,
  });
  host.defer(() => endpoint.close());
  return endpoint;
}
