import { valueCodec } from "@snakepit/bridge-proto/values";
import type { HostOperations, HostProgram, HostSessionDetails, ValueCodec } from "@snakepit/core";
import {
  type Clock,
  GLOBAL_SCOPE,
  type ResolvedSessions,
  SnakepitError,
  type StateChange,
  type StateStore,
  systemClock,
  toSnakepitError,
} from "@snakepit/core";
import type { WorkerPool } from "@snakepit/pool";
import {
  cachedStore,
  clientOperations,
  type ExecuteTool,
  type ExecuteWorkerTool,
  executeProgram,
  type HostServices,
  HostToolRegistry,
  Programs,
  readGlobalPrograms,
  readSessionSnapshot,
  SessionDirectory,
  type SessionVariables,
  ToolOffers,
  Variables,
  WriteTurns,
} from "@snakepit/sessions";
import type { Telemetry } from "@snakepit/telemetry";
import type { ToolArguments } from "../calling/call-options.ts";
import { BorrowedStore } from "./borrowed-store.ts";

/** The ID of a session that does not exist. */
const PING_SESSION = "snakepit.health";

/** An open store of sessions, and its owner. */
export interface OpenedStore {
  readonly store: StateStore;
  /** Whether the host opened the store and therefore closes it. */
  readonly isOurs: boolean;
}

/** The collaborators of a host's state. */
export interface HostStateOptions {
  readonly opened: OpenedStore;
  readonly config: ResolvedSessions;
  readonly maxPayloadBytes: number;
  readonly telemetry: Telemetry;
  /** The pools whose workers are notified of ended sessions and changed variables; more may be added later. */
  readonly pools: Iterable<WorkerPool>;
  /** The system's clock by default. */
  readonly clock?: Clock;
}

/** Sessions, variables, programs and host tools of a host; notifies its workers of changes. */
export class HostState implements HostServices {
  readonly sessions: SessionDirectory;
  readonly hostTools: HostToolRegistry;
  /** Host tools that clients offer and execute. */
  readonly toolOffers: ToolOffers;
  /** The turns of the writes of this host. */
  readonly turns = new WriteTurns();
  readonly #variables: Variables;
  readonly #options: HostStateOptions;
  /** The store, with a cache where other hosts write to it. */
  readonly #kept: StateStore;
  readonly #clock: Clock;
  readonly #codec: ValueCodec;
  readonly #unwatch: () => void;
  #isClosed = false;

  constructor(options: HostStateOptions) {
    const { config, telemetry, opened } = options;
    const { store } = opened;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#codec = valueCodec(options.maxPayloadBytes);
    this.hostTools = new HostToolRegistry({ ...config, instrumentation: telemetry });
    this.toolOffers = new ToolOffers(this.hostTools);
    // A custom store may have its own cache.
    this.#kept = opened.isOurs
      ? cachedStore(store, { maxStaleMs: config.maxStaleMs, clock: this.#clock })
      : new BorrowedStore(store);
    const { turns } = this;
    this.#variables = new Variables({
      ...config,
      turns,
      store: this.#kept,
      clock: this.#clock,
      codec: this.#codec,
      used: this.#used,
      expiryOf: (sessionId) => this.sessions.expiryOf(sessionId),
      instrumentation: telemetry,
    });
    this.sessions = new SessionDirectory(
      store,
      this.#clock,
      { ...config, turns },
      {
        created: (sessionId) => telemetry.emit("session.created", { sessionId }),
        ended: (sessionId) => this.#ended(sessionId),
        lastWorkerOf: (sessionId) => this.#lastWorkerOf(sessionId),
        storeFailed: (error) => telemetry.emit("session.store-failed", { error: toSnakepitError(error) }),
      },
    );
    this.#unwatch = this.#kept.onChange((change) => this.#changed(change));
  }

  /** Records which workers executed the last calls of sessions. Must be called before the workers stop. */
  persistLastWorkers(): void {
    this.sessions.persistLastWorkers();
  }

  /** Returns the variables of a session; writes are attributed to `author`, and to the call with `correlationId`. */
  variables(sessionId: string, author: string, correlationId?: string): SessionVariables {
    return this.#variables.of(sessionId, author, correlationId);
  }

