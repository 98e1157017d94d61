import type { HostWorker, PoolInspection, Recommendation, WorkerRuntime } from "@snakepit/core";
import { count, duration, memory, percent } from "../../control/recommending/figures.ts";
import type { Invocation } from "../command.ts";
import { EXIT } from "../command.ts";
import { MisuseError } from "../parse-command-line.ts";
import { connectToHost } from "./choose-host.ts";
import { age, commandText, oneLine } from "./text-table.ts";
import { workerTable } from "./worker-table.ts";

/** Runs `snakepit inspect`. */
export async function runInspect({ values, terminal, signal }: Invocation): Promise<number> {
  const pool = values["pool"] as string | undefined;
  const detailed = values["detailed"] === true;
  const saturationThreshold = threshold(values["threshold"] as string | undefined);
  using client = await connectToHost(values["host"] as string | undefined, signal);
  const [inspection, workers] = await Promise.all([
    client.inspect({ pool, saturationThreshold, signal }),
    detailed ? client.workers({ pool, signal }) : undefined,
  ]);
  const { recommendations } = inspection;
  if (values["json"] === true || values["format"] === "json") {
    const result =
      values["recommendations"] === true ? recommendations : { ...inspection, ...(workers && { workers }) };
    terminal.stdout.write(`${JSON.stringify(result)}\n`);
    return EXIT.ok;
  }
  if (values["recommendations"] === true) {
    const lines = recommendations.length === 0 ? ["Nothing to recommend."] : recommendations.flatMap(withReasons);
    terminal.stdout.write(`${lines.join("\n")}\n`);
    return EXIT.ok;
  }
  const { host, uptimeMs, machine, closing } = inspection;
  const load = machine.loadAverage === undefined ? "" : `, load ${machine.loadAverage.toFixed(1)}`;
  const lines = [
    `Host ${host.runId} (pid ${host.pid})${closing ? ", closing" : ""}: up ${age(uptimeMs)}, snakepit ${host.versions.snakepit}, Node.js ${host.versions.node}`,
    oneLine(commandText(host)),
    `Machine: ${count(machine.cores, "processor")}${load}; ${memory(machine.availableMemoryBytes)} of ${memory(machine.memoryBytes)} available`,
    `Host process: ${memory(inspection.process.rssBytes)}, ${percent(inspection.process.cpuLoad)} of a processor`,
    ...inspection.pools.flatMap((each) => ["", ...poolLines(each, workers)]),
  ];
  if (recommendations.length > 0) {
    lines.push("", "Recommendations (snakepit inspect --recommendations shows the reasons):");
    lines.push(...recommendations.map(({ severity, message }) => `  ${severity}: ${oneLine(message)}`));
  }
  terminal.stdout.write(`${lines.join("\n")}\n`);
  return EXIT.ok;
}

function poolLines(pool: PoolInspection, workers: readonly HostWorker[] | undefined): string[] {
  const { capacity, queue, saturation, counts, recent, threads, sizeRange, profile } = pool;
  const size = sizeRange.min === sizeRange.max ? `${pool.size}` : `${pool.size} (${sizeRange.min} to ${sizeRange.max})`;
  const { running, starting, busy, stuck } = pool.workers;
  const metadata = Object.entries(profile.metadata).map(([name, value]) => `${name} ${value}`);
  const saturated = saturation.saturated ? `, saturated (from ${percent(saturation.threshold)})` : "";
  const lines = [
    `Pool ${pool.name}: ${pool.state}, ${pool.worker.language} ${pool.worker.target}${runtimeText(pool.worker.runtime)}`,
    `  Profile      ${[profile.name, ...metadata].join(", ")}`,
    `  Workers      ${running} of ${size}; ${busy} busy, ${starting} starting, ${stuck} stuck`,
    `  Capacity     ${capacity.used} of ${capacity.total} calls, ${capacity.available} available`,
    `  Utilization  ${percent(saturation.utilization)}${saturated}`,
    `  Threads      ${count(threads.perWorker, "call")} per worker, ${count(threads.library, "thread")} for numeric libraries${threads.running === undefined ? "" : `; ${threads.running} running`}`,
    `  Queue        ${queue.length} of at most ${queue.limit} calls${queue.length === 0 ? "" : `, the oldest for ${duration(queue.oldestMs)}`}`,
    `  Memory       ${memoryLine(pool)}`,
    `  Processors   ${pool.cpuLoad === undefined ? "not measured yet" : `${pool.cpuLoad.toFixed(2)} in use by the workers`}`,
    `  Since start  ${count(counts.requests, "call")}, ${count(counts.errors, "error")}, ${counts.saturated} rejected, ${counts.queueTimeouts} timed out in the queue, ${counts.recycled} workers recycled, ${counts.crashed} crashed`,
  ];
  if (recent !== undefined) {
    const wait =
      recent.waited === 0 ? "no call waited" : `${recent.waited} waited ${duration(recent.averageWaitMs)} on average`;
    lines.push(
      `  ${`Last ${age(recent.windowMs)}`.padEnd(13)}${recent.callsPerSecond.toFixed(1)} calls/s, ${recent.errorsPerSecond.toFixed(1)} errors/s, ${wait}`,
    );
  }
  const own = workers?.filter((worker) => worker.pool === pool.name);
  if (own !== undefined && own.length > 0) lines.push("", ...workerTable(own).map((line) => `  ${line}`));
  return lines.map(oneLine);
}

function runtimeText(runtime: WorkerRuntime | undefined): string {
  if (runtime === undefined) return "";
  const lock = runtime.freeThreaded ? ", without the global interpreter lock" : "";
  return ` (${runtime.implementation} ${runtime.version}${lock})`;
}

function memoryLine({ memory: usage }: PoolInspection): string {
  const { totalBytes, averageBytes, minBytes, maxBytes, limitBytes, recycleAtBytes } = usage;
  if (totalBytes === 0) return "not measured yet";
  const limit = limitBytes === undefined ? "" : `, limited to ${memory(limitBytes)} each`;
  const recycled = recycleAtBytes === undefined ? "" : `, recycled from ${memory(recycleAtBytes)}`;
  return `${memory(totalBytes)}; ${memory(averageBytes)} on average, ${memory(minBytes)} to ${memory(maxBytes)}${limit}${recycled}`;
}

function withReasons({ severity, code, message, reasons }: Recommendation): string[] {
  return [`${severity}: ${oneLine(message)} (${code})`, ...reasons.map((reason) => `  - ${oneLine(reason)}`)];
}

function threshold(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (number > 0 && number <= 1) return number;
  throw new MisuseError(`--threshold must be a number above 0 and up to 1; got "${text}"`);
}
