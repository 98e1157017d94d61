import type { PoolCall } from "../pool-call.ts";
import type { WorkerPool } from "../worker-pool.ts";
import type { FakeCall } from "./fake-call.ts";
import type { FakeLauncher } from "./fake-launcher.ts";
import type { FakeWorker } from "./fake-worker.ts";
import { request } from "./pool-under-test.ts";

/** A call whose whereabouts a test follows. */
export class TrackedCall {
  readonly id: string;
  readonly answer: Promise<unknown>;
  readonly #launcher: FakeLauncher;

  constructor(pool: WorkerPool, launcher: FakeLauncher, options: Partial<PoolCall> = {}) {
    const made = request("echo", options);
    this.id = made.correlationId;
    this.#launcher = launcher;
    this.answer = pool.execute(made);
    // A test that expects no failure awaits the answer; one that does not care must not be ended by it.
    this.answer.catch(() => {});
  }

  /** The worker that has it; `undefined` while it waits. */
  get worker(): FakeWorker | undefined {
    return this.#launcher.workers.find(({ calls }) => calls.some((held) => held.call.correlationId === this.id));
  }

  /** Its worker answers it. */
  async finish(value: unknown = this.id): Promise<FakeWorker> {
    const { worker } = this;
    if (worker === undefined) throw new Error(`no worker has call ${this.id}`);
    const held = worker.calls.find(({ call }) => call.correlationId === this.id) as FakeCall;
    held.value(value);
    await this.answer;
    return worker;
  }
}

/** Makes calls of a pool that can be followed. */
export function tracker(pool: WorkerPool, launcher: FakeLauncher) {
  return (options?: Partial<PoolCall>): TrackedCall => new TrackedCall(pool, launcher, options);
}

/** Calls without a session, one for each place that is free. */
export function fill(pool: WorkerPool, call: ReturnType<typeof tracker>): TrackedCall[] {
  const calls: TrackedCall[] = [];
  while (pool.stats().available > 0) calls.push(call());
  return calls;
}

/** Has a worker execute a call of a session, so that it knows the session; it is free afterwards. */
export async function settleIn(call: ReturnType<typeof tracker>, sessionId: string): Promise<FakeWorker> {
  return await call({ sessionId }).finish();
}
