import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { PYTHON, peerFile } from "../project-files.ts";
import { bytesOf, type Contestant, float64Of, type Visitor } from "./contestant.ts";
import { endProcess } from "./server-process.ts";

/** A line of a worker: a value, an error, or a chunk of a stream. */
export interface Answer {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: string;
  readonly chunk?: number;
}

/** A call that waits for its answer. */
interface Call {
  readonly tool: string;
  readonly args: object;
  readonly resolve: (value: unknown) => void;
  readonly reject: (reason: Error) => void;
  readonly onChunk: ((value: number) => void) | undefined;
}

/** A process that reads and writes lines of JSON. */
export interface LineProcess extends AsyncDisposable {
  readonly pid: number;
  send(message: object): void;
}

/** Starts a process and passes its answers to `onAnswer`: all that differs between libraries. */
export type StartLineProcess = (onAnswer: (answer: Answer) => void) => LineProcess;

class LineWorker {
  readonly process: LineProcess;
  readonly waiting = new Map<number, Call>();
  readonly #onIdle: () => void;
  #next = 0;

  constructor(start: StartLineProcess, onIdle: () => void) {
    this.#onIdle = onIdle;
    this.process = start((answer) => this.#onAnswer(answer));
  }

  run(call: Call): void {
    const id = this.#next++;
    this.waiting.set(id, call);
    this.process.send({ id, tool: call.tool, args: call.args });
  }

  #onAnswer(answer: Answer): void {
    const call = this.waiting.get(answer.id);
    if (answer.chunk !== undefined) {
      call?.onChunk?.(answer.chunk);
      return;
    }
    this.waiting.delete(answer.id);
    this.#onIdle();
    if (answer.error === undefined) call?.resolve(answer.value);
    else call?.reject(new Error(answer.error));
  }
}

/** A pool of workers that speak lines of JSON. A call goes to the worker with the fewest calls. */
export class LinePool implements Contestant {
  readonly #workers: readonly LineWorker[];
  readonly #queue: Call[] = [];
  readonly #depth: number;

  /** A worker has at most `depth` calls at a time; the others wait here. */
  constructor(start: StartLineProcess, workers: number, depth: number) {
    this.#workers = Array.from({ length: workers }, () => new LineWorker(start, () => this.#onIdle()));
    this.#depth = depth;
  }

  get pids(): readonly number[] {
    return this.#workers.map((worker) => worker.process.pid);
  }

  add(a: number, b: number): Promise<number> {
    return this.#call<number>("add", { a, b });
  }

  visit(records: readonly Visitor[]): Promise<readonly Visitor[]> {
    return this.#call<readonly Visitor[]>("visit", { records });
  }

  totalVisits(records: readonly Visitor[]): Promise<number> {
    return this.#call<number>("total_visits", { records });
  }

  /** JSON has no arrays of bytes; base64 is faster than an array of numbers. */
  async echo(values: Float64Array): Promise<Float64Array> {
    const text = await this.#call<string>("echo", { values: bytesOf(values).toString("base64") });
    return float64Of(Buffer.from(text, "base64"));
  }

  async count(to: number, each: (value: number) => void): Promise<void> {
    await this.#call("count", { to }, each);
  }

  work(ms: number): Promise<number> {
    return this.#call<number>("work", { ms });
  }

  /** Returns the processor time of the first worker in seconds. */
  workerSeconds(): Promise<number> {
    return this.#call<number>("process_time", {});
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.process[Symbol.asyncDispose]()));
  }

  #call<T>(tool: string, args: object, onChunk?: (value: number) => void): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const call = { tool, args, resolve: resolve as (value: unknown) => void, reject, onChunk };
      const worker = this.#leastBusy();
      if (worker.waiting.size < this.#depth) worker.run(call);
      else this.#queue.push(call);
    });
  }

  #onIdle(): void {
    const call = this.#queue.shift();
    if (call !== undefined) this.#leastBusy().run(call);
  }

  #leastBusy(): LineWorker {
    const [first, ...others] = this.#workers;
    if (first === undefined) throw new Error("the pool has no workers");
    let least = first;
    for (const worker of others) if (worker.waiting.size < least.waiting.size) least = worker;
    return least;
  }
}

/** A worker as `child_process` starts it: lines over its stdin and stdout. */
class PipedProcess implements LineProcess {
  readonly pid: number;
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  /** The beginning of a line that has not arrived completely. */
  #parts: string[] = [];
  readonly #onAnswer: (answer: Answer) => void;

  constructor(onAnswer: (answer: Answer) => void) {
    this.#onAnswer = onAnswer;
    this.#child = spawn(PYTHON, [peerFile("json_lines_worker.py")], { stdio: ["pipe", "pipe", "inherit"] });
    this.pid = this.#child.pid ?? 0;
    this.#child.stdout.setEncoding("utf8").on("data", (data: string) => this.#onData(data));
  }

  /** Messages of one turn of the event loop share a system call. */
  send(message: object): void {
    const { stdin } = this.#child;
    if (stdin.writableCorked === 0) {
      stdin.cork();
      process.nextTick(() => stdin.uncork());
    }
    stdin.write(`${JSON.stringify(message)}\n`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await endProcess(this.#child);
  }

  #onData(data: string): void {
    let begin = 0;
    for (let end = data.indexOf("\n"); end !== -1; end = data.indexOf("\n", begin)) {
      this.#parts.push(data.slice(begin, end));
      const line = this.#parts.length === 1 ? this.#parts[0] : this.#parts.join("");
      this.#parts = [];
      begin = end + 1;
      this.#onAnswer(JSON.parse(line ?? "") as Answer);
    }
    if (begin < data.length) this.#parts.push(data.slice(begin));
  }
}

const startPiped: StartLineProcess = (onAnswer) => new PipedProcess(onAnswer);

/** Starts workers with `child_process`; each receives its calls ahead, without a limit. */
export function startChildProcess(workers: number): LinePool {
  return new LinePool(startPiped, workers, Number.POSITIVE_INFINITY);
}

/** The same without pipelining: a worker receives a call when it has answered the one before. */
export function startChildProcessSequential(workers: number): LinePool {
  return new LinePool(startPiped, workers, 1);
}
