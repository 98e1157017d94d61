import { existsSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { openRegistry } from "@snakepit/registry";
import { expect, test } from "vitest";
import { Checks } from "./checks.ts";
import { checkInvariants } from "./invariants.ts";
import { isAlive } from "./processes.ts";
import { sqliteRegistry } from "./registry-rows.ts";
import { runScenario } from "./run-scenario.ts";
import type { Scenario, ScenarioContext } from "./scenario.ts";

async function carryOut(run: Scenario["run"]) {
  const scenario = { name: "test", title: "a scenario of a test", run };
  return await runScenario(scenario, "short", 1, () => Promise.reject(new Error("no database is needed")));
}

async function startHost({ sandbox }: ScenarioContext) {
  const registry = sqliteRegistry(sandbox.registryPath);
  const host = await sandbox.startHost();
  await host.call("start", { pools: { default: { size: 2 } }, registry: registry.location });
  await host.call("warmUp");
  await host.call("load", { plain: 2, streams: 1 }, 1);
  await host.call("moreAnswers", 20);
  return { host, registry };
}

test("a host that was not disturbed violates no invariant", async () => {
  let directory = "";
  const report = await carryOut(async (context) => {
    directory = context.sandbox.directory;
    const { host, registry } = await startHost(context);
    await checkInvariants(context, host, [registry]);
    return { repetitions: "", figures: [] };
  });
  expect(report).toMatchObject({ result: "passed", violations: [] });
  expect([...report.checked.keys()]).toEqual([
    "every promise has settled",
    "no promise has settled twice",
    "load counters are zero",
    "the host has no descriptor left over",
    "the memory of the host is back (within 16 MiB)",
    "the memory of the workers is back (within 32 MiB)",
    "a closed host has neither calls nor workers",
    "no row is left in the registry",
    "no handle keeps the process of a closed host alive",
    "no process is left",
    "no socket is left",
    "no temporary file or directory is left",
  ]);
  expect(existsSync(directory)).toBe(false);
});

test("files, sockets and rows that are left are found", async () => {
  const report = await carryOut(async (context) => {
    const { host, registry } = await startHost(context);
    writeFileSync(join(context.sandbox.directory, "tmp/left.txt"), "");
    const server = createServer().listen(join(context.sandbox.directory, "run/left.sock"));
    const other = await openRegistry(registry.location);
    await other.reserve([{ workerId: "left", pool: "default", role: "worker" }]);
    await checkInvariants(context, host, [registry]);
    await new Promise((resolve) => server.close(resolve));
    await other.release(["left"]);
    await other.close();
    return { repetitions: "", figures: [] };
  });
  expect(report.result).toBe("failed");
  expect(report.violations).toEqual([
    expect.stringMatching(/^no row is left in the registry; got .*"workerId":"left"/),
    expect.stringMatching(/^no socket is left; got .*left\.sock/),
    expect.stringMatching(/^no temporary file or directory is left; got .*left\.txt/),
  ]);
});

test("the processes of a scenario that could not continue are killed, and the scenario has failed", async () => {
  let processes: readonly number[] = [];
  const report = await carryOut(async (context) => {
    const { host } = await startHost(context);
    processes = host.processes();
    throw new Error("the scenario could not continue");
  });
  expect(report.result).toBe("failed");
  expect(report.violations).toEqual([expect.stringContaining("the scenario could not continue")]);
  // The host, its zygote and its workers.
  expect(processes).toHaveLength(4);
  expect(processes.filter(isAlive)).toEqual([]);
});

test("a scenario that this machine does not permit is skipped with the reason", async () => {
  const scenario: Scenario = {
    name: "test",
    title: "a scenario of a test",
    obstacle: () => "it requires root",
    run: () => Promise.reject(new Error("not carried out")),
  };
  const report = await runScenario(scenario, "short", 1, () => Promise.reject(new Error("no database is needed")));
  expect(report).toMatchObject({ result: "skipped", figures: ["it requires root"], violations: [] });
});

test("violations are reported with what was found", () => {
  const checks = new Checks();
  checks.that("a condition", true, "unused");
  checks.that("a condition", false, { pids: [1] });
  expect([...checks.checked]).toEqual([["a condition", 2]]);
  expect(checks.violations).toEqual(['a condition; got {"pids":[1]}']);
});
