import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { LONG_TESTS } from "@snakepit/core/testing/long-tests";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { until } from "../testing/processes.ts";
import { processesWith, RUN_ID_VARIABLE } from "./process-table.ts";

const HOST = new URL("../testing/killed-host.ts", import.meta.url).pathname;
/** The time after the end of a host within which all its processes must end, on a busy machine. */
const EXIT_TIMEOUT_MS = 2_000;
const PATIENCE_MS = 120_000;

/** The runs that include a case: all, those of forked workers, or only those of the long form. */
type Scope = "all" | "forked" | "long";

/** Returns the cases for workers of a start method. */
function casesFor<Case extends readonly [...unknown[], Scope]>(startMethod: string, cases: readonly Case[]): Case[] {
  return cases.filter((each) => {
    const scope = each.at(-1);
    return LONG_TESTS || scope === "all" || (scope === "forked" && startMethod === "fork");
  });
}

/** The directory for the sockets: those of a killed host remain until the next host starts. */
let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "snakepit-death-"));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

interface KilledHost {
  readonly process: ChildProcess;
  readonly runId: string;
  /** Resolves when every worker is in its tool. */
  readonly busy: Promise<void>;
}

async function startHost(orders: Record<string, string>): Promise<KilledHost> {
  const all = { startMethod: "fork", tool: "sleep", end: "wait", ...orders };
  const child = spawn(process.execPath, ["--conditions=source", HOST, JSON.stringify(all)], {
    env: { ...process.env, TMPDIR: directory },
    stdio: ["ignore", "pipe", "ignore"],
  });
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  const first = await lines.next();
  const busy = lines.next().then(({ value }) => expect(value).toBe("busy"));
  // A host that is killed before that writes nothing more.
  busy.catch(() => {});
  return { process: child, runId: String(first.value).replace("run ", ""), busy };
}

async function expectNoneLeft({ process: child, runId }: KilledHost): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  const since = performance.now();
  let left = await processesWith({ [RUN_ID_VARIABLE]: runId });
  while (left.length > 0 && performance.now() - since < PATIENCE_MS) {
    // Reading all processes must not take the processor from those that end.
    await sleep(50);
    left = await processesWith({ [RUN_ID_VARIABLE]: runId });
  }
  expect(left).toEqual([]);
  const took = performance.now() - since;
  if (took > EXIT_TIMEOUT_MS) console.warn(`it took ${Math.round(took)} ms until no process was left`);
}

describe.each(["fork", "spawn"])("when the host of workers by %s ends, so do they", (startMethod) => {
  const signals = [
    ["SIGKILL", "hold_the_lock", "all"],
    ["SIGKILL", "start_family", "all"],
    ["SIGTERM", "sleep", "forked"],
    ["SIGHUP", "sleep", "forked"],
    // The two states above are worse.
    ["SIGKILL", "sleep", "long"],
  ] as const;
  test.each(casesFor(startMethod, signals))("by %s while they are in %s", async (signal, tool) => {
    const host = await startHost({ startMethod, tool });
    await host.busy;
    host.process.kill(signal);
    await expectNoneLeft(host);
  });

  const ends = [
    ["process.exit() with the families of their tools", "exit", "start_family", "all"],
    ["an orderly close", "close", "start_family", "all"],
    ["an uncaught exception", "throw", "sleep", "forked"],
    ["process.exit()", "exit", "sleep", "long"],
  ] as const;
  test.each(casesFor(startMethod, ends))("by %s", async (_, end, tool) => {
    const host = await startHost({ startMethod, tool, end });
    await expectNoneLeft(host);
  });
});

/** The processes of a host by their command names: the zygote, and its workers. */
async function processesByName(runId: string, name: RegExp): Promise<number[]> {
  const pids = await processesWith({ [RUN_ID_VARIABLE]: runId });
  return pids.filter((pid) => name.test(nameOf(pid)));
}

function nameOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, "utf8").trim();
  } catch {
    // It has ended since it was listed.
    return "";
  }
}

const ZYGOTE = /^snakepit-zygote$/;
const WORKER = /^snakepit\d+$/;

describe.each(["fork", "spawn"])("a host of workers by %s is killed, and no process is left (H13)", (startMethod) => {
  const stops = [
    ["the zygote and the workers are stopped", "hold_the_lock", [ZYGOTE, WORKER], "all"],
    ["the zygote is stopped and the workers have started processes", "start_family", [ZYGOTE], "all"],
    ["the workers are stopped", "sleep", [WORKER], "forked"],
    ["the zygote is stopped and the workers hold the interpreter lock", "hold_the_lock", [ZYGOTE], "forked"],
  ] as const;
  test.each(casesFor(startMethod, stops))("while %s", async (_, tool, stopped) => {
    const host = await startHost({ startMethod, tool });
    await host.busy;
    for (const name of stopped) {
      const pids = await processesByName(host.runId, name);
      expect(pids.length).toBeGreaterThan(0);
      for (const pid of pids) process.kill(pid, "SIGSTOP");
    }
    host.process.kill("SIGKILL");
    await expectNoneLeft(host);
  });
});

test("a host is killed while its zygote is stopped in an import, and no process is left (H13)", async () => {
  const host = await startHost({ startMethod: "fork", tool: "import" });
  await until("the zygote imports the target", async () => {
    return (await processesByName(host.runId, ZYGOTE)).length === 1;
  });
  for (const pid of await processesByName(host.runId, ZYGOTE)) process.kill(pid, "SIGSTOP");
  host.process.kill("SIGKILL");
  await expectNoneLeft(host);
});

test("a host is killed at any point of its start, and no process is left", async () => {
  const delays = [0, 30, 60, 90, 120, 150, 180, 210, 240, 300, 400];
  for (const afterMs of delays.filter((_, index) => LONG_TESTS || index % 2 === 0)) {
    const host = await startHost({ startMethod: "fork" });
    await sleep(afterMs);
    host.process.kill("SIGKILL");
    await expectNoneLeft(host);
  }
});
