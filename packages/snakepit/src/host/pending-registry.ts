import type { Activation, ProcessRegistry, Reservation, SweepReport } from "@snakepit/core";

/**
 * A registry that is being opened: what it is asked waits for that. So the launchers can be made, and interpreters be
 * found, while the database is opened; no process starts before its row is there all the same.
 */
export class PendingRegistry implements ProcessRegistry {
  readonly runId: string;
  readonly #opening: Promise<ProcessRegistry>;

  constructor(runId: string, opening: Promise<ProcessRegistry>) {
    this.runId = runId;
    this.#opening = opening;
    // Whoever asks hears of a failure; when nobody does, it is none.
    opening.catch(() => {});
  }

  async reserve(reservations: readonly Reservation[]): Promise<void> {
    await (await this.#opening).reserve(reservations);
  }

  async activate(activations: readonly Activation[]): Promise<void> {
    await (await this.#opening).activate(activations);
  }

  async release(workerIds: readonly string[]): Promise<void> {
    await (await this.#opening).release(workerIds);
  }

  async sweep(): Promise<SweepReport> {
    return (await this.#opening).sweep();
  }

  /** Closes it, once it is open; one that could not be opened is closed already. */
  async close(): Promise<void> {
    const registry = await this.#opening.catch(() => undefined);
    await registry?.close();
  }
}
