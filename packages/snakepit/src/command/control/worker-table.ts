import type { HostWorker, WorkerCallInfo } from "@snakepit/core";
import { duration, memory, percent } from "../../control/recommending/figures.ts";
import { age, type Column, textTable } from "./text-table.ts";

const COLUMNS: readonly Column<HostWorker>[] = [
  { title: "WORKER", value: ({ id }) => id },
  { title: "PID", right: true, value: ({ pid }) => String(pid) },
  { title: "STATE", value: ({ state, activity }) => (state === "ready" ? activity : `${state}, ${activity}`) },
  { title: "CALLS", right: true, value: ({ load, capacity }) => `${load}/${capacity}` },
  { title: "REQUESTS", right: true, value: ({ requests }) => String(requests) },
  { title: "AGE", right: true, value: ({ ageMs }) => age(ageMs) },
  { title: "MEMORY", right: true, value: ({ rssBytes }) => (rssBytes === undefined ? "-" : memory(rssBytes)) },
  { title: "CPU", right: true, value: ({ cpuLoad }) => (cpuLoad === undefined ? "-" : percent(cpuLoad)) },
  { title: "CURRENT CALL", value: ({ calls }) => currentCalls(calls) },
];

/** Formats workers, in their order. */
export function workerTable(workers: readonly HostWorker[]): string[] {
  return textTable(COLUMNS, workers);
}

function currentCalls(calls: readonly WorkerCallInfo[]): string {
  const running = calls.filter(({ state }) => state !== "ahead");
  const [longest] = running.toSorted((a, b) => b.durationMs - a.durationMs);
  if (longest === undefined) return "-";
  const more = running.length > 1 ? ` and ${running.length - 1} more` : "";
  return `${describeCall(longest)}${more}`;
}

/** Describes a call: the tool, since when, and its IDs. */
export function describeCall({ tool, state, durationMs, correlationId, sessionId }: WorkerCallInfo): string {
  const session = sessionId === undefined ? "" : ` in session ${sessionId}`;
  const what = state === "running" ? "for" : `${state} for`;
  return `${tool} ${what} ${duration(durationMs)} (${correlationId}${session})`;
}
