import type { Activation, ProcessRegistry, Reservation, SweepReport } from "@snakepit/core";

/** A registry in memory that records its commits. */
export class RecordingRegistry implements ProcessRegistry {
  readonly runId: string;
  /** One string for each commit: `reserve`, `activate` or `release`, and the IDs. */
  readonly commits: string[] = [];
  /** The current rows; a reserved row has no activation. */
  readonly rows = new Map<string, Activation | undefined>();
  /** Every process that was ever activated. */
  readonly activations: Activation[] = [];
  /** The methods that fail, with their errors. */
  readonly failing = new Map<"reserve" | "activate" | "release", Error>();

  constructor(runId: string) {
    this.runId = runId;
  }

  async reserve(reservations: readonly Reservation[]): Promise<void> {
    this.#commit(
      "reserve",
      reservations.map((each) => each.workerId),
    );
    for (const { workerId } of reservations) this.rows.set(workerId, undefined);
  }

  async activate(activations: readonly Activation[]): Promise<void> {
    this.#commit(
      "activate",
      activations.map((each) => each.workerId),
    );
    for (const each of activations) {
      this.rows.set(each.workerId, each);
      this.activations.push(each);
    }
  }

  async release(workerIds: readonly string[]): Promise<void> {
    this.#commit("release", workerIds);
    for (const workerId of workerIds) this.rows.delete(workerId);
  }

  async sweep(): Promise<SweepReport> {
    return { hosts: 0, killed: [], rows: 0 };
  }

  async close(): Promise<void> {}

  #commit(method: "reserve" | "activate" | "release", workerIds: readonly string[]): void {
    const failure = this.failing.get(method);
    if (failure !== undefined) throw failure;
    this.commits.push(`${method} ${workerIds.join(" ")}`);
  }
}
