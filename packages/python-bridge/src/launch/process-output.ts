import type { Instrumentation, WorkerLogRecord } from "@snakepit/core";
import { isBridgeFrame, OutputTail } from "../stderr-tail.ts";
import { LineSplitter } from "./zygote-protocol.ts";

/** Characters after which an incomplete line becomes a record: a progress bar never ends its line. */
const MAX_LINE_LENGTH = 16_384;

/** Characters of output that are buffered. The program may not be Python and may write without end. */
const MAX_BUFFERED = 1024 * 1024;

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

type Source = "stdout" | "stderr";

/** The stdout and stderr of a zygote. Output that becomes part of an error is not forwarded to the log. */
export class ZygoteOutput {
  readonly #forward: (source: Source, piece: string) => void;
  readonly #stderr = new OutputTail();
  readonly #buffered: { readonly source: Source; readonly piece: string }[] = [];
  #bufferedLength = 0;
  #stack = "";
  #phase: "unidentified" | "identified" | "writing-stack" = "unidentified";

  constructor(forward: (source: Source, piece: string) => void) {
    this.#forward = forward;
  }

  push(source: Source, piece: string): void {
    if (source === "stderr") this.#stderr.push(piece);
    switch (this.#phase) {
      case "unidentified":
        if (this.#bufferedLength < MAX_BUFFERED) this.#buffered.push({ source, piece });
        this.#bufferedLength += piece.length;
        return;
      case "identified":
        this.#forward(source, piece);
        return;
      case "writing-stack":
        if (this.#stack.length < MAX_BUFFERED) this.#stack += piece;
        return;
      default:
        this.#phase satisfies never;
    }
  }

  /** The program has identified itself as a zygote. Output before that may be an error message of the interpreter. */
  identified(): void {
    this.#phase = "identified";
    for (const { source, piece } of this.#buffered.splice(0)) this.#forward(source, piece);
  }

  /** Treats all further output as the stack of the zygote. */
  expectStack(): void {
    this.#phase = "writing-stack";
  }

  /** The last lines on stderr. */
  get stderrTail(): string {
    return this.#stderr.toString();
  }

  /** The output since {@link expectStack}. */
  get stack(): string {
    return this.#stack;
  }
}