  /**
   * Returns the programs of a session or of `GLOBAL_SCOPE`; writes are attributed to `author`, and to the call with
   * `correlationId`.
   */
  programs(scope: string, author: string, correlationId?: string): Programs {
    const { config, telemetry: instrumentation } = this.#options;
    const { turns } = this;
    const options = { ...config, turns, store: this.#kept, clock: this.#clock, used: this.#used, instrumentation };
    return new Programs(options, scope, author, correlationId);
  }

  /** Reads a session with its variables and programs. Does not count as use. */
  sessionSnapshot(id: string): Promise<HostSessionDetails> {
    return readSessionSnapshot(this.#kept, this.#codec, id, this.#clock.now());
  }

  /** Reads the global programs. */
  globalPrograms(): Promise<readonly HostProgram[]> {
    return readGlobalPrograms(this.#kept, this.#clock.now());
  }

  /** Runs a tool that works with the programs of a session and the global ones. */
  executeProgram(programs: Programs, execute: ExecuteTool, command: string, args: ToolArguments): Promise<unknown> {
    return executeProgram(programs, this.programs(GLOBAL_SCOPE, "host"), execute, command, args);
  }

  /** The kind of the store of sessions, such as `postgresql`. */
  get storeKind(): string {
    return this.#kept.kind;
  }

  /** Resolves when the store has answered a read. Does not use the cache, which has no missing sessions. */
  async pingStore(): Promise<void> {
    await this.#kept.readSession(PING_SESSION);
  }

  /** @throws SnakepitError `SHUTTING_DOWN` */
  throwIfClosed(): void {
    if (!this.#isClosed) return;
    throw new SnakepitError("SHUTTING_DOWN", "the host is closed and no longer calls host tools; start another one");
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#unwatch();
    this.#variables.close();
    this.turns.release();
    try {
      await this.sessions.close();
    } finally {
      await this.#kept.close();
    }
  }

  /** Counts as use. Ignores failures, since the read or write itself reports a missing session. */
  readonly #used = (sessionId: string): void => {
    this.sessions.use(sessionId)?.catch(() => {});
  };

  #ended(sessionId: string): void {
    // A queued call would create the session in its worker again, where it would never end.
    const error = endedWhileWaiting(sessionId);
    for (const pool of this.#options.pools) pool.endSession(sessionId, error);
    this.turns.release(sessionId);
    this.hostTools.endSession(sessionId);
    this.toolOffers.endSession(sessionId);
    this.#options.telemetry.emit("session.ended", { sessionId });
  }

  #lastWorkerOf(sessionId: string): string | undefined {
    let last: { readonly pool: WorkerPool; readonly at: number } | undefined;
    for (const pool of this.#options.pools) {
      const at = pool.lastCallAt(sessionId);
      if (at !== undefined && at >= (last?.at ?? 0)) last = { pool, at };
    }
    return last?.pool.lastWorkerOf(sessionId);
  }

  #changed(change: StateChange): void {
    switch (change.is) {
      case "entries":
        if (change.kind === "variable") this.#invalidate(change.scope, change.names);
        return;
      case "everything":
        for (const id of this.sessions.tracked()) this.#invalidate(id, []);
        return;
      case "session":
        return;
      default:
        change satisfies never;
    }
  }

  #invalidate(sessionId: string, names: readonly string[]): void {
    for (const pool of this.#options.pools) pool.invalidate(sessionId, names);
  }
}

function endedWhileWaiting(sessionId: string): SnakepitError {
  return new SnakepitError(
    "UNKNOWN_SESSION",
    `session "${sessionId}" ended while the call waited for a worker; close sessions after their calls, and set a ttlMs that is longer than the longest wait`,
    { details: { sessionId } },
  );
}

/**
 * Returns the operations that gRPC clients may call.
 *
 * @param execute runs a tool, for `programs.execute`.
 */
export function hostOperations(state: HostState, execute: ExecuteWorkerTool): HostOperations {
  const { sessions, toolOffers } = state;
  const operations = clientOperations(state, execute);
  return {
    execute: (name, payload, context) => operations.execute(name, payload, context),
    stream: (name, payload, context) => operations.stream(name, payload, context),
    async offerTools(tools, { sessionId }, sessionEnded) {
      if (sessionId !== undefined) await sessions.use(sessionId);
      state.throwIfClosed();
      // Tools of an ended session would never be removed, and the next session with this ID would have them.
      if (sessionId !== undefined) sessions.requireTracked(sessionId);
      return toolOffers.offer(tools, sessionId ?? GLOBAL_SCOPE, sessionEnded);
    },
  };
}
