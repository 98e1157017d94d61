import { toSnakepitError } from "@snakepit/core";
import type { Progress } from "../setup/run-tool.ts";
import { examine } from "./examine.ts";
import type { CheckReport, Finding } from "./finding.ts";
import type { Subject } from "./subject.ts";

/** A repair that was tried. */
export interface RepairRecord {
  /** The ID of the check. */
  readonly check: string;
  readonly problem: string;
  readonly outcome:
    | { readonly is: "repaired"; readonly action: string }
    | { readonly is: "failed"; readonly message: string };
}

/** The result of `doctor`: what was repaired, and what is wrong afterward. */
export interface Diagnosis {
  readonly reports: readonly CheckReport[];
  readonly repairs: readonly RepairRecord[];
}

/** A repair can reveal a problem that it hid: a directory that was not accessible, a target that could not start. */
const MAX_ROUNDS = 4;

/**
 * Runs all checks; with `fix`, applies the repairs and runs the checks again, until nothing can be repaired. Rejects
 * with the reason of the signal when that aborts; a repair that is being applied is completed before.
 */
export async function diagnose(
  subject: Subject,
  fix: boolean,
  progress: Progress,
  signal: AbortSignal,
): Promise<Diagnosis> {
  const repairs: RepairRecord[] = [];
  for (let round = 1; ; round++) {
    const reports = await examine(subject, (title) => progress.step(title), signal);
    const repairable = reports.flatMap((report) =>
      findingsOf(report).map((finding) => ({ check: report.id, finding })),
    );
    const untried = repairable.filter(
      ({ finding }) => finding.repair !== undefined && !repairs.some(({ problem }) => problem === finding.problem),
    );
    if (!fix || untried.length === 0 || round === MAX_ROUNDS) return { reports, repairs };
    for (const { check, finding } of untried) {
      repairs.push(await repaired(check, finding, progress));
      signal.throwIfAborted();
    }
  }
}

/** Returns the findings of a check; none if it was skipped. */
export function findingsOf({ result }: CheckReport): readonly Finding[] {
  return "skipped" in result ? [] : result.findings;
}

async function repaired(check: string, { problem, repair }: Finding, progress: Progress): Promise<RepairRecord> {
  progress.step(`Repairing: ${problem}`);
  try {
    const action = (await repair?.(progress)) ?? "";
    return { check, problem, outcome: { is: "repaired", action } };
  } catch (thrown) {
    return { check, problem, outcome: { is: "failed", message: toSnakepitError(thrown).message } };
  }
}
