import {
  DEFAULT_POOL,
  type Duration,
  type EffectiveConfig,
  type EventName,
  GLOBAL_SCOPE,
  isWorkerSpec,
  maskSecrets,
  optionMs,
  optionSignal,
  rejectUnknownOptions,
  remainingMs,
  resolveConfig,
  type SnakepitConfig,
  type SnakepitError,
  type ToolDescriptor,
} from "@snakepit/core";
import { type BridgeListenOptions, type BridgeServer, serveBridge } from "@snakepit/gateway";
import type { PoolStats, WorkerInfo } from "@snakepit/pool";
import type { Programs, SessionMetadata } from "@snakepit/sessions";
import type { Listener, Unsubscribe } from "@snakepit/telemetry";
import type { CallOptions, PoolChoice, StreamOptions, ToolArguments } from "./calling/call-options.ts";
import { checkListening } from "./calling/event-names.ts";
import type { MapOptions } from "./calling/map/map-options.ts";
import { MapResults } from "./calling/map/map-results.ts";
import { type ChunkStream, PoolClient } from "./calling/pool-client.ts";
import { type RecycleOptions, recycling } from "./calling/recycling.ts";
import { unknownPool, unknownWorker } from "./calling/unknown-names.ts";
import {
  idComesFirst,
  mainComesFirst,
  refuseMovedOptions,
  startInstead,
  workerIsNoConfig,
} from "./calling/wrong-way-round.ts";
import { Host } from "./host/host.ts";
import { type HostStats, hostStats } from "./host/host-stats.ts";
import { checkNodeVersion } from "./node-version.ts";
import { PACKAGE_VERSION } from "./package-version.ts";
import { runScript, type ScriptContext } from "./script/run-script.ts";
import { HostToolScope } from "./sessions/host-tool-scope.ts";
import { Session } from "./sessions/session.ts";
import { SessionList } from "./sessions/session-list.ts";

/** A worker, and the pool that it belongs to. */
export interface HostWorkerInfo extends WorkerInfo {
  readonly pool: string;
}

/**
 * A host: pools of supervised workers, and the way to call their tools.
 *
 * @example
 * await using pit = await Snakepit.start({ worker: python("./tools.py"), size: 4 });
 * const sum = await pit.execute<number>("add", { a: 2, b: 40 });
 */
export class Snakepit implements AsyncDisposable {
  /** The configuration in force: every default filled in, secrets masked. */
  readonly config: EffectiveConfig;
  /** Names this life of the host in the registry and in the workers' environment (`SNAKEPIT_RUN_ID`). */
  readonly runId: string;
  readonly #host: Host;
  readonly #pools = new Map<string, PoolClient>();
  /** Where bare calls go; `undefined` when there are several pools and none is named `default`. */
  readonly #default: PoolClient | undefined;
  /** Every session of the store: to be listed, looked at and ended. */
  readonly sessions: SessionList;
  /** JSON documents by name that belong to no session. */
  readonly programs: Programs;
  /** Functions of this process that Python can call, in sessions and outside. */
  readonly hostTools: HostToolScope;

  private constructor(host: Host) {
    if (!(host instanceof Host)) throw startInstead();
    this.#host = host;
    this.runId = host.runId;
    this.config = maskSecrets(host.config);
    const { sessions, hostTools } = host.state;
    const { maxPayloadBytes } = host.config;
    for (const [name, pool] of host.pools) {
      const config = host.config.pools[name];
      if (config === undefined) continue;
      this.#pools.set(name, new PoolClient(pool, config, { sessions, hostTools, maxPayloadBytes }));
    }
    const [first] = this.#pools.values();
    this.#default = this.#pools.get(DEFAULT_POOL) ?? (this.#pools.size === 1 ? first : undefined);
    this.sessions = new SessionList(host.state.sessions);
    this.programs = host.state.programs(GLOBAL_SCOPE, "host");
    this.hostTools = new HostToolScope(host.state, undefined);
  }

