import type { Checks } from "./checks.ts";
import type { LedgerSummary, Outcomes } from "./host/call-ledger.ts";
import type { HostProcess } from "./host/host-process.ts";
import { eventually } from "./processes.ts";
import type { ScenarioRegistry } from "./registry-rows.ts";

/** Checks that all calls of a kind have succeeded. */
export function expectSuccess(checks: Checks, summary: LedgerSummary, kind: string): void {
  const outcomes = ofKind(summary, kind);
  const others = Object.keys(outcomes).filter((outcome) => outcome !== "ok");
  checks.that(`no call fails (${kind})`, others.length === 0 && (outcomes["ok"] ?? 0) > 0, outcomes);
}

/** Checks that calls of a kind fail only with these codes, and at most `most` of them. */
export function expectFailures(
  checks: Checks,
  summary: LedgerSummary,
  kind: string,
  codes: readonly string[],
  most = Number.POSITIVE_INFINITY,
): void {
  const outcomes = ofKind(summary, kind);
  const failures = Object.entries(outcomes).filter(([outcome]) => outcome !== "ok");
  const unexpected = failures.filter(([outcome]) => !codes.includes(outcome));
  checks.that(`calls fail only as ${codes.join(" or ")} (${kind})`, unexpected.length === 0, outcomes);
  const count = failures.reduce((total, [, each]) => total + each, 0);
  if (most !== Number.POSITIVE_INFINITY) {
    checks.that(`at most one call fails for each disturbed worker (${kind})`, count <= most, { count, most });
  }
}

/** Checks that the rows of the workers in the registry are those of the running workers, within `timeoutMs`. */
export async function expectRows(
  checks: Checks,
  host: HostProcess,
  registry: ScenarioRegistry,
  what: string,
  timeoutMs: number,
): Promise<void> {
  let rows: readonly unknown[] = [];
  const holds = await eventually(async () => {
    const { pids } = await host.call("workers");
    rows = (await registry.processes()).filter(({ role }) => role === "worker");
    const recorded = (await registry.processes()).filter(({ role, state }) => role === "worker" && state === "active");
    return sorted(recorded.map(({ pid }) => pid ?? 0)) === sorted(pids) && recorded.length === rows.length;
  }, timeoutMs);
  checks.that(what, holds, rows);
}

/** Returns the number of successful calls of all kinds. */
export function successes({ outcomes }: LedgerSummary): number {
  return Object.values(outcomes).reduce((total, each) => total + (each["ok"] ?? 0), 0);
}

/** Returns a quantile of numbers. */
export function quantile(numbers: readonly number[], share: number): number {
  const ordered = numbers.toSorted((a, b) => a - b);
  return ordered[Math.min(ordered.length - 1, Math.floor(ordered.length * share))] ?? Number.NaN;
}

/** Formats milliseconds. */
export function inMs(value: number): string {
  return value < 10 ? `${value.toFixed(1)} ms` : `${Math.round(value).toLocaleString("en")} ms`;
}

function ofKind({ outcomes }: LedgerSummary, kind: string): Outcomes {
  return outcomes[kind] ?? {};
}

function sorted(pids: readonly number[]): string {
  return pids.toSorted((a, b) => a - b).join(" ");
}
