import type { Stacks } from "@snakepit/bridge-proto";
import { type CollectedStacks, SnakepitError, type StackFrame } from "@snakepit/core";

/** The requests for the stacks of one worker that it has not answered. */
export class StackRequests {
  readonly #pending = new Map<number, PromiseWithResolvers<CollectedStacks>>();
  #lastId = 0;

  /**
   * Requests the stacks. Rejects with `WORKER_CRASHED` when the worker ends.
   *
   * @param send sends the request with this ID.
   */
  request(send: (id: number) => void): Promise<CollectedStacks> {
    this.#lastId += 1;
    const pending = Promise.withResolvers<CollectedStacks>();
    this.#pending.set(this.#lastId, pending);
    send(this.#lastId);
    return pending.promise;
  }

  /** Resolves the request that the worker has answered; ignores other answers. */
  answered({ id, threads, tasks }: Stacks): void {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    pending?.resolve({
      source: "interpreter",
      threads: threads.map(({ name, main, internal, frames }) => ({ name, main, internal, frames: frames.map(frame) })),
      tasks: tasks.map(({ name, coroutine, frames }) => ({ name, coroutine, frames: frames.map(frame) })),
    });
  }

  /** Rejects all requests: the connection has closed. */
  workerEnded(pool: string, workerId: string): void {
    const error = new SnakepitError("WORKER_CRASHED", `worker "${workerId}" has ended`, { pool, workerId });
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
  }
}

function frame({ file, line, function: name, code }: StackFrame): StackFrame {
  return { file, line, function: name, ...(code !== "" && { code }) };
}
