import {
  type Activation,
  type ProcessRegistry,
  type Reservation,
  SnakepitError,
  type SweepReport,
  toSnakepitError,
} from "@snakepit/core";
import type { Telemetry } from "@snakepit/telemetry";
import { WaitBudget } from "./wait-budget.ts";

/** Milliseconds that a host which closes waits for its registry in all. */
const CLOSING_WAIT_MS = 2_000;

/**
 * A registry that is being opened: operations wait for that. So the launchers can be made, and interpreters be found, while
 * the database is opened; no process starts before its row exists all the same. A host that closes waits for it only for a
 * bounded time in all: its workers are gone, and the next sweep of any host removes their rows.
 */
export class PendingRegistry implements ProcessRegistry {
  readonly runId: string;
  readonly #opening: Promise<ProcessRegistry>;
  readonly #isOurs: boolean;
  readonly #log: Telemetry["log"];
  readonly #budget = new WaitBudget(CLOSING_WAIT_MS);

  /** @param isOurs whether the host closes it. */
  constructor(runId: string, opening: Promise<ProcessRegistry>, isOurs: boolean, log: Telemetry["log"]) {
    this.runId = runId;
    this.#opening = opening;
    this.#isOurs = isOurs;
    this.#log = log;
    // Each user of the registry gets a failure.
    opening.catch(() => {});
  }

  reserve(reservations: readonly Reservation[]): Promise<void> {
    return this.#within((registry) => registry.reserve(reservations));
  }

  activate(activations: readonly Activation[]): Promise<void> {
    return this.#within((registry) => registry.activate(activations));
  }

  release(workerIds: readonly string[]): Promise<void> {
    return this.#within((registry) => registry.release(workerIds));
  }

  sweep(): Promise<SweepReport> {
    return this.#within((registry) => registry.sweep());
  }

  /** The host closes: from now on everything together is waited for at most {@link CLOSING_WAIT_MS}. */
  leave(): void {
    this.#budget.start();
  }

  /** Closes it, once it is open; one that could not be opened is closed already. Never rejects: a failure is logged. */
  async close(): Promise<void> {
    this.leave();
    if (!this.#isOurs) return;
    try {
      const opened = this.#opening.catch(() => undefined);
      const registry = await this.#budget.within(opened, tooLate);
      await registry?.close({ waitMs: this.#budget.remainingMs });
    } catch (thrown) {
      const error = toSnakepitError(thrown, "INTERNAL");
      this.#log.warn({ err: error }, `rows of this host may be left in the process registry: ${error.message}`);
      // One that opens too late is closed then.
      this.#opening.then((registry) => registry.close({ waitMs: 0 })).catch(() => {});
    }
  }

  #within<Result>(work: (registry: ProcessRegistry) => Promise<Result>): Promise<Result> {
    return this.#budget.within(this.#opening.then(work), tooLate);
  }
}

function tooLate(): SnakepitError {
  return new SnakepitError(
    "REGISTRY_UNAVAILABLE",
    `the process registry did not answer within ${CLOSING_WAIT_MS} ms of closing; the next host removes the rows that are left`,
  );
}
