import type { Instrumentation, WorkerLogRecord } from "@snakepit/core";
import { isBridgeFrame } from "../fault-stack.ts";
import { LineSplitter } from "./zygote-protocol.ts";

/** Characters of a line that are kept while its end does not come: a progress bar never ends its line. */
const LONGEST_LINE = 16_384;

/**
 * Turns what a process wrote to a file descriptor into log records, one for each line. Empty lines are omitted, and so are
 * the bridge's own frames in a stack of Python's fault handler: they do not help the reader.
 */
export class ProcessOutput {
  readonly #instrumentation: Instrumentation;
  readonly #origin: Pick<WorkerLogRecord, "pool" | "workerId" | "source">;
  readonly #lines = new LineSplitter(LONGEST_LINE);

  constructor(instrumentation: Instrumentation, origin: Pick<WorkerLogRecord, "pool" | "workerId" | "source">) {
    this.#instrumentation = instrumentation;
    this.#origin = origin;
  }

  push(piece: string): void {
    for (const line of this.#lines.push(piece)) this.#emit(line);
  }

  /** Emits the last line when it has no line break; for the end of the process. */
  end(): void {
    this.#emit(this.#lines.flush());
  }

  #emit(message: string): void {
    if (message === "" || isBridgeFrame(message)) return;
    const level = this.#origin.source === "stderr" ? "warn" : "info";
    this.#instrumentation.emit("worker.log", { ...this.#origin, level, message });
  }
}

/** Turns what the workers of a pool write to their own file descriptors into log records. */
export class WorkerOutput {
  readonly #instrumentation: Instrumentation;
  readonly #pool: string;
  readonly #outputs = new Map<string, ProcessOutput>();
  readonly #muted = new Set<string>();

  constructor(instrumentation: Instrumentation, pool: string) {
    this.#instrumentation = instrumentation;
    this.#pool = pool;
  }

  push(workerId: string, piece: string): void {
    if (this.#muted.has(workerId)) return;
    let output = this.#outputs.get(workerId);
    if (output === undefined) {
      output = new ProcessOutput(this.#instrumentation, { pool: this.#pool, workerId, source: "stderr" });
      this.#outputs.set(workerId, output);
    }
    output.push(piece);
  }

  /** What the worker writes from now on is part of an error. */
  mute(workerId: string): void {
    this.#muted.add(workerId);
  }

  /** The worker has ended. */
  end(workerId: string): void {
    this.#muted.delete(workerId);
    this.#outputs.get(workerId)?.end();
    this.#outputs.delete(workerId);
  }
}
