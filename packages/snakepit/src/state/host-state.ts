import { valueCodec } from "@snakepit/bridge-proto";
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
  type ExecuteTool,
  executeProgram,
  type HostServices,
  HostToolRegistry,
  Programs,
  SessionDirectory,
  type SessionVariables,
  ToolOffers,
  Variables,
} from "@snakepit/sessions";
import type { Telemetry } from "@snakepit/telemetry";
import type { ToolArguments } from "../calling/call-options.ts";
import { BorrowedStore } from "./borrowed-store.ts";

/** A store of sessions. */
export interface OpenedStore {
  readonly store: StateStore;
  /** Whether the host opened the store and therefore closes it. */
  readonly isOurs: boolean;
}

/** What the state of a host is made of. */
export interface HostStateOptions {
  readonly opened: OpenedStore;
  readonly config: ResolvedSessions;
  readonly maxPayloadBytes: number;
  readonly telemetry: Telemetry;
  /** The pools whose workers are notified of ended sessions and changed variables; more may be added later. */
  readonly pools: Iterable<WorkerPool>;
  /** Default: the system's. */
  readonly clock?: Clock;
}

/** Sessions, variables, programs and host tools of a host; notifies its workers of changes. */
export class HostState implements HostServices {
  readonly sessions: SessionDirectory;
  readonly hostTools: HostToolRegistry;
  /** Host tools that clients execute, for as long as they offer them. */
  readonly toolOffers: ToolOffers;
  readonly #variables: Variables;
  readonly #options: HostStateOptions;
  /** The store, with a cache where other hosts write to it. */
  readonly #kept: StateStore;
  readonly #clock: Clock;
  readonly #unwatch: () => void;
  #isClosed = false;

  constructor(options: HostStateOptions) {
    const { config, telemetry, opened } = options;
    const { store } = opened;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.hostTools = new HostToolRegistry(config);
    this.toolOffers = new ToolOffers(this.hostTools);
    // A store of the user's own may have a cache of its own.
    this.#kept = opened.isOurs
      ? cachedStore(store, { maxStaleMs: config.maxStaleMs, clock: this.#clock })
      : new BorrowedStore(store);
    this.#variables = new Variables({
      ...config,
      store: this.#kept,
      clock: this.#clock,
      codec: valueCodec(options.maxPayloadBytes),
      used: this.#used,
      expiryOf: (sessionId) => this.sessions.expiryOf(sessionId),
    });
    this.sessions = new SessionDirectory(store, this.#clock, config, {
      created: (sessionId) => telemetry.emit("session.created", { sessionId }),
      ended: (sessionId) => this.#ended(sessionId),
      lastWorkerOf: (sessionId) => this.#lastWorkerOf(sessionId),
      storeFailed: (error) => telemetry.emit("session.store-failed", { error: toSnakepitError(error) }),
    });
    this.#unwatch = this.#kept.onChange((change) => this.#changed(change));
  }

  /** Records who executed the last calls of sessions; to be called before the workers are stopped. */
  workersLeave(): void {
    this.sessions.workersLeave();
  }

  /** Returns the variables of a session; what is written is attributed to `author`. */
  variables(sessionId: string, author: string): SessionVariables {
    return this.#variables.of(sessionId, author);
  }

  /** Returns the programs of a session, or those of `GLOBAL_SCOPE`; what is written is attributed to `author`. */
  programs(scope: string, author: string): Programs {
    const options = { ...this.#options.config, store: this.#kept, clock: this.#clock, used: this.#used };
    return new Programs(options, scope, author);
  }

  /** Runs a tool that works with the programs of a session and the global ones. */
  executeProgram(programs: Programs, execute: ExecuteTool, command: string, args: ToolArguments): Promise<unknown> {
    return executeProgram(programs, this.programs(GLOBAL_SCOPE, "host"), execute, command, args);
  }

  /** @throws SnakepitError `SHUTTING_DOWN` */
  refuseIfClosed(): void {
    if (!this.#isClosed) return;
    throw new SnakepitError("SHUTTING_DOWN", "the host is closed and no longer calls host tools; start another one");
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#unwatch();
    this.#variables.close();
    try {
      await this.sessions.close();
    } finally {
      await this.#kept.close();
    }
  }

  /** The read or write itself reports a session that does not exist. */
  readonly #used = (sessionId: string): void => {
    this.sessions.use(sessionId)?.catch(() => {});
  };

  #ended(sessionId: string): void {
    // A waiting call would create the session in its worker again, and no one would end it.
    const error = endedWhileWaiting(sessionId);
    for (const pool of this.#options.pools) pool.endSession(sessionId, error);
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
    `session "${sessionId}" ended while the call waited for a worker; close sessions when their calls have ended, and set a ttlMs that is longer than calls wait`,
    { details: { sessionId } },
  );
}
