import type { Progress } from "../setup/run-tool.ts";

/** `error`: a host cannot start, or cannot do what was asked for. `warning`: it runs, but something will go wrong. */
export type Severity = "error" | "warning";

/** Something that is wrong. */
export interface Finding {
  readonly severity: Severity;
  /** The problem, with the values that were found. Without a final period. */
  readonly problem: string;
  /** Why it matters. Without a final period. */
  readonly reason: string;
  /** The exact remedy: a command or a setting. Without a final period. */
  readonly remedy: string;
  /** The traceback of Python, for JSON. */
  readonly traceback?: string;
  /** Applies the remedy; absent if that is not safe, or not possible for this user. */
  readonly repair?: Repair;
}

/** Applies a remedy. Resolves with what it did, in the past tense; rejects if that failed. */
export type Repair = (progress: Progress) => Promise<string>;

/** The result of a check. */
export interface CheckResult {
  /** What was found, in one line, also when nothing is wrong. */
  readonly facts: string;
  readonly findings: readonly Finding[];
}

/** The result of a check that could not run, with the reason. */
export interface SkippedCheck {
  readonly skipped: string;
}

/** A check with its result. */
export interface CheckReport {
  /** The name in JSON. */
  readonly id: string;
  /** The name in the output. */
  readonly title: string;
  readonly result: CheckResult | SkippedCheck;
}
