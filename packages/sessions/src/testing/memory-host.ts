import { deserialize, serialize } from "node:v8";
import { GLOBAL_SCOPE, SnakepitError, type ValueCodec } from "@snakepit/core";
import { FakeClock } from "@snakepit/core/conformance";
import type { HostTool } from "../host-tools/host-tool.ts";
import { HostToolRegistry } from "../host-tools/host-tool-registry.ts";
import { ToolOffers } from "../host-tools/tool-offers.ts";
import type { HostServices } from "../operations/host-operations.ts";
import { Programs } from "../programs/programs.ts";
import { SessionDirectory } from "../sessions/session-directory.ts";
import { MemoryStore } from "../store/memory-store.ts";
import { WriteTurns } from "../updates/write-turns.ts";
import type { SessionVariables } from "../variables/session-variables.ts";
import { Variables } from "../variables/variables.ts";

const LIMITS = {
  ttlMs: 60_000,
  maxSessions: 100,
  maxStaleMs: 1_000,
  sweepIntervalMs: Number.POSITIVE_INFINITY,
  maxVariablesPerSession: 100,
  maxProgramsPerSession: 100,
  maxGlobalPrograms: 100,
};

/** The services that the operations of a host use, on a memory store and without workers. */
export class MemoryHost implements HostServices, AsyncDisposable {
  readonly clock = new FakeClock();
  readonly hostTools = new HostToolRegistry();
  readonly toolOffers = new ToolOffers(this.hostTools);
  readonly sessions: SessionDirectory;
  readonly turns = new WriteTurns();
  readonly #store = new MemoryStore();
  readonly #variables: Variables;

  /** @param lastWorker the worker that executes the calls of all sessions. */
  constructor(codec: ValueCodec, lastWorker?: string) {
    const { turns } = this;
    this.sessions = new SessionDirectory(
      this.#store,
      this.clock,
      { ...LIMITS, turns },
      {
        created: () => {},
        ended: (id) => {
          turns.release(id);
          this.hostTools.endSession(id);
          this.toolOffers.endSession(id);
        },
        lastWorkerOf: () => lastWorker,
        storeFailed: () => {},
      },
    );
    this.#variables = new Variables({ ...LIMITS, turns, codec, store: this.#store, clock: this.clock });
  }

  /** The number of open watches of variables. */
  get watches(): number {
    return this.#variables.watches;
  }

  variables(sessionId: string, author: string): SessionVariables {
    return this.#variables.of(sessionId, author);
  }

  programs(scope: string, author: string): Programs {
    const { turns, clock } = this;
    return new Programs({ ...LIMITS, turns, store: this.#store, clock }, scope, author);
  }

  /** Registers host tools for a session or globally. */
  register(tools: readonly HostTool[], scope: string = GLOBAL_SCOPE): void {
    this.hostTools.register(tools, scope);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#variables.close();
    this.turns.release();
    await this.sessions.close();
    await this.#store.close();
  }
}

interface Written {
  readonly value: unknown;
  readonly marks: { readonly shape: readonly number[]; readonly dtype: string } | undefined;
}

/**
 * Copies values with the structured clone of Node.js, with shape and dtype of arrays; rejects functions, like every
 * codec.
 */
export const plainCodec: ValueCodec = {
  encode(value, root) {
    const { shape, dtype } = Object(value) as { shape?: readonly number[]; dtype?: string };
    const marks = shape !== undefined && dtype !== undefined ? { shape, dtype } : undefined;
    if (typeof value === "function") throw new SnakepitError("SERIALIZATION", `${root}: cannot send a function`);
    return new Uint8Array(serialize({ value, marks } satisfies Written));
  },
  decode(bytes) {
    const { value, marks } = deserialize(bytes) as Written;
    if (marks === undefined) return value;
    return Object.defineProperties(value, { shape: { value: marks.shape }, dtype: { value: marks.dtype } });
  },
};
