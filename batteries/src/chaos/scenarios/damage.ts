import { expectFailures, expectSuccess } from "../expectations.ts";
import { checkInvariants } from "../invariants.ts";
import { sqliteRegistry } from "../registry-rows.ts";
import type { Scenario } from "../scenario.ts";

/** What a tool does to its process, and the codes that its call may end with; it may also succeed. */
const DAMAGES: Readonly<Record<string, readonly string[]>> = {
  close_descriptors: ["WORKER_CRASHED"],
  close_standard_streams: [],
  change_directory: [],
  clear_environment: [],
  replace_signal_handlers: [],
  exhaust_memory: ["OUT_OF_MEMORY"],
  exhaust_descriptors: ["WORKER_CRASHED"],
  leave_children: [],
  leave_thread: [],
  forbid_files: [],
  exit_process: ["WORKER_CRASHED"],
  exit_interpreter: ["WORKER_CRASHED"],
  abort_process: ["WORKER_CRASHED"],
};

/** What every call may end with in a worker that has lost its descriptors, files or variables by an earlier one. */
const IN_DAMAGED_WORKER = "PYTHON_EXCEPTION";

/** Calls tools that damage their own process, next to other calls. */
export const damage: Scenario = {
  name: "damage",
  title: "tools that damage their own process, next to other calls",
  async run(context) {
    const { checks, random, sandbox, seed } = context;
    const registry = sqliteRegistry(sandbox.registryPath);
    const host = await sandbox.startHost();
    // The shorter limits are those of workers that no longer respond.
    const pool = {
      size: 3,
      limits: { addressSpaceMb: 1_024, openFiles: 512 },
      heartbeatIntervalMs: 200,
      heartbeatTimeoutMs: 10_000,
      cancelGraceMs: 1_000,
    } as const;
    await host.call("start", { pools: { default: pool }, registry: registry.location });
    await host.call("warmUp");
    await host.call("load", { plain: 2, idempotent: 2, cancelled: 1 }, seed);
    const rounds = context.amount(1, 10);
    for (let round = 0; round < rounds; round++) {
      for (const tool of random.shuffled(Object.keys(DAMAGES))) {
        const codes = ["ok", IN_DAMAGED_WORKER, ...(DAMAGES[tool] ?? [])];
        const { code = "ok" } = await host.call("execute", tool, {}, { timeoutMs: "1m" });
        checks.that(`the call of ${tool} succeeds or fails as expected`, codes.includes(code), code);
        await host.call("moreAnswers", 20);
        await host.call("whole");
      }
    }
    const summary = await host.call("stopLoad");
    expectSuccess(checks, summary, "idempotent");
    // A call that is sent to a worker before its death is noticed.
    const most = rounds * Object.keys(DAMAGES).length;
    expectFailures(checks, summary, "plain", ["WORKER_CRASHED", "WORKER_HUNG", "OUT_OF_MEMORY"], most);
    expectFailures(checks, summary, "cancelled", ["CANCELLED", "WORKER_CRASHED", "WORKER_HUNG", "OUT_OF_MEMORY"]);
    const { crashed } = await host.call("workers");
    await checkInvariants(context, host, [registry]);
    return { repetitions: `${most} calls`, figures: [`${crashed} workers ended and replaced`] };
  },
};
