import type { ValueCodec } from "@snakepit/core";
import { SessionVariables, type SharedByVariables } from "./session-variables.ts";
import { VariableEntries, type VariableEntriesOptions } from "./variable-entries.ts";
import { VariableChanges } from "./watching/variable-changes.ts";
import { WriteTurns } from "./write-turns.ts";

/** What {@link Variables} keep to. */
export interface VariablesOptions extends VariableEntriesOptions {
  readonly codec: ValueCodec;
}

/** The variables of all sessions of a host. */
export class Variables {
  readonly #options: VariablesOptions;
  readonly #shared: SharedByVariables;

  constructor(options: VariablesOptions) {
    this.#options = options;
    const { codec, store } = options;
    this.#shared = { codec, turns: new WriteTurns(), changes: new VariableChanges(store) };
  }

  /** How many watches are open. */
  get watches(): number {
    return this.#shared.changes.size;
  }

  /**
   * The variables of a session, which is not looked at before they are used.
   *
   * @param author who writes, as `Variable.updatedBy` says it: `host`, a worker's id, or `client:` and what a client calls
   *   itself.
   */
  of(sessionId: string, author = "host"): SessionVariables {
    return new SessionVariables(this.#shared, new VariableEntries(this.#options, sessionId, author));
  }

  /** Ends all watches, and begins no others. The store stays open. May be called again. */
  close(): void {
    this.#shared.changes.close();
  }
}
