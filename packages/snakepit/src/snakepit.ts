import {
  type BridgeListenOptions,
  type BridgeServer,
  type Duration,
  type EffectiveConfig,
  type EventName,
  GLOBAL_SCOPE,
  isWorkerSpec,
  loadPart,
  maskSecrets,
  optionMs,
  optionSignal,
  rejectUnknownOptions,
  resolveConfig,
  type SnakepitConfig,
  type ToolDescriptor,
} from "@snakepit/core";
import type { PoolStats, WorkerInfo } from "@snakepit/pool";
import type { Programs, SessionMetadata } from "@snakepit/sessions";
import type { Listener, Unsubscribe } from "@snakepit/telemetry";
import type { CallOptions, PoolChoice, StreamOptions, ToolArguments } from "./calling/call-options.ts";
import { checkListenerArguments } from "./calling/event-names.ts";
import type { MapOptions } from "./calling/map/map-options.ts";
import { MapResults } from "./calling/map/map-results.ts";
import {
  checkOptionsPlace,
  configMisuse,
  constructorMisuse,
  mainMisuse,
  sessionIdMisuse,
} from "./calling/misplaced-arguments.ts";
import type { ChunkStream, PoolClient } from "./calling/pool-client.ts";
import { PoolClients } from "./calling/pool-clients.ts";
import { checkWorkerArguments, type DrainOptions, type RecycleOptions } from "./calling/worker-changes.ts";
import { ControllableHost } from "./control/controllable-host.ts";
import type { RunningHost } from "./control/running-host.ts";
import { Host, type HostStats, hostStats } from "./host/host.ts";
import { checkStartOptions, type RunOptions, type StartOptions } from "./host/start-options.ts";
import { checkNodeVersion } from "./node-version.ts";
import { runScript, type ScriptContext } from "./script/run-script.ts";
import { HostToolScope } from "./sessions/host-tool-scope.ts";
import { Session } from "./sessions/session.ts";
import { SessionList } from "./sessions/session-list.ts";

/** A worker and the name of its pool. */
export interface HostWorkerInfo extends WorkerInfo {
  readonly pool: string;
}

/**
 * A host: pools of supervised workers, and the methods that call their tools.
 *
 * @example
 * await using pit = await Snakepit.start({ worker: python("./tools.py"), size: 4 });
 * const sum = await pit.execute<number>("add", { a: 2, b: 40 });
 */
export class Snakepit extends ControllableHost implements AsyncDisposable {
  /** The effective configuration, with all defaults applied and secrets masked. */
  readonly config: EffectiveConfig;
  /** Identifies this run of the host in the registry and in the environment of its workers (`SNAKEPIT_RUN_ID`). */
  readonly runId: string;
  readonly #host: Host;
  readonly #pools: PoolClients;
  readonly #byName: ReadonlyMap<string, PoolClient>;
  readonly #unnamed: PoolClient | undefined;
  #control: Promise<RunningHost> | undefined;
  /** Lists, reads and ends the sessions of the store. */
  readonly sessions: SessionList;
  /** Global JSON documents, by name. */
  readonly programs: Programs;
  /** Functions of this process that Python can call in any session and without one. */
  readonly hostTools: HostToolScope;

  private constructor(host: Host, circuits?: typeof import("./resilience/circuit.ts")) {
    super();
    if (!(host instanceof Host)) throw constructorMisuse();
    this.#host = host;
    this.runId = host.runId;
    this.config = maskSecrets(host.config);
    this.#pools = new PoolClients(host, circuits);
    // Here, so that a call only looks up its pool.
    this.#byName = this.#pools.byName;
    this.#unnamed = this.#pools.unnamed;
    this.sessions = new SessionList(host.state.sessions);
    this.programs = host.state.programs(GLOBAL_SCOPE, "host");
    this.hostTools = new HostToolScope(host.state, undefined);
    host.control.provide(() => this.control());
  }

  /**
   * Starts a host. Resolves when each pool has at least one ready worker, or all with `waitForWorkers: "all"`;
   * {@link ready} waits for the remaining workers. When a pool cannot start a worker, the host closes everything that
   * it opened and rejects with the cause.
   *
   * @param config one pool, or pools by name; see `docs/configuration.md`.
   * @param options.signal cancels the start.
   * @param options.waitForWorkers `"first"` (default) or `"all"`.
   * @throws SnakepitError `INVALID_CONFIG` with every mistake, `WORKER_START_FAILED`, `PROTOCOL_MISMATCH`,
   *   `REGISTRY_UNAVAILABLE`, `CANCELLED`, `INVALID_ARGUMENT` for unknown options, `UNSUPPORTED_PLATFORM`.
   */
  static async start(config: SnakepitConfig, options: StartOptions = {}): Promise<Snakepit> {
    checkNodeVersion();
    if (isWorkerSpec(config)) throw configMisuse(config, options);
    checkOptionsPlace(config, options);
    const checked = checkStartOptions("Snakepit.start", options, ["signal", "waitForWorkers"]);
    const resolved = resolveConfig(config);
    const breaks = Object.values(resolved.pools).some(({ circuit }) => circuit !== undefined);
    // The library of circuit breakers is loaded only by hosts that have one.
    const circuits = breaks ? await loadPart("the circuit breaker", import("./resilience/circuit.ts")) : undefined;
    return new Snakepit(await Host.open(resolved, checked), circuits);
  }

