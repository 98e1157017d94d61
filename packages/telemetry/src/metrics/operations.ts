import { type SnakepitError, toSnakepitError } from "@snakepit/core";
import type { SeriesTable } from "./series.ts";

const MS = 1_000;

/** What operations of a database are counted as. */
export type OperationTarget = "store" | "registry";

/** Measures the operations of the store of sessions and of the process registry. */
export class OperationMeter {
  readonly #series: SeriesTable;
  /** Whether each answered its last operation. */
  readonly #isUp: Record<OperationTarget, boolean> = { store: true, registry: true };

  constructor(series: SeriesTable) {
    this.#series = series;
  }

  isUp(target: OperationTarget): boolean {
    return this.#isUp[target];
  }

  /** Executes an operation and measures it; resolves and rejects as `work` does. */
  async measure<Result>(target: OperationTarget, operation: string, work: () => Promise<Result>): Promise<Result> {
    const startedAt = performance.now();
    try {
      const result = await work();
      this.#done(target, operation, startedAt, undefined);
      return result;
    } catch (thrown) {
      this.#done(target, operation, startedAt, toSnakepitError(thrown, "INTERNAL"));
      throw thrown;
    }
  }

  #done(target: OperationTarget, operation: string, startedAt: number, error: SnakepitError | undefined): void {
    // Other errors are answers, for example that a value is too large.
    this.#isUp[target] = error?.code !== "REGISTRY_UNAVAILABLE";
    const attributes = { "snakepit.operation": operation };
    this.#series.add(`snakepit.${target}.operations`, {
      ...attributes,
      ...(error !== undefined && { "error.type": error.code }),
    });
    this.#series.record(`snakepit.${target}.duration`, attributes, (performance.now() - startedAt) / MS);
  }
}