  /**
   * Starts a host. Resolves when each pool has at least one worker ready; the others follow, and {@link ready} waits for
   * them. When a pool cannot start one, what was opened is closed and the promise rejects with the cause.
   *
   * @param config one pool, or pools by name; see `docs/configuration.md`.
   * @param options.signal gives the start up.
   * @throws SnakepitError `INVALID_CONFIG` with every mistake, `WORKER_START_FAILED`, `PROTOCOL_MISMATCH`,
   *   `REGISTRY_UNAVAILABLE`, `CANCELLED`, `INVALID_ARGUMENT` for options that it does not have, `UNSUPPORTED_PLATFORM`.
   */
  static async start(
    config: SnakepitConfig,
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<Snakepit> {
    checkNodeVersion();
    if (isWorkerSpec(config)) throw workerIsNoConfig(config, options);
    refuseMovedOptions(config, options);
    rejectUnknownOptions("Snakepit.start", options, ["signal"]);
    const signal = optionSignal(options.signal);
    return new Snakepit(await Host.open(resolveConfig(config), signal));
  }

  /**
   * For scripts: starts a host, runs `main`, and closes it whatever happens. SIGINT, SIGTERM and SIGHUP abort
   * `context.signal`, close the host and end the process as that signal does; a second one does not wait. A reader that
   * went away (`… | head`) ends it quietly with status 141. What `main` throws is thrown again.
   *
   * @example
   * await Snakepit.run(async (pit) => console.log(await pit.execute("add", { a: 2, b: 40 })), {
   *   worker: python("./tools.py"),
   * });
   */
  static async run<Result>(
    main: (pit: Snakepit, context: ScriptContext) => Result | Promise<Result>,
    config: SnakepitConfig,
  ): Promise<Result> {
    checkNodeVersion();
    if (typeof main !== "function") throw mainComesFirst(main);
    return await runScript((signal) => Snakepit.start(config, { signal }), main);
  }

  /**
   * Runs a tool and gives its value.
   *
   * @param args arguments by name; encoded before this returns, so that they may be changed afterwards.
   * @throws SnakepitError as a rejection: `UNKNOWN_POOL`, `UNKNOWN_TOOL`, `INVALID_ARGUMENT`, `SERIALIZATION`,
   *   `PAYLOAD_TOO_LARGE`, `POOL_SATURATED`, `POOL_NOT_READY`, `QUEUE_TIMEOUT`, `DEADLINE_EXCEEDED`, `CANCELLED`,
   *   `PYTHON_EXCEPTION`, `WORKER_CRASHED`, `WORKER_HUNG`, `OUT_OF_MEMORY`, `SHUTTING_DOWN`.
   */
  execute<Value = unknown>(tool: string, args?: ToolArguments, options?: CallOptions & PoolChoice): Promise<Value> {
    const pool = this.#choose(options?.pool);
    if (pool === undefined) return Promise.reject(this.#unknownPool(options?.pool));
    return pool.execute(tool, args, options);
  }

  /**
   * Runs a streaming tool and gives its chunks in order, as they are produced. The worker runs ahead of the loop by a
   * bounded window. Leaving the loop early cancels the call. The call is made when the first chunk is asked for.
   *
   * @throws SnakepitError as {@link execute}: mistakes in the call at once, the rest from the loop, after the chunks that
   *   came before it.
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
   * Runs a tool once for each item, over all workers of the pool: a call waits for room instead of failing with
   * `POOL_SATURATED` or `QUEUE_TIMEOUT`. Await it for an array of the results, or read them with `for await`, which holds
   * back further calls until the loop has taken what is there. It begins when that does.
   *
   * @param items objects of arguments, or anything with `options.toArgs`; an array, or any other iterable, also an async one,
   *   of which an item is taken when there is room for its call.
   * @returns an awaitable and async iterable; its `settled()` goes on past calls that fail.
   * @throws SnakepitError as {@link execute}, from the first call that fails, which cancels the others; `details.index` says of
   *   which item. `CANCELLED` by `options.signal`.
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
      throw this.#unknownPool(options?.pool);
    });
  }

  /**
   * Makes a session, or finds the living one with this id, which keeps its own metadata and time to live. Counts as use.
   *
   * @param id 1 to 256 characters; a new one by default.
   * @param options.ttlMs how long it lives without being used, in milliseconds or as `"1h"`; `sessions.ttlMs` (1 h) by
   *   default. `Infinity` for ever.
   * @param options.metadata facts about it, as JSON.
   * @throws SnakepitError `INVALID_ARGUMENT`, `QUOTA_EXCEEDED`, `REGISTRY_UNAVAILABLE`.
   * @example
   * const session = await pit.session("user-42", { metadata: { plan: "pro" } });
   * await session.execute("chat", { message: "Hello" });
   */
  async session(
    id?: string,
    options: { readonly ttlMs?: Duration | undefined; readonly metadata?: SessionMetadata | undefined } = {},
  ): Promise<Session> {
    if (typeof id === "object" && id !== null) throw idComesFirst(id);
    rejectUnknownOptions("session", options, ["ttlMs", "metadata"]);
    const ttlMs = optionMs("ttlMs", options.ttlMs);
    const record = await this.#host.state.sessions.open(id, { ttlMs, metadata: options.metadata });
    return new Session(record.id, this.#host.state, this);
  }

  /**
   * Replaces a worker by a new one: that is ready before the old one gets no further calls, finishes those it has, and ends.
   * No call fails for it, and sessions go on elsewhere.
   *
   * @returns the id of the new worker, once the old one is gone.
   * @throws SnakepitError `INVALID_ARGUMENT` when there is no such worker, the cause when no new one could be started (the old
   *   one works on then), `CANCELLED`, `SHUTTING_DOWN`.
   */
  async recycle(workerId: string, options: RecycleOptions = {}): Promise<string> {
    const wish = recycling(workerId, options);
    this.#host.refuseIfClosing("replaces no workers any more");
    const workers = this.workers();
    const owner = workers.find(({ id }) => id === workerId);
    if (owner === undefined)
      throw unknownWorker(
        workerId,
        workers.map(({ id }) => id),
      );
    return await this.pool(owner.pool).recycle(workerId, wish);
  }

  /**
   * One pool by its name; without a name, the one that bare calls use.
   *
   * @throws SnakepitError `UNKNOWN_POOL`, naming the pools there are.
   */
  pool(name?: string): PoolClient {
    const pool = this.#choose(name);
    if (pool === undefined) throw this.#unknownPool(name);
    return pool;
  }

  /** The tools of a pool, by default of the one that bare calls use. */
  tools(pool?: string): readonly ToolDescriptor[] {
    return this.pool(pool).tools();
  }

  /** One pool in figures, or all of them: in all, and each by itself. */
  stats(): HostStats;
  stats(pool: string): PoolStats;
  stats(pool?: string): HostStats | PoolStats {
    if (pool !== undefined) return this.pool(pool).stats();
    return hostStats(Object.fromEntries(Array.from(this.#pools, ([name, client]) => [name, client.stats()])));
  }

  /** The workers of a pool, or of all. */
  workers(pool?: string): HostWorkerInfo[] {
    const pools = pool === undefined ? [...this.#pools.values()] : [this.pool(pool)];
    return pools.flatMap((client) => client.workers().map((worker) => ({ ...worker, pool: client.name })));
  }

  /**
   * Resolves when each pool has all its workers.
   *
   * @param options.timeoutMs longest wait, in milliseconds or as `"30s"`; by default as long as the pools keep trying at full speed.
   * @throws SnakepitError the cause when a pool cannot start one (`WORKER_START_FAILED`, `PROTOCOL_MISMATCH`, …),
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
   * Calls `listener` with each event of this name. What it throws harms nothing and goes to the logger. The events are
   * listed in `SnakepitEvents`.
   *
   * @throws SnakepitError `INVALID_ARGUMENT` for an event that there is not.
   * @example
   * pit.on("worker.exited", ({ workerId, exit }) => console.warn(workerId, exit.signal));
   */
  on<Name extends EventName>(name: Name, listener: Listener<Name>): Unsubscribe {
    checkListening(name, listener);
    return this.#host.telemetry.on(name, listener);
  }

  /**
   * Offers tools, sessions, variables, programs and host tools to gRPC clients in any language: the service
   * `snakepit.bridge.v1.BridgeService`, `grpc.health.v1`, and reflection. On a unix socket that only this user can open, or
   * on TCP with a token and, on addresses that other machines can reach, TLS. Ends with the host, or when the server is closed.
   *
   * @param listen `{ socketPath }`, at most about 100 bytes, or `{ port, token, host, tls }`.
   * @throws SnakepitError `INVALID_CONFIG` when it cannot listen there, or token or certificate are no good;
   *   `SHUTTING_DOWN`.
   * @example
   * await pit.serve({ socketPath: "/run/user/1000/tools.sock" });
   * @example
   * await pit.serve({ host: "0.0.0.0", port: 50051, token, tls: { cert, key } });
   */
  async serve(listen: BridgeListenOptions): Promise<BridgeServer> {
    this.#host.refuseIfClosing("serves nobody any more");
    const { maxPayloadBytes } = this.config;
    // It needs the modules of sessions, which are loaded while a host starts and not before.
    const { operationsForClients } = await import("./state/client-operations.ts");
    const operations = operationsForClients(this.#host.state, (tool, args, { sessionId, deadline, signal }, pool) =>
      this.execute(tool, args, { sessionId, pool, signal, timeoutMs: Math.max(1, remainingMs(deadline)) }),
    );
    const server = await serveBridge({ host: this, operations, listen, version: PACKAGE_VERSION, maxPayloadBytes });
    await this.#host.adopt(server);
    return server;
  }

  /**
   * Refuses new calls, lets active ones finish, ends the workers and lets go of everything. Every call settles. May be
   * called again, also to shorten the grace period.
   *
   * Until then the host keeps the process alive, as a server does. A process that ends without it takes the workers along.
   *
   * @param options.graceMs how long active calls may go on, in milliseconds or as `"30s"`; each pool's `shutdownGraceMs`
   *   (2 s) by default.
   * @throws SnakepitError `INVALID_ARGUMENT` when `graceMs` is no duration or misspelt; then nothing is closed.
   */
  async close(options: { readonly graceMs?: Duration | undefined } = {}): Promise<void> {
    rejectUnknownOptions("close", options, ["graceMs"]);
    await this.#host.close(optionMs("graceMs", options.graceMs));
  }

  /** The same as `close()`; `await using` calls it. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #choose(name: string | undefined): PoolClient | undefined {
    return name === undefined ? this.#default : this.#pools.get(name);
  }

  #unknownPool(name: string | undefined): SnakepitError {
    return unknownPool(name, [...this.#pools.keys()]);
  }
}
