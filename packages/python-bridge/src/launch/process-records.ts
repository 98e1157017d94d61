import type { Activation, ProcessRegistry, Reservation } from "@snakepit/core";
import { CommitBatches } from "./commit-batches.ts";

/** The registry as launchers use it: many processes at once, few commits. */
export class ProcessRecords {
  readonly #reservations: CommitBatches<Reservation>;
  readonly #activations: CommitBatches<Activation>;
  readonly #releases: CommitBatches<string>;
  /** Ids whose row stayed because the registry was away; they go with the next release. */
  #unreleased: readonly string[] = [];

  constructor(registry: ProcessRegistry) {
    this.#reservations = new CommitBatches((items) => registry.reserve(items));
    this.#activations = new CommitBatches((items) => registry.activate(items));
    this.#releases = new CommitBatches((items) => this.#releaseAll(registry, items));
  }

  /**
   * Before a process is started; committed when the promise resolves.
   *
   * @throws SnakepitError `REGISTRY_UNAVAILABLE`.
   */
  reserve(reservation: Reservation): Promise<void> {
    return this.#reservations.add(reservation);
  }

  /**
   * After it was started; committed when the promise resolves.
   *
   * @throws SnakepitError `REGISTRY_UNAVAILABLE`.
   */
  activate(activation: Activation): Promise<void> {
    return this.#activations.add(activation);
  }

  /** After it is gone. Never rejects: when the registry is away the next release tries again. */
  release(workerId: string): Promise<void> {
    return this.#releases.add(workerId);
  }

  /** Resolves when the releases asked for so far have been tried. */
  settled(): Promise<void> {
    return this.#releases.settled();
  }

  async #releaseAll(registry: ProcessRegistry, workerIds: readonly string[]): Promise<void> {
    const all = [...this.#unreleased, ...workerIds];
    try {
      await registry.release(all);
      this.#unreleased = [];
    } catch {
      // A row too many does no harm: the process it names is gone, and the sweep after this host's end clears it.
      this.#unreleased = all;
    }
  }
}
