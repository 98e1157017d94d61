import { availableParallelism, cpus, release, type } from "node:os";
import type { ScenarioReport } from "./run-scenario.ts";

const HEAD = ["scenario", "result", "repetitions", "seed", "checks", "figures", "seconds"] as const;
/** The columns with numbers. */
const RIGHT: ReadonlySet<number> = new Set([3, 4, 6]);

/** Formats the reports as a table in Markdown, which is aligned in a terminal too. */
export function formatTable(reports: readonly ScenarioReport[]): string {
  const lines = reports.map((each) => [
    each.name,
    each.result,
    each.repetitions,
    String(each.seed),
    String(count(each)),
    each.figures.join("; "),
    each.seconds.toFixed(1),
  ]);
  const widths = HEAD.map((title, i) => Math.max(title.length, ...lines.map((line) => line[i]?.length ?? 0)));
  const format = (cells: readonly string[]) =>
    `| ${cells.map((cell, i) => (RIGHT.has(i) ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0))).join(" | ")} |`;
  const rule = `|${widths.map((width, i) => (RIGHT.has(i) ? `${"-".repeat(width + 1)}:` : "-".repeat(width + 2))).join("|")}|`;
  return [format(HEAD), rule, ...lines.map(format)].join("\n");
}

/** Formats what a scenario has checked, and what did not hold. */
export function formatReport(report: ScenarioReport): string {
  const mark = { passed: "✓", failed: "✗", skipped: "−" }[report.result];
  const checked = [...report.checked].map(([what, times]) => `      ${String(times).padStart(4)} × ${what}`);
  const violations = report.violations.map((each) => `    violated: ${each}`);
  const head = `  ${mark} ${report.name.padEnd(16)} ${report.title} (seed ${report.seed}, ${report.seconds.toFixed(1)} s)`;
  return [head, ...checked, ...violations].join("\n");
}

/** Describes this machine in one line. */
export function describeMachine(): string {
  const processor = cpus()[0]?.model.trim() ?? "unknown processor";
  return `${availableParallelism()} cores (${processor}), ${type()} ${release()}, Node.js ${process.versions.node}`;
}

function count({ checked }: ScenarioReport): number {
  return [...checked.values()].reduce((total, times) => total + times, 0);
}
