import {
  type Activation,
  type ProcessRecord,
  type ProcessRegistry,
  type Reservation,
  SnakepitError,
  type SweepReport,
  toSnakepitError,
} from "@snakepit/core";
import type { Telemetry } from "@snakepit/telemetry";
import { ReconciledRegistry } from "./reconciled-registry.ts";
import { WaitBudget } from "./wait-budget.ts";

/** Total time in milliseconds that a closing host waits for its registry. */
const CLOSING_WAIT_MS = 2_000;

/**
 * A registry that is being opened; operations wait until it is open. The host can therefore create launchers and find
 * interpreters while the database opens, and still no process starts before its row exists. A closing host limits the
 * total time that it waits: its workers have exited, and the next sweep of any host removes their rows.
 */
export class PendingRegistry implements ProcessRegistry {
  readonly runId: string;
  readonly #opening: Promise<ReconciledRegistry>;
  readonly #isOurs: boolean;
  readonly #log: Telemetry["log"];
  readonly #budget = new WaitBudget(CLOSING_WAIT_MS);

  /** @param isOurs whether the host opened the registry and therefore closes it. */
  constructor(runId: string, opening: Promise<ProcessRegistry>, isOurs: boolean, log: Telemetry["log"]) {
    this.runId = runId;
    this.#opening = opening.then((registry) => new ReconciledRegistry(registry, log));
    this.#isOurs = isOurs;
    this.#log = log;
    // A failure rejects each operation; without operations it must not be an unhandled rejection.
    this.#opening.catch(() => {});
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

  async list(): Promise<readonly ProcessRecord[]> {
    return (await this.#within(async (registry) => registry.list?.())) ?? [];
  }

  sweep(): Promise<SweepReport> {
    return this.#within((registry) => registry.sweep());
  }

  /** Called when the host closes: limits the total wait for all further operations to {@link CLOSING_WAIT_MS}. */
  leave(): void {
    this.#budget.start();
    this.#opening.then((registry) => registry.leave()).catch(() => {});
  }

  /** Closes the registry once it is open. Never rejects; failures are logged. */
  async close(): Promise<void> {
    this.leave();
    if (!this.#isOurs) return;
    try {
      const opened = this.#opening.catch(() => undefined);
      const registry = await this.#budget.within(opened, tooLate);
      await registry?.close({ waitMs: this.#budget.remainingMs });
    } catch (thrown) {
      const error = toSnakepitError(thrown, "INTERNAL");
      this.#log.warn({ err: error }, `rows of this host may remain in the process registry: ${error.message}`);
      // Closes a registry that opens after the limit.
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
    `the process registry did not respond within ${CLOSING_WAIT_MS} ms while the host was closing; the next host removes the remaining rows`,
  );
}
