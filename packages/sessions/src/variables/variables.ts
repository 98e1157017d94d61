import type { ValueCodec } from "@snakepit/core";
import { SessionVariables, type SharedByVariables } from "./session-variables.ts";
import { VariableEntries, type VariableEntriesOptions } from "./variable-entries.ts";
import { checkVariableName } from "./variable-name.ts";
import { VariableChanges } from "./watching/variable-changes.ts";
import { reservationLimitMs, waitAfterConflicts } from "./write-contention.ts";
import { type Reservation, turnOf, turnsOf, WriteTurns } from "./write-turns.ts";

/** Options of {@link Variables}. */
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

  /**
   * Waits for the turn of an update of another process and reserves the variable: until the reservation is released,
   * other writes of this host to the variable wait. It is released by a time limit too.
   *
   * @param conflicts the number of attempts of the update that have failed; with it, the time limit and the delay grow.
   * @param signal releases the reservation, also while it is queued.
   * @throws SnakepitError `CANCELLED` when the signal aborts before its turn.
   */
  async reserve(sessionId: string, name: string, conflicts: number, signal: AbortSignal): Promise<Reservation> {
    checkVariableName(name);
    const limitMs = reservationLimitMs(conflicts);
    const reservation = await this.#shared.turns.reserve(turnOf(sessionId, name), { limitMs, signal });
    // The conflicts were with other hosts: those of this one have waited.
    await waitAfterConflicts(conflicts);
    return reservation;
  }

  /** Runs `work`, whose writes do not wait for the reservation with this ID; without an ID, it is only run. */
  within<T>(reservation: number | undefined, work: () => T): T {
    return this.#shared.turns.within(reservation, work);
  }

  /** The number of variables of this host with pending writes. */
  get pendingWrites(): number {
    return this.#shared.turns.size;
  }

  /** Releases what the updates of an ended session have reserved. */
  endSession(sessionId: string): void {
    this.#shared.turns.release((key) => key.startsWith(turnsOf(sessionId)));
  }

  /** Ends all watches, starts no new ones and releases all reservations. The store stays open. Can be called twice. */
  close(): void {
    this.#shared.changes.close();
    this.#shared.turns.release();
  }
}
