import type { Instrumentation } from "@snakepit/core";
import { ProcessText } from "./process-output.ts";

/** What the workers of a pool write to their own file descriptors, as log records. */
export class WorkerTexts {
  readonly #instrumentation: Instrumentation;
  readonly #pool: string;
  readonly #texts = new Map<string, ProcessText>();
  readonly #muted = new Set<string>();

  constructor(instrumentation: Instrumentation, pool: string) {
    this.#instrumentation = instrumentation;
    this.#pool = pool;
  }

  push(workerId: string, text: string): void {
    if (this.#muted.has(workerId)) return;
    let lines = this.#texts.get(workerId);
    if (lines === undefined) {
      lines = new ProcessText(this.#instrumentation, { pool: this.#pool, workerId, source: "stderr" });
      this.#texts.set(workerId, lines);
    }
    lines.push(text);
  }

  /** What the worker writes from now on belongs into an error. */
  mute(workerId: string): void {
    this.#muted.add(workerId);
  }

  /** The worker is gone. */
  end(workerId: string): void {
    this.#muted.delete(workerId);
    this.#texts.get(workerId)?.end();
    this.#texts.delete(workerId);
  }
}
