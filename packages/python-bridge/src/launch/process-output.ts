import type { Instrumentation, WorkerLogRecord } from "@snakepit/core";
import { isBridgeFrame } from "../fault-stack.ts";
import { LineSplitter } from "./zygote-protocol.ts";

/** Characters of a line that are kept while its end does not come: a progress bar never ends its line. */
const LONGEST_LINE = 16_384;

/**
 * Turns text that a process wrote to a file descriptor into log records, one a line. Empty lines are left out, and so are
 * the bridge's frames where Python's fault handler shows what the process was doing: they say nothing to who reads it.
 */
export class ProcessText {
  readonly #instrumentation: Instrumentation;
  readonly #origin: Pick<WorkerLogRecord, "pool" | "workerId" | "source">;
  readonly #lines = new LineSplitter(LONGEST_LINE);

  constructor(instrumentation: Instrumentation, origin: Pick<WorkerLogRecord, "pool" | "workerId" | "source">) {
    this.#instrumentation = instrumentation;
    this.#origin = origin;
  }

  push(text: string): void {
    for (const line of this.#lines.push(text)) this.#emit(line);
  }

  /** Gives out what has no line break yet; for the end of the process. */
  end(): void {
    this.#emit(this.#lines.flush());
  }

  #emit(message: string): void {
    if (message === "" || isBridgeFrame(message)) return;
    const level = this.#origin.source === "stderr" ? "warn" : "info";
    this.#instrumentation.emit("worker.log", { ...this.#origin, level, message });
  }
}
