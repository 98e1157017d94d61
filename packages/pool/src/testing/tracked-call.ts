import type { PoolCall } from "../pool-call.ts";
import type { WorkerPool } from "../worker-pool.ts";
import type { FakeCall } from "./fake-call.ts";
import type { FakeLauncher } from "./fake-launcher.ts";
import type { FakeWorker } from "./fake-worker.ts";
import { request } from "./pool-under-test.ts";

/** A call that a test can locate and finish. */
export class TrackedCall {
  readonly id: string;
  readonly answer: Promise<unknown>;
  readonly #launcher: FakeLauncher;

  constructor(pool: WorkerPool, launcher: FakeLauncher, options: Partial<PoolCall> = {}) {
    const made = request("echo", options);
    this.id = made.correlationId;
    this.#launcher = launcher;
    this.answer = pool.execute(made);
    // Tests that need the answer await it; an ignored failure must not fail the test.
    this.answer.catch(() => {});
  }

  /** Returns the worker that executes the call; `undefined` while the call waits. */
  get worker(): FakeWorker | undefined {
    return this.#launcher.workers.find(({ calls }) => calls.some((held) => held.call.correlationId === this.id));
  }

  /** Completes the call in its worker. */
  async finish(value: unknown = this.id): Promise<FakeWorker> {
    const { worker } = this;
    if (worker === undefined) throw new Error(`no worker has call ${this.id}`);
    const held = worker.calls.find(({ call }) => call.correlationId === this.id) as FakeCall;
    held.value(value);
    await this.answer;
    return worker;
  }
}

/** Returns a function that makes tracked calls of a pool. */
export function tracker(pool: WorkerPool, launcher: FakeLauncher) {
  return (options?: Partial<PoolCall>): TrackedCall => new TrackedCall(pool, launcher, options);
}

/** Makes one call without a session for each free place. */
export function fill(pool: WorkerPool, call: ReturnType<typeof tracker>): TrackedCall[] {
  const calls: TrackedCall[] = [];
  while (pool.stats().available > 0) calls.push(call());
  return calls;
}

/** Binds a session to a worker by executing one call; the worker is free afterwards. */
export async function bindSession(call: ReturnType<typeof tracker>, sessionId: string): Promise<FakeWorker> {
  return await call({ sessionId }).finish();
}
