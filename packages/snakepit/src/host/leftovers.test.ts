import { join } from "node:path";
import { spawnOwner } from "@snakepit/registry/testing/spawn-host";
import { SpawnedProcesses } from "@snakepit/registry/testing/spawned-processes";
import { afterEach, expect, test } from "vitest";
import { hostTool, python, Snakepit, type SnakepitEvents } from "../index.ts";
import { EventInventory } from "../testing/event-inventory.ts";
import { commonOptions, failure, fakeWorkers, LONG_TIME_LIMITS } from "../testing/host-under-test.ts";
import { isAlive, until } from "../testing/processes.ts";

const TOOLS = join(import.meta.dirname, "../testing/event_tools.py");
const common = commonOptions();
const processes = new SpawnedProcesses();
afterEach(() => processes.killAll());

/** Starts a host whose only worker executes a tool that never ends. */
async function stuckHost() {
  const pit = await Snakepit.start({ ...common(), ...LONG_TIME_LIMITS, worker: python(TOOLS), size: 1 });
  const leftovers: SnakepitEvents["host.leftovers"][] = [];
  pit.on("host.leftovers", (event) => leftovers.push(event));
  const reached = Promise.withResolvers<void>();
  pit.hostTools.register([hostTool({ name: "reached", description: "", run: () => reached.resolve() })]);
  const call = failure(pit.execute("continue_regardless", { name: "reached" }));
  await reached.promise;
  return { pit, leftovers, call, pids: pit.workers().map(({ pid }) => pid) };
}

test("a worker that does not end within the grace period of close() is reported", async () => {
  const { pit, leftovers, call, pids } = await stuckHost();
  await pit.close({ graceMs: 1 });
  expect((await call).code).toBe("SHUTTING_DOWN");
  expect(leftovers).toEqual([{ phase: "close", pids }]);
});

test("a worker that the caller has not given a grace period is not reported", async () => {
  const { pit, leftovers, call } = await stuckHost();
  await pit.close({ graceMs: 0 });
  await call;
  expect(leftovers).toEqual([]);
});

test("workers that end by themselves are not reported", async () => {
  const pit = await Snakepit.start({ ...common(), ...LONG_TIME_LIMITS, worker: python(TOOLS), size: 1 });
  const leftovers: unknown[] = [];
  pit.on("host.leftovers", (event) => leftovers.push(event));
  await pit.execute("add", { a: 1, b: 2 });
  await pit.close({ graceMs: "2m" });
  expect(leftovers).toEqual([]);
});

test("the processes of a dead host are reported at the start of the next one", async () => {
  const { registry } = common();
  const dead = await spawnOwner(registry);
  for (const pid of [dead.pid, ...dead.active, ...dead.reserved]) processes.adopt(pid);
  const inventory = new EventInventory();
  process.kill(dead.pid, "SIGKILL");
  await until("the host is dead", () => !isAlive(dead.pid));
  await using _ = await Snakepit.start({ ...common(), worker: fakeWorkers(), instrumentation: inventory });
  await inventory.emitted(
    "host.leftovers",
    ({ phase, pids }) => phase === "start" && pids.includes(dead.active[0] ?? 0),
  );
  expect(inventory.problems).toEqual([]);
});
