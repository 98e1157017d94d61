import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { endProcess } from "../peers/server-process.ts";
import { PYTHON, pythonFile } from "../project-files.ts";

/** The calls of one write. */
const BATCH = 32;

/**
 * A record that each call and its answer contain. Most of the processor time of the baseline is spent on its JSON: with
 * less of it, the cost of waking up would matter more than in a call of Snakepit, and differ with other load.
 */
const RECORD = {
  name: "Ada Lovelace",
  email: "ada@example.com",
  active: true,
  balance: 1_250.5,
  visits: 12,
  registered: "2024-01-01T00:00:00.000Z",
  tags: ["customer", "monthly", "newsletter"],
  scores: [0.25, 0.5, 0.75],
};

interface Answer {
  readonly id: number;
  readonly value: number;
}

/**
 * The baseline of the cost of a call: a worker that exchanges lines of JSON. Calls are ahead, and share writes in both
 * directions, as with Snakepit. But a write always has the same number of calls, if there are a multiple of that many
 * callers: with as many as arrive in a turn, the busier the machine is, the more calls would share a write.
 */
export class BatchedLines implements AsyncDisposable {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #waiting = new Map<number, (value: number) => void>();
  #batch: string[] = [];
  /** The beginning of a line that has not arrived completely. */
  #rest = "";
  #next = 0;

  constructor() {
    this.#child = spawn(PYTHON, [pythonFile("batched_lines_worker.py")], { stdio: ["pipe", "pipe", "inherit"] });
    this.#child.stdout.setEncoding("utf8").on("data", (data: string) => this.#onData(data));
  }

  add(a: number, b: number): Promise<number> {
    return this.#call("add", { a, b });
  }

  /** Returns the processor time of the worker in seconds. */
  workerSeconds(): Promise<number> {
    return this.#call("process_time", {});
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await endProcess(this.#child);
  }

  #call(tool: string, args: object): Promise<number> {
    return new Promise((resolve) => {
      const id = this.#next++;
      this.#waiting.set(id, resolve);
      // Fewer calls are sent at the end of the turn.
      if (this.#batch.length === 0) process.nextTick(() => this.#send());
      this.#batch.push(JSON.stringify({ id, tool, args, record: RECORD }));
      if (this.#batch.length === BATCH) this.#send();
    });
  }

  #send(): void {
    if (this.#batch.length === 0) return;
    this.#child.stdin.write(`${this.#batch.join("\n")}\n\n`);
    this.#batch = [];
  }

  #onData(data: string): void {
    const lines = (this.#rest + data).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) {
      const { id, value } = JSON.parse(line) as Answer;
      this.#waiting.get(id)?.(value);
      this.#waiting.delete(id);
    }
  }
}
