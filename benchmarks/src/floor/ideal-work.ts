import { once } from "node:events";
import { createInterface, type Interface } from "node:readline";
import { endProcess, spawnPeer } from "../peers/server-process.ts";
import { PYTHON } from "../project-files.ts";

/** What plain processes reached without calls. */
export interface IdealRun {
  /** Runs per second of all processes together. */
  readonly rate: number;
  /** The processor time of a run in milliseconds. */
  readonly processorMs: number;
}

/** The ideal of CPU-bound tools: as many processes as workers run the same function, without any calls. */
export class IdealWork implements AsyncDisposable {
  readonly #child: ReturnType<typeof spawnPeer>;
  readonly #lines: Interface;

  private constructor(count: number, ms: number) {
    // Linux shares processors between sessions first (sched_autogroup, see sched(7)), and the workers have their own.
    this.#child = spawnPeer("ideal_work.py", [String(count), String(ms)], { python: PYTHON, detached: true });
    this.#lines = createInterface(this.#child.stdout);
  }

  /** Starts `count` processes, each of which uses the processor for `ms` milliseconds at a time. */
  static async start(count: number, ms: number): Promise<IdealWork> {
    const ideal = new IdealWork(count, ms);
    await once(ideal.#lines, "line");
    return ideal;
  }

  /** Lets all processes run at the same time for `seconds`. */
  async run(seconds: number): Promise<IdealRun> {
    const line = once(this.#lines, "line");
    this.#child.stdin.write(`${seconds}\n`);
    const [rate, processorMs] = JSON.parse(String((await line)[0])) as [number, number];
    return { rate, processorMs };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await endProcess(this.#child);
  }
}
