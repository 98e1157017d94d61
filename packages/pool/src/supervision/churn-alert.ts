import {
  type CallInfo,
  type CallTrace,
  type EventName,
  type Instrumentation,
  type RecycleReason,
  type SnakepitEvents,
  sizeRange,
  type WorkerExit,
} from "@snakepit/core";
import type { PoolOptions } from "../pool-options.ts";

/** A worker that was replaced. */
interface Replacement {
  readonly at: number;
  readonly reason: string;
}

/**
 * Reports `pool.churning` when more workers were replaced within a period than usual, whatever the reason: each single
 * replacement is handled, but the pool spends its time on starts. It is reported once per episode, which ends when no
 * more than half as many are replaced. Passes all events on, and watches those of workers.
 */
export class ChurnAlert implements Instrumentation {
  readonly #pool: string;
  readonly #limit: number;
  readonly #withinMs: number;
  readonly #instrumentation: Instrumentation;
  /** The latest replacements, oldest first; at most one more than the limit. */
  readonly #replaced: Replacement[] = [];
  #isReported = false;

  constructor({ name, size, churn }: PoolOptions, instrumentation: Instrumentation) {
    this.#pool = name;
    this.#limit = churn?.maxReplaced ?? Math.max(10, 2 * sizeRange(size).max);
    this.#withinMs = churn?.withinMs ?? 300_000;
    this.#instrumentation = instrumentation;
  }

  emit<Name extends EventName>(name: Name, event: SnakepitEvents[Name]): void {
    this.#instrumentation.emit(name, event);
    if (name === "worker.recycled") this.#recycled((event as SnakepitEvents["worker.recycled"]).reason);
    else if (name === "worker.exited") this.#exited((event as SnakepitEvents["worker.exited"]).exit);
  }

  startCall(call: CallInfo): CallTrace | undefined {
    return this.#instrumentation.startCall(call);
  }

  /** Records that a worker has to be replaced. */
  replaced(reason: string): void {
    const now = performance.now();
    const replaced = this.#replaced;
    while (replaced[0] !== undefined && replaced[0].at <= now - this.#withinMs) replaced.shift();
    if (replaced.length <= this.#limit / 2) this.#isReported = false;
    replaced.push({ at: now, reason });
    if (replaced.length <= this.#limit) return;
    if (!this.#isReported) {
      const reasons: Record<string, number> = {};
      for (const each of replaced) reasons[each.reason] = (reasons[each.reason] ?? 0) + 1;
      const count = replaced.length;
      this.#instrumentation.emit("pool.churning", {
        pool: this.#pool,
        replaced: count,
        withinMs: this.#withinMs,
        reasons,
      });
    }
    this.#isReported = true;
    replaced.shift();
  }

  /** A reload replaces all workers once, which is no sign of a problem. */
  #recycled(reason: RecycleReason): void {
    if (reason !== "reload") this.replaced(reason === "unresponsive" ? reason : "recycled");
  }

  /** The host requests the end of workers that it recycles, which are counted then, and of those of a closing pool. */
  #exited({ requested, cause, signal, exitCode }: WorkerExit): void {
    if (requested) return;
    this.replaced(cause?.code ?? signal ?? (exitCode === undefined ? "unknown" : `exit status ${exitCode}`));
  }
}
