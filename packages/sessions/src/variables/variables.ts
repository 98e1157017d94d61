import type { ValueCodec } from "@snakepit/core";
import type { WriteTurns } from "../updates/write-turns.ts";
import { SessionVariables, type SharedByVariables } from "./session-variables.ts";
import { VariableEntries, type VariableEntriesOptions } from "./variable-entries.ts";
import { VariableChanges } from "./watching/variable-changes.ts";

/** Options of {@link Variables}. */
export interface VariablesOptions extends VariableEntriesOptions {
  readonly codec: ValueCodec;
  /** The turns of the writes of the host. */
  readonly turns: WriteTurns;
}

/** The variables of all sessions of a host. */
export class Variables {
  readonly #options: VariablesOptions;
  readonly #shared: SharedByVariables;

  constructor(options: VariablesOptions) {
    this.#options = options;
    const { codec, store, turns } = options;
    this.#shared = { codec, turns, changes: new VariableChanges(store) };
  }

  /** The number of open watches. */
  get watches(): number {
    return this.#shared.changes.size;
  }

  /**
   * Returns the variables of a session. Whether the session exists is checked when they are used.
   *
   * @param author the writer for `Variable.updatedBy`: `host`, a worker's ID, or `client:` followed by the name of a
   *   client.
   * @param correlationId the ID of the call or request that uses them, for events; absent for the host.
   */
  of(sessionId: string, author = "host", correlationId?: string): SessionVariables {
    const entries = new VariableEntries(this.#options, sessionId, { by: author, correlationId });
    return new SessionVariables(this.#shared, entries);
  }

  /** Ends all watches and starts no new ones. The store stays open. Can be called twice. */
  close(): void {
    this.#shared.changes.close();
  }
}
