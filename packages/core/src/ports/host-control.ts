import type { PoolSize } from "../config/pool-size.ts";
import type { ControlOptions, HostIdentity } from "./host-identity.ts";
import type { HostInspection, InspectionOptions } from "./host-inspection.ts";
import type { HostProgram, HostSession, HostSessionDetails } from "./host-sessions.ts";
import type { HostWorker, WorkerStacks } from "./host-workers.ts";
import type { EventName, PoolState } from "./instrumentation.ts";
import type { ProcessRecord } from "./process-registry.ts";
import type { ToolDescriptor } from "./worker-handle.ts";

/**
 * Observes and operates a running host, from the same process or from another one. The host implements it for the
 * control socket, the `snakepit` command and the dashboard; the client of the control socket implements it in other
 * processes. Nothing here runs a tool, counts as use of a session, or delays calls.
 *
 * All values are plain JSON data, so that both implementations return the same. Times (`…At`) are milliseconds since
 * 1970 on the clock of the host; durations are in milliseconds, memory is in bytes. Optional fields are absent where
 * nothing is known.
 *
 * Every method rejects with `INVALID_ARGUMENT` for an unknown worker or an invalid option, with `UNKNOWN_POOL` for an
 * unknown pool, with `CANCELLED` when `signal` aborts, and with `SHUTTING_DOWN` when the host closes or has ended.
 */
export interface HostControl {
  /** The host; does not change while it runs. */
  readonly host: HostIdentity;

  /** Returns the state of all pools, or of one, with recommendations. Takes time proportional to the workers. */
  inspect(options?: InspectionOptions): Promise<HostInspection>;
  /** Returns the running workers of all pools, or of one, with the calls that they execute. */
  workers(options?: { readonly pool?: string | undefined } & ControlOptions): Promise<readonly HostWorker[]>;
  /** Returns the tools of all pools, or of one, by the name of the pool. */
  tools(
    options?: { readonly pool?: string | undefined } & ControlOptions,
  ): Promise<Readonly<Record<string, readonly ToolDescriptor[]>>>;
  /**
   * Returns one page of the active sessions of the store, ordered by ID. Rejects with `REGISTRY_UNAVAILABLE` while the
   * store cannot be reached.
   *
   * @param options.after the page starts after this ID.
   * @param options.limit the size of the page. Default: 100, at most 1,000.
   */
  sessions(
    options?: { readonly after?: string | undefined; readonly limit?: number | undefined } & ControlOptions,
  ): Promise<readonly HostSession[]>;
  /**
   * Returns a session with its variables and programs, at most 1,000 of each. Does not count as use.
   *
   * @throws SnakepitError as a rejection: `UNKNOWN_SESSION`, `SESSION_EXPIRED`, `REGISTRY_UNAVAILABLE`.
   */
  session(id: string, options?: ControlOptions): Promise<HostSessionDetails>;
  /** Returns the global programs, at most 1,000. */
  programs(options?: ControlOptions): Promise<readonly HostProgram[]>;
  /** Returns the configuration in force: all defaults applied, secrets masked, numbers beyond JSON as strings. */
  configuration(options?: ControlOptions): Promise<Readonly<Record<string, unknown>>>;
  /**
   * Returns the internal state of all pools: slots, queues, affinities of sessions, and the processes of the registry.
   * For reports of problems; the fields may change in any version.
   */
  debug(options?: ControlOptions): Promise<HostDebugState>;
  /** Returns the health of the host. Absent on a host that does not determine it. */
  health?(options?: ControlOptions): Promise<HostHealth>;
  /**
   * Yields the events of the host from now on, in order. At most `buffer` events wait for the consumer: when it is
   * slower, the oldest are dropped, and the next item reports how many. Leaving the loop, `return()` and an abort of
   * `signal` end the subscription; the loop also ends, without an error, when the host closes.
   *
   * @example
   * for await (const item of control.events({ names: ["worker.exited"] })) {
   *   if (item.is === "event") console.log(item.name, item.fields);
   * }
   */
  events(options?: EventStreamOptions): AsyncIterableIterator<HostEventItem, undefined>;

