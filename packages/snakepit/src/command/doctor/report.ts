import type { OutputStream, Style } from "../terminal/output-stream.ts";
import { columnsOf, printable, styleOf } from "../terminal/output-stream.ts";
import { wrapText } from "../terminal/wrap-text.ts";
import { type Diagnosis, findingsOf, type RepairRecord } from "./diagnosis.ts";
import type { CheckReport, Finding } from "./finding.ts";

/** The width of the titles of the checks. */
const TITLE_COLUMNS = 17;
const MAX_COLUMNS = 110;
const INDENT = "    ";

/** The numbers of findings. */
export interface Totals {
  readonly errors: number;
  readonly warnings: number;
  /** Those that `--fix` repairs. */
  readonly repairable: number;
}

/** Counts the findings. */
export function totalsOf({ reports }: Diagnosis): Totals {
  const findings = reports.flatMap(findingsOf);
  return {
    errors: findings.filter(({ severity }) => severity === "error").length,
    warnings: findings.filter(({ severity }) => severity === "warning").length,
    repairable: findings.filter(({ repair }) => repair !== undefined).length,
  };
}

/** Returns a diagnosis for JSON. */
export function diagnosisData(diagnosis: Diagnosis): object {
  const { errors, warnings } = totalsOf(diagnosis);
  return {
    errors,
    warnings,
    checks: diagnosis.reports.map(({ id, result }) =>
      "skipped" in result
        ? { check: id, status: "skipped", reason: result.skipped, findings: [] }
        : {
            check: id,
            status: statusOf(result.findings),
            facts: result.facts,
            findings: result.findings.map(({ repair, ...finding }) => ({ ...finding, fixable: repair !== undefined })),
          },
    ),
    repairs: diagnosis.repairs,
  };
}

/** Returns a diagnosis for a person. */
export function diagnosisText(diagnosis: Diagnosis, isFix: boolean, stream: OutputStream): string {
  const style = styleOf(stream);
  const columns = Math.min(columnsOf(stream), MAX_COLUMNS);
  return [
    ...diagnosis.repairs.map((repair) => repairText(repair, style, columns)),
    ...(diagnosis.repairs.length === 0 ? [] : ["\n"]),
    ...diagnosis.reports.map((report) => reportText(report, style, columns)),
    `\n${summary(totalsOf(diagnosis), isFix)}\n`,
  ].join("");
}

function repairText({ problem, outcome }: RepairRecord, style: Style, columns: number): string {
  if (outcome.is === "repaired") return indented(style("green", "fixed   "), outcome.action, columns);
  return indented(style("red", "not fixed"), `${problem}: ${outcome.message}`, columns);
}

function reportText(report: CheckReport, style: Style, columns: number): string {
  const { title, result } = report;
  if ("skipped" in result) {
    return indented(style("dim", `- ${title.padEnd(TITLE_COLUMNS)}`), `not checked: ${result.skipped}`, columns);
  }
  const marks = { ok: style("green", "✓"), warning: style("yellow", "!"), error: style("red", "✗") };
  const heading = `${marks[statusOf(result.findings)]} ${title.padEnd(TITLE_COLUMNS)}`;
  const findings = result.findings.map((finding) => findingText(finding, style, columns));
  return indented(heading, result.facts, columns) + findings.join("");
}

function findingText({ severity, problem, reason, remedy, repair }: Finding, style: Style, columns: number): string {
  const label = severity === "error" ? style("red", "error") : style("yellow", "warning");
  const fixable = repair === undefined ? "" : " (doctor --fix does this)";
  const lines = [
    ...wrapText(printable(problem), columns - INDENT.length - "warning: ".length).map((line, index) =>
      index === 0 ? `${label}: ${line}` : line,
    ),
    ...wrapText(`Why: ${printable(reason)}.`, columns - INDENT.length).map((line) => style("dim", line)),
    ...wrapText(`Fix: ${printable(remedy)}${fixable}`, columns - INDENT.length),
  ];
  return lines.map((line) => `${INDENT}${line}\n`).join("");
}

function indented(heading: string, text: string, columns: number): string {
  const width = TITLE_COLUMNS + 3;
  const [first = "", ...others] = wrapText(printable(text), columns - width);
  return [`${heading} ${first}`, ...others.map((line) => " ".repeat(width) + line)].map((line) => `${line}\n`).join("");
}

function statusOf(findings: readonly Finding[]): "ok" | "warning" | "error" {
  if (findings.some(({ severity }) => severity === "error")) return "error";
  return findings.length === 0 ? "ok" : "warning";
}

function summary({ errors, warnings, repairable }: Totals, isFix: boolean): string {
  if (errors + warnings === 0) return "Nothing is wrong.";
  const hint = repairable === 0 || isFix ? "" : ` \`snakepit doctor --fix\` repairs ${repairable} of them.`;
  return `${counted(errors, "error")}, ${counted(warnings, "warning")}.${hint}`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
