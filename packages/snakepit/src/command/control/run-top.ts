import type { HostInspection, HostWorker, PoolInspection } from "@snakepit/core";
import { count, duration, memory, percent } from "../../control/recommending/figures.ts";
import type { ControlClient } from "../../control/socket/control-client.ts";
import type { Invocation } from "../command.ts";
import { EXIT } from "../command.ts";
import { connectToHost } from "./choose-host.ts";
import { LiveScreen, liveTerminal } from "./live-screen.ts";
import { optionDuration } from "./option-values.ts";
import { age, type Column, textTable } from "./text-table.ts";
import { workerTable } from "./worker-table.ts";

const POOL_COLUMNS: readonly Column<PoolInspection>[] = [
  { title: "POOL", value: ({ name }) => name },
  { title: "STATE", value: ({ state }) => state },
  { title: "WORKERS", right: true, value: ({ workers, size }) => `${workers.running}/${size}` },
  { title: "CALLS", right: true, value: ({ capacity }) => `${capacity.used}/${capacity.total}` },
  { title: "QUEUED", right: true, value: ({ queue }) => String(queue.length) },
  { title: "OLDEST", right: true, value: ({ queue }) => (queue.length === 0 ? "-" : duration(queue.oldestMs)) },
  { title: "CALLS/S", right: true, value: ({ recent }) => recent?.callsPerSecond.toFixed(1) ?? "-" },
  { title: "ERRORS/S", right: true, value: ({ recent }) => recent?.errorsPerSecond.toFixed(1) ?? "-" },
  { title: "UTILIZATION", right: true, value: ({ saturation }) => percent(saturation.utilization) },
  { title: "MEMORY", right: true, value: ({ memory: { totalBytes } }) => memory(totalBytes) },
  { title: "CPU", right: true, value: ({ cpuLoad }) => (cpuLoad === undefined ? "-" : percent(cpuLoad)) },
];

/** Runs `snakepit top`. */
export async function runTop({ values, terminal, signal }: Invocation): Promise<number> {
  const intervalMs = Math.max(100, optionDuration("interval", values["interval"]) ?? 1_000);
  const pool = values["pool"] as string | undefined;
  using client = await connectToHost(values["host"] as string | undefined, signal);
  const live = values["json"] === true ? undefined : liveTerminal(terminal);
  if (live === undefined) {
    const state = await read(client, pool, signal);
    terminal.stdout.write(values["json"] === true ? `${JSON.stringify(state)}\n` : `${topLines(state).join("\n")}\n`);
    return EXIT.ok;
  }
  using screen = new LiveScreen(live, signal);
  while (!screen.ended.aborted) {
    const state = await read(client, pool, screen.ended).catch((thrown: unknown) => {
      // The user has quit while the host was answering.
      if (screen.ended.aborted) return undefined;
      throw thrown;
    });
    if (state === undefined) break;
    screen.draw([...topLines(state), "", "q: quit"]);
    await screen.pause(intervalMs);
  }
  return EXIT.ok;
}

interface TopState {
  readonly inspection: HostInspection;
  readonly workers: readonly HostWorker[];
}

async function read(client: ControlClient, pool: string | undefined, signal: AbortSignal): Promise<TopState> {
  const [inspection, workers] = await Promise.all([client.inspect({ pool, signal }), client.workers({ pool, signal })]);
  return { inspection, workers };
}

/** Returns the lines of one update: the host, its pools, and its workers, those with the longest calls first. */
export function topLines({ inspection, workers }: TopState): string[] {
  const { host, uptimeMs, totals, machine, closing, process: own } = inspection;
  const longest = ({ calls }: HostWorker) => Math.max(-1, ...calls.map(({ durationMs }) => durationMs));
  return [
    `Host ${host.runId} (pid ${host.pid})${closing ? ", closing" : ""}, up ${age(uptimeMs)}: ${count(totals.workers, "worker")}, ${count(totals.capacity.used, "call")}, ${totals.queued} queued`,
    `Machine: ${count(machine.cores, "processor")}${machine.loadAverage === undefined ? "" : `, load ${machine.loadAverage.toFixed(1)}`}, ${memory(machine.availableMemoryBytes)} of ${memory(machine.memoryBytes)} available; host process ${memory(own.rssBytes)}, CPU ${percent(own.cpuLoad)}`,
    "",
    ...textTable(POOL_COLUMNS, inspection.pools),
    "",
    ...workerTable(workers.toSorted((a, b) => longest(b) - longest(a))),
  ];
}