  /**
   * Runs a script: starts a host, calls `main`, and always closes the host. SIGINT, SIGTERM and SIGHUP abort
   * `context.signal`, close the host and end the process with that signal; a second signal ends the process
   * immediately. When the reader of stdout has exited (`… | head`), the process ends with status 141 and without a
   * message. Errors of `main` are rethrown.
   *
   * @param options.waitForWorkers `"all"`: `main` is called when all workers of all pools are ready. By default it is
   *   called when each pool has one, and calls wait for the others.
   * @example
   * await Snakepit.run(async (pit) => console.log(await pit.execute("add", { a: 2, b: 40 })), {
   *   worker: python("./tools.py"),
   * });
   */
  static async run<Result>(
    main: (pit: Snakepit, context: ScriptContext) => Result | Promise<Result>,
    config: SnakepitConfig,
    options: RunOptions = {},
  ): Promise<Result> {
    checkNodeVersion();
    if (typeof main !== "function") throw mainMisuse(main);
    const { waitForWorkers } = checkStartOptions("Snakepit.run", options, ["waitForWorkers"]);
    return await runScript((signal) => Snakepit.start(config, { signal, waitForWorkers }), main);
  }

  /**
   * Runs a tool and resolves with its value.
   *
   * @param args arguments by name; they are encoded before the method returns and may be changed afterwards.
   * @throws SnakepitError as a rejection: `UNKNOWN_POOL`, `UNKNOWN_TOOL`, `INVALID_ARGUMENT`, `SERIALIZATION`,
   *   `PAYLOAD_TOO_LARGE`, `POOL_SATURATED`, `POOL_NOT_READY`, `QUEUE_TIMEOUT`, `DEADLINE_EXCEEDED`, `CANCELLED`,
   *   `PYTHON_EXCEPTION`, `WORKER_CRASHED`, `WORKER_HUNG`, `OUT_OF_MEMORY`, `POISON_CALL`, `CIRCUIT_OPEN`,
   *   `SHUTTING_DOWN`.
   */
  execute<Value = unknown>(tool: string, args?: ToolArguments, options?: CallOptions & PoolChoice): Promise<Value> {
    const pool = this.#choose(options?.pool);
    if (pool === undefined) return Promise.reject(this.#pools.unknown(options?.pool));
    return pool.execute(tool, args, options);
  }

  /**
   * Runs a streaming tool and yields its chunks in order, as they are produced. The worker may be ahead of the loop by
   * a bounded number of chunks. The call starts when the first chunk is requested; leaving the loop early cancels it.
   *
   * @throws SnakepitError as {@link execute}. Invalid arguments are thrown immediately; other errors are thrown by the
   *   loop, after the chunks that preceded them.
   * @example
   * for await (const token of pit.stream<string>("generate", { prompt })) process.stdout.write(token);
   */
  stream<Chunk = unknown>(
    tool: string,
    args?: ToolArguments,
    options?: StreamOptions & PoolChoice,
  ): ChunkStream<Chunk> {
    return this.pool(options?.pool).stream(tool, args, options);
  }

  /**
   * Runs a tool once for each item, on all workers of the pool. Calls wait for a free worker instead of failing with
   * `POOL_SATURATED` or `QUEUE_TIMEOUT`. Await the return value for an array of the results, or read the results with
   * `for await`; back-pressure then delays further calls until the loop has consumed the available results. The calls
   * start with the `await` or the loop.
   *
   * @param items objects of arguments, or values of any type with `options.toArgs`: an array or another iterable, sync
   *   or async. An item is read when its call can start.
   * @returns an awaitable and async iterable; its `settled()` continues after failed calls.
   * @throws SnakepitError as {@link execute}, from the first call that fails, which cancels the others; `details.index`
   *   is the index of its item. `CANCELLED` when `options.signal` aborts.
   * @example
   * const sizes = await pit.map<number>("measure", paths, { toArgs: (path) => ({ path }) });
   * @example
   * for await (const page of pit.map("render", pages, { ordered: false })) save(page);
   */
  map<Value = unknown, Item = unknown>(
    tool: string,
    items: Iterable<Item> | AsyncIterable<Item>,
    options: MapOptions<Item> & PoolChoice = {},
  ): MapResults<Value> {
    const pool = this.#choose(options?.pool);
    if (pool !== undefined) return pool.map(tool, items, options);
    return new MapResults<Value>(() => {
      throw this.#pools.unknown(options?.pool);
    });
  }

  /**
   * Creates a session, or returns the active session with this ID, whose metadata and time to live stay unchanged.
   * Counts as use.
   *
   * @param id 1 to 256 characters; generated by default.
   * @param options.ttlMs time to live without use, in milliseconds or as a string such as `"1h"`; by default
   *   `sessions.ttlMs` (1 h). With `Infinity` the session never expires.
   * @param options.metadata a JSON object.
   * @throws SnakepitError `INVALID_ARGUMENT`, `QUOTA_EXCEEDED`, `REGISTRY_UNAVAILABLE`.
   * @example
   * const session = await pit.session("user-42", { metadata: { plan: "pro" } });
   * await session.execute("chat", { message: "Hello" });
   */
  async session(
    id?: string,
    options: { readonly ttlMs?: Duration | undefined; readonly metadata?: SessionMetadata | undefined } = {},
  ): Promise<Session> {
    if (typeof id === "object" && id !== null) throw sessionIdMisuse(id);
    rejectUnknownOptions("session", options, ["ttlMs", "metadata"]);
    const ttlMs = optionMs("ttlMs", options.ttlMs);
    const record = await this.#host.state.sessions.open(id, { ttlMs, metadata: options.metadata });
    return new Session(record.id, this.#host.state, this);
  }

  /**
   * Replaces a worker: the replacement becomes ready, then the old worker drains and exits. No call fails because of
   * it, and sessions continue on other workers.
   *
   * @returns the ID of the replacement, after the old worker has exited.
   * @throws SnakepitError `INVALID_ARGUMENT` for an unknown worker, the cause when no replacement could be started (the
   *   old worker then stays in service), `CANCELLED`, `SHUTTING_DOWN`.
   */
  async recycle(workerId: string, options: RecycleOptions = {}): Promise<string> {
    const recycleOptions = checkWorkerArguments("recycle", workerId, options);
    this.#host.throwIfClosing("no longer replaces workers");
    return await this.#pools.ownerOf(workerId).recycle(workerId, recycleOptions);
  }

  /**
   * Takes a worker out of service: it receives no further calls, its sessions continue on other workers, its calls
   * finish, and it exits. Then the pool starts another worker in its place. Unlike {@link recycle}, the pool has one
   * worker less until then.
   *
   * @returns a promise that resolves when the worker has exited.
   * @throws SnakepitError `INVALID_ARGUMENT` for an unknown worker, `CANCELLED`, `SHUTTING_DOWN`.
   */
  async drain(workerId: string, options: DrainOptions = {}): Promise<void> {
    const drainOptions = checkWorkerArguments("drain", workerId, options);
    this.#host.throwIfClosing("no longer drains workers");
    await this.#pools.ownerOf(workerId).drain(workerId, drainOptions);
  }

  /**
   * Makes all workers of a pool run the present code of its target, for example after the Python file was edited. The
   * code is loaded, and one worker is replaced first: if either fails, all workers continue with the code that they
   * have. Then the others are replaced, at most a quarter of them at the same time. No call fails because of it, and
   * sessions continue on other workers. While a reload is running, one more follows, which all further callers share.
   *
   * @param pool name of the pool; by default the pool of calls that do not name one.
   * @returns a promise that resolves when all workers run the new code and the earlier ones have exited.
   * @throws SnakepitError `UNKNOWN_POOL`, `WORKER_START_FAILED` with the Python traceback when the code cannot be
   *   loaded, `SHUTTING_DOWN`.
   */
  async reload(pool?: string): Promise<void> {
    this.#host.throwIfClosing("no longer reloads code");
    await this.pool(pool).reload();
  }

  /**
   * Returns a pool by name, by default the pool of calls that do not name one.
   *
   * @throws SnakepitError `UNKNOWN_POOL`, with the names of the pools.
   */
  pool(name?: string): PoolClient {
    const pool = this.#choose(name);
    if (pool === undefined) throw this.#pools.unknown(name);
    return pool;
  }

  /** Returns the tools of a pool, by default of the pool of calls that do not name one. */
  tools(pool?: string): readonly ToolDescriptor[] {
    return this.pool(pool).tools();
  }

  /** Returns the statistics of one pool, or the totals of all pools and the statistics of each. */
  stats(): HostStats;
  stats(pool: string): PoolStats;
  stats(pool?: string): HostStats | PoolStats {
    if (pool !== undefined) return this.pool(pool).stats();
    return hostStats(Object.fromEntries(this.#pools.all.map((client) => [client.name, client.stats()])));
  }

  /** Returns the workers of one pool, or of all pools. */
  workers(pool?: string): HostWorkerInfo[] {
    const pools = pool === undefined ? this.#pools.all : [this.pool(pool)];
    return pools.flatMap((client) => client.workers().map((worker) => ({ ...worker, pool: client.name })));
  }

  /**
   * Resolves when all workers of all pools are ready.
   *
   * @param options.timeoutMs longest wait, in milliseconds or as a string such as `"30s"`; by default the wait ends
   *   when the workers are ready or a pool becomes degraded.
   * @param options.signal cancels the wait.
   * @throws SnakepitError the cause when a pool cannot start a worker (`WORKER_START_FAILED`, `PROTOCOL_MISMATCH`, …),
   *   `POOL_NOT_READY` after `timeoutMs`, `CANCELLED`, `SHUTTING_DOWN`, `INVALID_ARGUMENT`.
   */
  async ready(
    options: { readonly timeoutMs?: Duration | undefined; readonly signal?: AbortSignal | undefined } = {},
  ): Promise<void> {
    rejectUnknownOptions("ready", options, ["timeoutMs", "signal"]);
    const timeoutMs = optionMs("timeoutMs", options.timeoutMs);
    const signal = optionSignal(options.signal);
    await Promise.all(Array.from(this.#host.pools.values(), (pool) => pool.ready({ timeoutMs, signal })));
  }

  /**
   * Calls `listener` with each event of this name; `SnakepitEvents` lists the events. Errors of the listener are logged
   * and have no other effect. Returns a function that removes the listener.
   *
   * @throws SnakepitError `INVALID_ARGUMENT` for an unknown event.
   * @example
   * pit.on("worker.exited", ({ workerId, exit }) => console.warn(workerId, exit.signal));
   */
  on<Name extends EventName>(name: Name, listener: Listener<Name>): Unsubscribe {
    checkListenerArguments(name, listener);
    return this.#host.telemetry.on(name, listener);
  }

  /**
   * Serves tools, sessions, variables, programs and host tools to gRPC clients in any language: the service
   * `snakepit.bridge.v1.BridgeService`, `grpc.health.v1`, and reflection. Listens on a Unix socket that only this user
   * can open, or on TCP with a token; addresses that other machines can reach require TLS. Closing the server or the
   * host ends it.
   *
   * @param listen `{ socketPath }`, at most about 100 bytes, or `{ port, token, host, tls }`.
   * @throws SnakepitError `INVALID_CONFIG` when the address cannot be used, or the token or certificate is invalid;
   *   `SHUTTING_DOWN`.
   * @example
   * await pit.serve({ socketPath: "/run/user/1000/tools.sock" });
   * @example
   * await pit.serve({ host: "0.0.0.0", port: 50051, token, tls: { cert, key } });
   */
  async serve(listen: BridgeListenOptions): Promise<BridgeServer> {
    this.#host.throwIfClosing("no longer serves clients");
    // Imports the modules of sessions, which are loaded during the start of a host and not with the package.
    const { serveClients } = await import("./host/serve-clients.ts");
    return await serveClients(this.#host, this, listen);
  }

  /** Returns the port through which the host is observed and operated, for tools such as the dashboard. */
  override control(): Promise<RunningHost> {
    this.#control ??= import("./control/running-host.ts").then(({ RunningHost }) => {
      return new RunningHost(this.#host, this.#pools);
    });
    return this.#control;
  }

  /**
   * Rejects new calls, waits for active calls, stops the workers and releases all resources. Every call settles. May be
   * called again, for example to shorten the grace period.
   *
   * An open host keeps its process alive, as a server does. When the process exits without `close()`, the workers exit
   * as well.
   *
   * @param options.graceMs time that active calls have to finish, in milliseconds or as a string such as `"30s"`; each
   *   pool's `shutdownGraceMs` (2 s) by default.
   * @throws SnakepitError `INVALID_ARGUMENT` when `graceMs` is not a duration or an option is unknown; nothing is
   *   closed then.
   */
  async close(options: { readonly graceMs?: Duration | undefined } = {}): Promise<void> {
    rejectUnknownOptions("close", options, ["graceMs"]);
    const closed = this.#host.close(optionMs("graceMs", options.graceMs));
    this.#pools.close();
    await closed;
  }

  /** Calls `close()`; used by `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #choose(name: string | undefined): PoolClient | undefined {
    return name === undefined ? this.#unnamed : this.#byName.get(name);
  }
}
