import { type HostInspection, type HostWorker, SnakepitError, toSnakepitError } from "@snakepit/core";
import { count, memory } from "../../control/recommending/figures.ts";
import { type ControlAddress, findControlSockets } from "../../control/socket/control-address.ts";
import { ControlClient, isNotListening, isReset } from "../../control/socket/control-client.ts";
import type { Invocation } from "../command.ts";
import { EXIT } from "../command.ts";
import { age, type Column, commandText, oneLine, textTable } from "./text-table.ts";
import { workerTable } from "./worker-table.ts";

/** A host that has answered, or why it has not. */
type ListedHost =
  | { readonly address: ControlAddress; readonly inspection: HostInspection; readonly workers: readonly HostWorker[] }
  | { readonly address: ControlAddress; readonly error: SnakepitError };

const COLUMNS: readonly Column<ListedHost & { readonly inspection: HostInspection }>[] = [
  { title: "HOST", value: ({ address }) => address.runId },
  { title: "PID", right: true, value: ({ address }) => String(address.pid) },
  { title: "UPTIME", right: true, value: ({ inspection }) => age(inspection.uptimeMs) },
  { title: "POOLS", right: true, value: ({ inspection }) => String(inspection.pools.length) },
  { title: "WORKERS", right: true, value: ({ inspection }) => String(inspection.totals.workers) },
  { title: "CALLS", right: true, value: ({ inspection }) => String(inspection.totals.capacity.used) },
  { title: "QUEUED", right: true, value: ({ inspection }) => String(inspection.totals.queued) },
  {
    title: "MEMORY",
    right: true,
    value: ({ inspection }) => memory(inspection.totals.rssBytes + inspection.process.rssBytes),
  },
  { title: "COMMAND", value: ({ inspection }) => commandText(inspection.host) },
];

/** Runs `snakepit ps`. */
export async function runPs({ values, terminal, signal }: Invocation): Promise<number> {
  const name = values["host"] as string | undefined;
  const pool = values["pool"] as string | undefined;
  const found = findControlSockets().filter(({ runId, pid }) => [undefined, runId, String(pid)].includes(name));
  if (name !== undefined && found.length === 0) {
    throw new SnakepitError("INVALID_ARGUMENT", `no host with the run ID or process ID ${name} is running`);
  }
  const answers = await Promise.all(found.map((address) => list(address, pool, signal)));
  signal.throwIfAborted();
  const running = new Set(findControlSockets().map(({ path }) => path));
  const hosts = answers
    // Without hosts that have ended meanwhile.
    .filter((host) => "inspection" in host || (running.has(host.address.path) && !isNotListening(host.error)))
    // Without those that do not have the pool, unless a host was named.
    .filter((host) => name !== undefined || !("error" in host) || host.error.code !== "UNKNOWN_POOL");
  if (pool !== undefined && hosts.length === 0 && answers.length > 0) {
    throw new SnakepitError(
      "UNKNOWN_POOL",
      `no running host has the pool "${pool}"; snakepit ps lists hosts and workers`,
    );
  }
  terminal.stdout.write(values["json"] === true ? `${JSON.stringify(hosts.map(asJson))}\n` : text(hosts));
  return hosts.some((host) => "error" in host) ? EXIT.failed : EXIT.ok;
}

async function list(address: ControlAddress, pool: string | undefined, signal: AbortSignal): Promise<ListedHost> {
  const listed = await tryToList(address, pool, signal);
  return "error" in listed && isReset(listed.error) ? tryToList(address, pool, signal) : listed;
}

async function tryToList(address: ControlAddress, pool: string | undefined, signal: AbortSignal): Promise<ListedHost> {
  try {
    using client = await ControlClient.connect(address, signal);
    const [inspection, workers] = await Promise.all([client.inspect({ signal }), client.workers({ pool, signal })]);
    return { address, inspection, workers };
  } catch (thrown) {
    return { address, error: toSnakepitError(thrown) };
  }
}

function asJson(host: ListedHost): unknown {
  const { runId, pid } = host.address;
  if ("error" in host) return { runId, pid, error: { code: host.error.code, message: host.error.message } };
  return { ...host.inspection.host, uptimeMs: host.inspection.uptimeMs, workers: host.workers };
}

function text(hosts: readonly ListedHost[]): string {
  if (hosts.length === 0) return "No host of this user is running on this machine.\n";
  const answered = hosts.filter((host) => "inspection" in host);
  const lines = answered.length === 0 ? [] : textTable(COLUMNS, answered);
  for (const host of hosts) if ("error" in host) lines.push(oneLine(host.error.message));
  for (const { address, workers } of answered) {
    lines.push("", `${count(workers.length, "worker")} of host ${address.runId}:`, ...workerTable(workers));
  }
  return `${lines.join("\n")}\n`;
}