  /**
   * Returns the Python stacks of all threads of a worker, and of its asyncio tasks. The worker continues, and its calls
   * are not affected. Also works while native code holds the interpreter lock; see `CollectedStacks.source`.
   *
   * @param options.timeoutMs how long to wait for the worker. Default: 10,000.
   * @throws SnakepitError as a rejection: `DEADLINE_EXCEEDED` when the worker wrote no stacks in time, `WORKER_CRASHED`
   *   when it ended meanwhile, `INVALID_ARGUMENT` for a kind of worker without stacks.
   */
  stacks(
    workerId: string,
    options?: { readonly timeoutMs?: number | undefined } & ControlOptions,
  ): Promise<WorkerStacks>;
  /**
   * Replaces a worker; no call fails because of it. Resolves when the replacement is ready and the old worker has
   * ended.
   *
   * @param options.graceMs how long its calls may continue. Default: until their deadlines.
   */
  recycle(workerId: string, options?: GraceOptions): Promise<{ readonly replacementId: string }>;
  /**
   * Takes a worker out of service after its calls have ended; then the pool starts another one in its place. Resolves
   * when the worker has ended.
   *
   * @param options.graceMs how long its calls may continue. Default: until their deadlines.
   */
  drain(workerId: string, options?: GraceOptions): Promise<void>;
  /**
   * Replaces all workers of a pool by workers that run the present code of its target; no call fails because of it.
   * Rejects, and leaves the workers unchanged, when the code cannot be loaded.
   *
   * @param pool default: the pool of calls that do not name one; the only argument for a host with several pools.
   */
  reload(pool?: string, options?: ControlOptions): Promise<{ readonly pool: string; readonly workers: number }>;
  /**
   * Changes the number of workers of a pool, or its limits. Resolves when the new workers are ready and surplus ones
   * have ended.
   *
   * @param options.graceMs how long the calls of surplus workers may continue. Default: the pool's `recycle.graceMs`.
   */
  resize(pool: string, size: PoolSize, options?: GraceOptions): Promise<void>;
}

/** Options of actions that end calls. */
export interface GraceOptions extends ControlOptions {
  readonly graceMs?: number | undefined;
}

/** The internal state of a host; see {@link HostControl.debug}. */
export interface HostDebugState {
  readonly runId: string;
  readonly at: number;
  readonly pools: Readonly<Record<string, PoolDebugState>>;
  /** The rows of the registry that belong to this host. */
  readonly processes: readonly ProcessRecord[];
}

export interface PoolDebugState {
  readonly state: PoolState;
  /** The slots, oldest first, with the state and the worker of each. */
  readonly slots: readonly Readonly<Record<string, unknown>>[];
  /** Every waiting call, in the order of the queues. */
  readonly queued: readonly Readonly<Record<string, unknown>>[];
  /** The worker that received the last call of each session, by session; at most 1,000. */
  readonly affinities: Readonly<Record<string, string>>;
}

/** The health of a host. */
export interface HostHealth {
  /** Whether the process works; otherwise it should be restarted. */
  readonly live: boolean;
  /** Whether it should receive calls. */
  readonly ready: boolean;
  readonly checks: readonly HostHealthCheck[];
}

export interface HostHealthCheck {
  readonly name: string;
  readonly status: "pass" | "warn" | "fail";
  /** Why, with figures; also for checks that pass. */
  readonly reason: string;
  /** Present for a check of one pool. */
  readonly pool?: string | undefined;
}

/** Options of {@link HostControl.events}. */
export interface EventStreamOptions extends ControlOptions {
  /**
   * Names of events, or patterns of them: `*` matches any string, for example `worker.*`. Default: all events.
   */
  readonly names?: readonly string[] | undefined;
  /** Only events of this pool, worker or call; events without the field are omitted. Default: all. */
  readonly pool?: string | undefined;
  readonly workerId?: string | undefined;
  readonly correlationId?: string | undefined;
  /** The number of events that may wait for the consumer. Default: 1,000, at most 100,000. */
  readonly buffer?: number | undefined;
}

/** An item of the stream of events. */
export type HostEventItem =
  | {
      readonly is: "event";
      readonly name: EventName;
      readonly at: number;
      /** The fields of the event; each error is a {@link HostEventError}. */
      readonly fields: Readonly<Record<string, unknown>>;
    }
  /** So many events were dropped before the next one because the consumer was too slow. */
  | { readonly is: "dropped"; readonly at: number; readonly count: number };

/** A `SnakepitError` as a field of an event. */
export interface HostEventError {
  readonly code: string;
  readonly message: string;
  readonly retryable: boolean;
  readonly pool?: string | undefined;
  readonly workerId?: string | undefined;
  readonly callId?: string | undefined;
  /** The Python exception, without its causes. */
  readonly python?: { readonly type: string; readonly message: string; readonly traceback: string } | undefined;
}
