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
  HostToolRegistry,
  hostOperations,
  type Operations,
  type ProgramServices,
  Programs,
  SessionDirectory,
  type SessionVariables,
  ToolOffers,
  Variables,
} from "@snakepit/sessions";
import type { Telemetry } from "@snakepit/telemetry";
import type { ToolArguments } from "../calling/call-options.ts";
import { BorrowedStore } from "./borrowed-store.ts";
import { endedWhileWaiting } from "./ended-while-waiting.ts";
import type { OpenedStore } from "./open-store.ts";

/** What the state of a host is made of. */
export interface HostStateOptions {
  readonly opened: OpenedStore;
  readonly config: ResolvedSessions;
  readonly maxPayloadBytes: number;
  readonly telemetry: Telemetry;
  readonly clock?: Clock;
}

/** Sessions, variables, programs and host tools of a host, and what its workers hear of them. */
export class HostState {
  readonly sessions: SessionDirectory;
  readonly hostTools: HostToolRegistry;
  /** Of clients, which leave when they want. */
  readonly toolOffers: ToolOffers;
  readonly #variables: Variables;
  readonly operations: Operations;
  readonly #options: HostStateOptions;
  readonly #store: StateStore;
  /** The same, with what was read kept for a moment where others write to it. */
  readonly #kept: StateStore;
  readonly #clock: Clock;
  readonly #unwatch: () => void;
  #isClosed = false;
  #pools: ReadonlyMap<string, WorkerPool> = new Map();
  #execute: ProgramServices["execute"] = () => Promise.reject(new SnakepitError("POOL_NOT_READY", "no pool is ready"));

  constructor(options: HostStateOptions) {
    const { config, telemetry, opened } = options;
    this.#options = options;
    this.#store = opened.store;
    this.#clock = options.clock ?? systemClock;
    this.hostTools = new HostToolRegistry(config);
    this.toolOffers = new ToolOffers(this.hostTools);
    // One of the user's own may keep what it has read itself.
    this.#kept = opened.isOurs
      ? cachedStore(this.#store, { maxStaleMs: config.maxStaleMs, clock: this.#clock })
      : new BorrowedStore(this.#store);
    const codec = valueCodec(options.maxPayloadBytes);
    this.#variables = new Variables({
      ...config,
      store: this.#kept,
      clock: this.#clock,
      codec,
      used: this.#used,
      livesUntil: (sessionId) => this.sessions.expiryOf(sessionId),
    });
    this.sessions = new SessionDirectory(this.#store, this.#clock, config, {
      created: (sessionId) => telemetry.emit("session.created", { sessionId }),
      ended: (sessionId) => this.#ended(sessionId),
      lastWorkerOf: (sessionId) => this.#lastWorkerOf(sessionId),
      storeFailed: (error) => telemetry.emit("session.store-failed", { error: toSnakepitError(error) }),
    });
    this.operations = hostOperations({
      sessions: this.sessions,
      variables: (sessionId, author) => this.variables(sessionId, author),
      programs: (scope, author) => this.programs(scope, author),
      hostTools: this.hostTools,
      execute: (...call) => this.#execute(...call),
    });
    this.#unwatch = this.#kept.onChange((change) => this.#changed(change));
  }

  /** From now on the workers of these pools hear of sessions that are over and of variables that have changed. */
  workersOf(pools: ReadonlyMap<string, WorkerPool>): void {
    this.#pools = pools;
  }

  /** To be called before the workers go, so that it is written down who executed the last calls of sessions. */
  workersLeave(): void {
    this.sessions.workersLeave();
  }

  /** From now on programs are executed through this. */
  executeWith(execute: ProgramServices["execute"]): void {
    this.#execute = execute;
  }

  variables(sessionId: string, author: string): SessionVariables {
    return this.#variables.of(sessionId, author);
  }

  programs(scope: string, author: string): Programs {
    const options = { ...this.#options.config, store: this.#kept, clock: this.#clock, used: this.#used };
    return new Programs(options, scope, author);
  }

  /** Runs a command that works with the programs of a session, and with the global ones. */
  executeProgram(programs: Programs, execute: ExecuteTool, command: string, args: ToolArguments): Promise<unknown> {
    return executeProgram(programs, this.programs(GLOBAL_SCOPE, "host"), execute, command, args);
  }

  /** @throws SnakepitError `SHUTTING_DOWN` */
  refuseIfClosed(): void {
    if (!this.#isClosed) return;
    throw new SnakepitError("SHUTTING_DOWN", "the host is closed and calls no host tools any more; start another one");
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

  /** Of a session that is not there whoever reads or writes is told. */
  readonly #used = (sessionId: string): void => {
    this.sessions.use(sessionId)?.catch(() => {});
  };

  #ended(sessionId: string): void {
    // Made in it now, a call would find nothing, and leave it behind in its worker.
    const error = endedWhileWaiting(sessionId);
    for (const pool of this.#pools.values()) pool.endSession(sessionId, error);
    this.hostTools.endSession(sessionId);
    this.toolOffers.endSession(sessionId);
    this.#options.telemetry.emit("session.ended", { sessionId });
  }

  #lastWorkerOf(sessionId: string): string | undefined {
    let last: { readonly pool: WorkerPool; readonly at: number } | undefined;
    for (const pool of this.#pools.values()) {
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
    for (const pool of this.#pools.values()) pool.invalidate(sessionId, names);
  }
}
