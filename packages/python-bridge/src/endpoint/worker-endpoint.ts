import { type HostScope, type Instrumentation, SnakepitError } from "@snakepit/core";
import type { WorkerLink } from "../link/worker-link.ts";
import { describeShortage, isShortage } from "../system-shortage.ts";
import { type FrameTransport, MAX_HELLO_BYTES } from "../transports/frame-transport.ts";
import type { BatchDecoder } from "../transports/incoming-batch.ts";
import { SocketTransport } from "../transports/socket-transport.ts";
import { type Expectation, Expectations, type ExpectedWorker } from "./expectations.ts";
import { firstBatchDecoder } from "./first-batch.ts";
import type { GrpcListener } from "./grpc-listener.ts";
import { Handshake } from "./handshake.ts";
import { SilenceWatch } from "./silence-watch.ts";
import { WorkerSockets } from "./worker-sockets.ts";

/** The settings of an endpoint. */
export interface WorkerEndpointOptions {
  /** The ID of the host's run; part of the directory's name. */
  readonly runId: string;
  /** The maximum size of a value in either direction, in bytes. */
  readonly maxPayloadBytes: number;
  /** The directory in which the endpoint creates its own; by default the temporary directory. */
  readonly directory?: string | undefined;
  readonly instrumentation: Instrumentation;
  /** Milliseconds within which a connection must send its hello; by default 10,000. */
  readonly helloTimeoutMs?: number;
  /** Called for each connection that was rejected. */
  readonly onRejected?: (error: SnakepitError) => void;
}

const DEFAULT_HELLO_TIMEOUT_MS = 10_000;

/** The maximum number of connections that have not sent a hello, in addition to one for each expected worker. */
const MAX_UNKNOWN = 256;

/**
 * The sockets to which the workers of a host connect, in a directory that only its user can enter. A connection becomes
 * a {@link WorkerLink} if it sends the one-time token of an expected worker.
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
      accept: (socket, directory) =>
        this.#accept(new SocketTransport(socket, MAX_HELLO_BYTES, this.#decodeFirst()), directory),
      acceptFailed: (error) => this.#acceptFailed(error),
      createGrpcListener: () => this.#createGrpcListener(),
    });
  }

  /**
   * Opens an endpoint.
   *
   * @throws SnakepitError `INVALID_CONFIG` if the directory cannot be used or its path is too long for a socket.
   */
  static async open(options: WorkerEndpointOptions): Promise<WorkerEndpoint> {
    const endpoint = new WorkerEndpoint(options);
    await endpoint.#sockets.listen();
    return endpoint;
  }

  /** The path of the socket for the transport `socket`. */
  get address(): string {
    return this.#sockets.path;
  }

  /** The error of the last rejected connection: the possible cause of a start that timed out. */
  get lastRejection(): SnakepitError | undefined {
    return this.#lastRejection;
  }

  /**
   * Resolves with the address for a new worker: the path of the socket, or the target of the gRPC server (`unix:` and a
   * path), which the first call with `grpc` starts. If the directory or a socket was removed, both are created again
   * first.
   *
   * @throws SnakepitError `INVALID_CONFIG` if that fails, `SHUTTING_DOWN` if the endpoint is closed.
   */
  async dialAddress(transport: "socket" | "grpc"): Promise<string> {
    if (this.#closing !== undefined) throw shuttingDown();
    return await this.#sockets.address(transport);
  }

  /** Expects a worker to connect; returns the token that it must send and the promise of its link. */
  expect(worker: ExpectedWorker): Expectation {
    const expectation = this.#expectations.add(worker);
    if (this.#closing !== undefined) expectation.abandon(shuttingDown());
    return expectation;
  }

  /** Closes all connections and removes the directory. Can be called repeatedly. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #accept(transport: FrameTransport, workerFiles?: string): void {
    const { runId, maxPayloadBytes, instrumentation } = this.#options;
    this.#transports.add(transport);
    void transport.closed.then(() => this.#transports.delete(transport));
    if (this.#handshakes.size >= MAX_UNKNOWN + this.#expectations.size) this.#rejectOldest();
    const handshake: Handshake = new Handshake(transport, {
      runId,
      maxPayloadBytes,
      instrumentation,
      helloTimeoutMs: this.#options.helloTimeoutMs ?? DEFAULT_HELLO_TIMEOUT_MS,
      expectations: this.#expectations,
      workerFiles,
      onAccepted: (link: WorkerLink, heartbeatTimeoutMs) => {
        this.#handshakes.delete(handshake);
        this.#silence.add(link, heartbeatTimeoutMs);
      },
      onRejected: (error) => {
        this.#handshakes.delete(handshake);
        this.#onRejected(error);
      },
    });
    this.#handshakes.add(handshake);
  }

  #onRejected(error: SnakepitError): void {
    this.#lastRejection = error;
    this.#options.onRejected?.(error);
  }

  #acceptFailed(cause: NodeJS.ErrnoException): void {
    const connected = this.#transports.size;
    const remedy = isShortage(cause.code)
      ? `; ${describeShortage(cause.code, { workers: connected + this.#expectations.size, connected })}`
      : "";
    this.#onRejected(
      new SnakepitError("WORKER_START_FAILED", `accepting a connection failed: ${cause.message}${remedy}`, {
        cause,
        startFailure: "temporary",
      }),
    );
  }

  /** Workers send their hello immediately, so the oldest connection is the least likely to be that of a worker. */
  #rejectOldest(): void {
    const [oldest] = this.#handshakes;
    oldest?.reject(
      new SnakepitError("UNAUTHENTICATED", "too many connections have not sent a hello; the oldest was closed"),
    );
  }

  #decodeFirst(): BatchDecoder {
    return firstBatchDecoder(({ workerId, token }) => this.#expectations.find(workerId)?.accepts(token) === true);
  }

  async #createGrpcListener(): Promise<GrpcListener> {
    // Loaded only if a pool uses gRPC.
    const { createGrpcListener, loadGrpc } = await import("./grpc-listener.ts");
    const grpc = await loadGrpc();
    const decodeFirst = () => this.#decodeFirst();
    return createGrpcListener(grpc, this.#options.maxPayloadBytes, decodeFirst, (transport) => this.#accept(transport));
  }

  async #close(): Promise<void> {
    this.#expectations.abandonAll(shuttingDown());
    const stopped = this.#sockets.close();
    await Promise.all(Array.from(this.#transports, (transport) => transport.close()));
    await stopped;
  }
}

function shuttingDown(): SnakepitError {
  return new SnakepitError("SHUTTING_DOWN", "the worker endpoint is closed");
}

const endpoints = new WeakMap<HostScope, Promise<WorkerEndpoint>>();

/**
 * Resolves with the endpoint for all pools of a host. The first call opens the endpoint; it is closed with the host.
 *
 * @throws SnakepitError `INVALID_CONFIG` if the socket directory cannot be used.
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
