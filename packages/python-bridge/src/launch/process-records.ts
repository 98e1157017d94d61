import type { Activation, ProcessRegistry, Reservation } from "@snakepit/core";
import { CommitBatches } from "./commit-batches.ts";

/** The rows of a launcher's processes in the registry. Concurrent changes share a commit. */
export class ProcessRecords {
  readonly #reservations: CommitBatches<Reservation>;
  readonly #activations: CommitBatches<Activation>;
  readonly #releases: CommitBatches<string>;
  /** Workers whose row could not be deleted because the registry was unavailable; the next release retries. */
  #unreleased: readonly string[] = [];

  constructor(registry: ProcessRegistry) {
    this.#reservations = new CommitBatches((items) => registry.reserve(items));
    this.#activations = new CommitBatches((items) => registry.activate(items));
    this.#releases = new CommitBatches((items) => this.#releaseAll(registry, items));
  }

  /**
   * Inserts a row before its process is started. Resolves when the row is committed.
   *
   * @throws SnakepitError `REGISTRY_UNAVAILABLE`.
   */
  reserve(reservation: Reservation): Promise<void> {
    return this.#reservations.add(reservation);
  }

  /**
   * Adds the process to its row after it was started. Resolves when the row is committed.
   *
   * @throws SnakepitError `REGISTRY_UNAVAILABLE`.
   */
  activate(activation: Activation): Promise<void> {
    return this.#activations.add(activation);
  }

  /**
   * Deletes a row after its process has ended. Never rejects: if the registry is unavailable, the next release retries.
   */
  release(workerId: string): Promise<void> {
    return this.#releases.add(workerId);
  }

  /** Resolves when all releases so far have been attempted. */
  settled(): Promise<void> {
    return this.#releases.settled();
  }

  async #releaseAll(registry: ProcessRegistry, workerIds: readonly string[]): Promise<void> {
    const all = [...this.#unreleased, ...workerIds];
    try {
      await registry.release(all);
      this.#unreleased = [];
    } catch {
      // A remaining row is harmless: its process has ended, and the sweep after this host's end deletes the row.
      this.#unreleased = all;
    }
  }
}
