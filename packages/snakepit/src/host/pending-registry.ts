import {
  type Activation,
  type ProcessRegistry,
  type Reservation,
  SnakepitError,
  type SweepReport,
  toSnakepitError,
} from "@snakepit/core";
import { ReconciledRegistry, type RegistryTelemetry } from "./reconciled-registry.ts";
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
  readonly #telemetry: RegistryTelemetry;
  readonly #budget = new WaitBudget(CLOSING_WAIT_MS);

  /** @param isOurs whether the host opened the registry and therefore closes it. */
  constructor(runId: string, opening: Promise<ProcessRegistry>, isOurs: boolean, telemetry: RegistryTelemetry) {
    this.runId = runId;
    this.#opening = opening.then((registry) => new ReconciledRegistry(registry, telemetry));
    this.#isOurs = isOurs;
    this.#telemetry = telemetry;
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

  ping(): Promise<void> {
    return this.#opening.then((registry) => registry.ping());
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
      this.#telemetry.log.warn(
        { err: error },
        `rows of this host may remain in the process registry: ${error.message}`,
      );
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
