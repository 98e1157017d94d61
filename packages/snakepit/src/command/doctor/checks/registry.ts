import { existsSync, renameSync } from "node:fs";
import type { RegistryLocation } from "@snakepit/core";
import { SnakepitError } from "@snakepit/core";
import { examineRegistry, examineStateStore, openRegistry, type RegistryExamination } from "@snakepit/registry";
import type { CheckResult, Finding, Repair } from "../finding.ts";

/** The result of {@link checkRegistry}, and the examination if the registry can be used. */
export interface RegistryCheck {
  readonly result: CheckResult;
  readonly examination?: Extract<RegistryExamination, { is: "usable" }>;
}

const REGISTRY_REASON = "A host records its processes there before it starts them, and does not start without it";
const STORE_REASON = "A host keeps sessions there, and does not start without it";

/** Checks that the process registry can be used. Does not change it. */
export async function checkRegistry(location: RegistryLocation | undefined): Promise<RegistryCheck> {
  let examination: RegistryExamination;
  try {
    examination = await examineRegistry(location);
  } catch (thrown) {
    return { result: { facts: "cannot be used", findings: [findingOf(thrown, REGISTRY_REASON)] } };
  }
  switch (examination.is) {
    case "missing":
      return { result: { facts: `${examination.place} (created by the first host)`, findings: [] } };
    case "corrupt": {
      const { place, error } = examination;
      const finding = findingOf(error, REGISTRY_REASON);
      // A file that was named may be another one by mistake.
      const repair = location === undefined ? { repair: moveAway(place) } : {};
      return { result: { facts: place, findings: [{ ...finding, ...repair }] } };
    }
    case "usable": {
      const migration = examination.needsMigration ? ", which the next host updates" : "";
      const facts = `${examination.place}${migration}; running hosts: ${examination.hosts}`;
      return { result: { facts, findings: [] }, examination };
    }
    default:
      return examination satisfies never;
  }
}

/** Checks that the state store can be used. Does not change it. */
export async function checkStore(location: RegistryLocation): Promise<CheckResult> {
  try {
    const { is, place } = await examineStateStore(location);
    return { facts: is === "missing" ? `${place} (created by the first host)` : place, findings: [] };
  } catch (thrown) {
    return { facts: "cannot be used", findings: [findingOf(thrown, STORE_REASON)] };
  }
}

/** Checks whether dead hosts of this machine have left rows and processes. */
export function checkLeftovers(
  { deadHosts }: Pick<Extract<RegistryExamination, { is: "usable" }>, "deadHosts">,
  location: RegistryLocation | undefined,
): CheckResult {
  const processes = deadHosts.flatMap((host) => host.processes);
  const facts = `dead hosts: ${deadHosts.length}, their running processes: ${processes.length}`;
  if (deadHosts.length === 0) return { facts: "none", findings: [] };
  const hosts = deadHosts.map(({ pid, startedAt }) => `pid ${pid}, started ${startedAt}`).join("; ");
  const pids = processes.map(({ pid }) => pid).join(", ");
  const problem =
    processes.length === 0
      ? `hosts that were killed left their rows in the registry: ${hosts}`
      : `processes of dead hosts are running: ${pids} (of ${hosts})`;
  const finding: Finding = {
    severity: "warning",
    problem,
    reason: "They use memory until the next host of this user on this machine starts, which removes them",
    remedy: "start a host, or run: npx snakepit doctor --fix",
    repair: sweep(location),
  };
  return { facts, findings: [finding] };
}

function sweep(location: RegistryLocation | undefined): Repair {
  return async () => {
    const registry = await openRegistry(location);
    try {
      const { hosts, killed } = await registry.sweep();
      const ended =
        killed.length === 0 ? "" : `, and ended their processes: ${killed.map(({ pid }) => pid).join(", ")}`;
      return `removed the rows of dead hosts: ${hosts}${ended}`;
    } finally {
      await registry.close();
    }
  };
}

/** Keeps the file, with the files that SQLite has next to it. The first host creates a new one. */
function moveAway(path: string): Repair {
  return async () => {
    const suffix = `.corrupt-${new Date().toISOString().replaceAll(/[:.]/g, "-")}`;
    for (const part of ["", "-wal", "-shm"]) {
      if (existsSync(path + part)) renameSync(path + part, path + suffix + part);
    }
    return `moved ${path} to ${path}${suffix}; restart hosts that are running`;
  };
}

/** Messages of the registry have the form `problem; remedy`. */
function findingOf(thrown: unknown, reason: string): Finding {
  if (!(thrown instanceof SnakepitError)) throw thrown;
  const separator = thrown.message.indexOf("; ");
  const problem = separator === -1 ? thrown.message : thrown.message.slice(0, separator);
  const remedy = separator === -1 ? "correct the location" : thrown.message.slice(separator + 2);
  return { severity: "error", problem, reason, remedy };
}
