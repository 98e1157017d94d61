import type { Activation, ProcessRecord, ProcessRegistry, Reservation, SweepReport } from "@snakepit/core";
import type { OperationMeter } from "@snakepit/telemetry";

/** A process registry whose operations are measured. */
export class MeteredRegistry implements ProcessRegistry {
  readonly runId: string;
  readonly #registry: ProcessRegistry;
  readonly #meter: OperationMeter;

  constructor(registry: ProcessRegistry, meter: OperationMeter) {
    this.runId = registry.runId;
    this.#registry = registry;
    this.#meter = meter;
  }

  reserve(reservations: readonly Reservation[]): Promise<void> {
    return this.#measure("reserve", (registry) => registry.reserve(reservations));
  }

  activate(activations: readonly Activation[]): Promise<void> {
    return this.#measure("activate", (registry) => registry.activate(activations));
  }

  release(workerIds: readonly string[]): Promise<void> {
    return this.#measure("release", (registry) => registry.release(workerIds));
  }

  async list(): Promise<readonly ProcessRecord[]> {
    return (await this.#registry.list?.()) ?? [];
  }

  sweep(): Promise<SweepReport> {
    return this.#measure("sweep", (registry) => registry.sweep());
  }

  close(options?: { readonly waitMs?: number | undefined }): Promise<void> {
    return this.#registry.close(options);
  }

  #measure<Result>(
    operation: keyof ProcessRegistry,
    work: (registry: ProcessRegistry) => Promise<Result>,
  ): Promise<Result> {
    return this.#meter.measure("registry", operation, () => work(this.#registry));
  }
}
