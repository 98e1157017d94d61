// A host in a separate process, for tests that kill hosts: node host-process.ts '<HostTask>'
import { type ChildProcess, spawn } from "node:child_process";
import type { ProcessRegistry } from "@snakepit/core";
import { openRegistry } from "../open-registry.ts";
import { RUN_ID_VARIABLE } from "../process-identity/linux-process.ts";
import { processStartTime } from "../process-identity/process-identity.ts";
import type { HostTask, StartedHost } from "./spawn-host.ts";

// A worker with a child in its process group, one in a new session, and one with an empty environment.
const WORKER = "sleep 600 & echo $!; setsid sleep 600 & echo $!; env -i sleep 600 & echo $!; wait";
const CHILDREN = 3;

const task = JSON.parse(process.argv[2] ?? "") as HostTask;
switch (task.is) {
  case "own":
    await own(task.options);
    break;
  case "contend":
    await contend(task.options, task.rounds);
    break;
  default:
    task satisfies never;
}

/** Starts a worker that is activated and one that is only reserved, reports them, and runs until it is killed. */
async function own(options: HostTask["options"]): Promise<void> {
  const registry = await open(options);
  await registry.reserve([
    { workerId: "active-1", pool: "default", role: "worker" },
    { workerId: "reserved-1", pool: "default", role: "worker" },
  ]);
  const active = startWorker(registry.runId);
  const reserved = startWorker(registry.runId);
  const pid = active.pid ?? 0;
  await registry.activate([{ workerId: "active-1", pid, startTime: processStartTime(pid) ?? "", processGroup: pid }]);
  const started: StartedHost = {
    pid: process.pid,
    runId: registry.runId,
    active: [pid, ...(await childrenOf(active))],
    reserved: [reserved.pid ?? 0, ...(await childrenOf(reserved))],
  };
  process.stdout.write(`${JSON.stringify(started)}\n`);
  setInterval(() => undefined, 60_000);
}

/** Opens a registry, within a time limit that a machine under load does not exceed. */
function open(options: HostTask["options"]): Promise<ProcessRegistry> {
  return openRegistry({ connectTimeoutMs: 60_000, ...options });
}

function startWorker(runId: string): ChildProcess {
  return spawn("/bin/sh", ["-c", WORKER], {
    detached: true,
    stdio: ["ignore", "pipe", "ignore"],
    env: { ...process.env, [RUN_ID_VARIABLE]: runId },
  });
}

async function childrenOf(worker: ChildProcess): Promise<readonly number[]> {
  let output = "";
  for await (const chunk of worker.stdout ?? []) {
    output += String(chunk);
    const lines = output.split("\n").slice(0, -1);
    if (lines.length === CHILDREN) return lines.map(Number);
  }
  throw new Error("the worker has ended");
}

/** Writes many rows, concurrently with other hosts. */
async function contend(options: HostTask["options"], rounds: number): Promise<void> {
  const registry = await open(options);
  for (let round = 0; round < rounds; round++) {
    const workerIds = Array.from({ length: 5 }, (_, index) => `default-${round}-${index}`);
    await registry.reserve(workerIds.map((workerId) => ({ workerId, pool: "default", role: "worker" })));
    await registry.activate(
      workerIds.map((workerId) => ({ workerId, pid: process.pid, startTime: "1", processGroup: process.pid })),
    );
    await registry.release(workerIds);
  }
  await registry.reserve([{ workerId: "last", pool: "default", role: "worker" }]);
  await registry.release(["last"]);
  await registry.close();
}
