import type { Instrumentation, WorkerLogRecord } from "@snakepit/core";
import { isBridgeFrame } from "../fault-stack.ts";
import { LineSplitter } from "./zygote-protocol.ts";

/** Characters after which an incomplete line becomes a record: a progress bar never ends its line. */
const MAX_LINE_LENGTH = 16_384;

/**
 * Converts the output of a process to log records, one per line. Empty lines are omitted, and so are the frames of the
 * bridge in a stack written by Python's fault handler.
 */
export class ProcessOutput {
  readonly #instrumentation: Instrumentation;
  readonly #origin: Pick<WorkerLogRecord, "pool" | "workerId" | "source">;
  readonly #lines = new LineSplitter(MAX_LINE_LENGTH);

  constructor(instrumentation: Instrumentation, origin: Pick<WorkerLogRecord, "pool" | "workerId" | "source">) {
    this.#instrumentation = instrumentation;
    this.#origin = origin;
  }

  push(piece: string): void {
    for (const line of this.#lines.push(piece)) this.#emit(line);
  }

  /** Emits an incomplete last line. Called when the process has ended. */
  end(): void {
    this.#emit(this.#lines.flush());
  }

  #emit(message: string): void {
    if (message === "" || isBridgeFrame(message)) return;
    const level = this.#origin.source === "stderr" ? "warn" : "info";
    this.#instrumentation.emit("worker.log", { ...this.#origin, level, message });
  }
}

/** Converts the output of a pool's workers to log records. */
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

  /** Discards all further output of the worker: it becomes part of an error. */
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
