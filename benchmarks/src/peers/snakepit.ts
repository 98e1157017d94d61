import { type PoolConfig, python, Snakepit } from "snakepit";
import { PYTHON, peerFile } from "../project-files.ts";
import type { Contestant, Visitor } from "./contestant.ts";

/** Snakepit with its public API and its defaults; only the limit of the payload is raised. */
export class SnakepitContestant implements Contestant {
  readonly #pit: Snakepit;

  private constructor(pit: Snakepit) {
    this.#pit = pit;
  }

  /** @param options options of the pool that a row compares with the defaults. */
  static async start(workers: number, options: Pick<PoolConfig, "prefetch"> = {}): Promise<SnakepitContestant> {
    const worker = python(peerFile("snakepit_tools.py"), { python: PYTHON });
    const maxPayloadBytes = 256 * 1024 * 1024;
    return new SnakepitContestant(
      await Snakepit.start({ worker, size: workers, startTimeoutMs: "120s", maxPayloadBytes, ...options }),
    );
  }

  async ready(): Promise<void> {
    await this.#pit.ready({ timeoutMs: 120_000 });
  }

  get pids(): readonly number[] {
    return this.#pit.workers().map(({ pid }) => pid);
  }

  add(a: number, b: number): Promise<number> {
    return this.#pit.execute<number>("add", { a, b });
  }

  visit(records: readonly Visitor[]): Promise<readonly Visitor[]> {
    return this.#pit.execute<readonly Visitor[]>("visit", { records });
  }

  totalVisits(records: readonly Visitor[]): Promise<number> {
    return this.#pit.execute<number>("total_visits", { records });
  }

  async echo(values: Float64Array): Promise<Float64Array> {
    return (await this.#pit.execute<{ readonly values: Float64Array }>("echo", { message: { values } })).values;
  }

  async count(to: number, each: (value: number) => void): Promise<void> {
    for await (const value of this.#pit.stream<number>("count", { to })) each(value);
  }

  work(ms: number): Promise<number> {
    return this.#pit.execute<number>("work", { ms });
  }

  /** Returns the processor time of a worker in seconds; of the worker, if it is the only one. */
  workerSeconds(): Promise<number> {
    return this.#pit.execute<number>("process_time");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pit.close();
  }
}
