import type { CallInfo, CallTrace, Instrumentation, SnakepitError } from "@snakepit/core";
import { expect, test } from "vitest";
import { FakeLauncher } from "./testing/fake-launcher.ts";
import { failureOf, readyPool, request, turn } from "./testing/pool-under-test.ts";

/** Records the reports of calls. */
class Ledger implements Instrumentation {
  readonly lines: string[] = [];
  readonly events: string[] = [];

  emit(name: string): void {
    this.events.push(name);
  }

  startCall({ pool, tool, correlationId, streaming, sessionId }: CallInfo): CallTrace {
    this.lines.push(`start ${pool} ${tool} ${streaming} ${sessionId}`);
    return {
      traceparent: `00-${correlationId}`,
      dispatched: (workerId) => this.lines.push(`dispatched ${workerId}`),
      ended: (error?: SnakepitError) => this.lines.push(`ended ${error?.code}`),
    };
  }
}

test("a call is reported from start to end, and its trace context reaches the worker", async () => {
  const ledger = new Ledger();
  const launcher = new FakeLauncher({ run: (call) => call.value(call.call.traceparent) });
  await using pool = await readyPool(launcher, { size: 1 }, ledger);
  const made = request("echo", { sessionId: "s1" });
  expect(await pool.execute(made)).toBe(`00-${made.correlationId}`);
  expect(ledger.lines).toEqual(["start test echo false s1", "dispatched test-1", "ended undefined"]);
});

test("every end of a call is reported once", async () => {
  const ledger = new Ledger();
  const launcher = new FakeLauncher();
  await using pool = await readyPool(launcher, { size: 1 }, ledger);
  const controller = new AbortController();
  const running = failureOf(pool.execute(request("sleep", { signal: controller.signal })));
  const queued = failureOf(pool.execute(request("sleep", { signal: controller.signal })));
  await failureOf(pool.execute(request("nothing")));
  controller.abort();
  await Promise.all([running, queued]);
  await turn();
  const chunk = pool.stream(request("count")).next();
  launcher.workers[0]!.calls[0]!.end();
  expect(await chunk).toMatchObject({ done: true });
  expect(ledger.lines).toEqual([
    "start test sleep false undefined",
    "dispatched test-1",
    "start test sleep false undefined",
    "start test nothing false undefined",
    "ended UNKNOWN_TOOL",
    "ended CANCELLED",
    "ended CANCELLED",
    "start test count true undefined",
    "dispatched test-1",
    "ended undefined",
  ]);
});

test("a full queue is reported once, until it has room again", async () => {
  const ledger = new Ledger();
  const launcher = new FakeLauncher();
  await using pool = await readyPool(launcher, { size: 1, queueLimit: 1 }, ledger);
  const saturated = () => ledger.events.filter((name) => name === "pool.saturated").length;
  const calls = [pool.execute(request()), pool.execute(request())];
  for (let i = 0; i < 3; i++) await failureOf(pool.execute(request()));
  expect(saturated()).toBe(1);
  const [worker] = launcher.workers;
  worker!.calls[0]!.value(1);
  calls.push(pool.execute(request()));
  for (let i = 0; i < 3; i++) await failureOf(pool.execute(request()));
  expect(saturated()).toBe(2);
  while (worker!.calls.length > 0) worker!.calls[0]!.value(1);
  await Promise.all(calls);
});
