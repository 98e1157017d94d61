import { SnakepitError } from "@snakepit/core";
import { type CompatibilityReport, compatibility, type ImportedLibrary } from "@snakepit/python-bridge";
import type { CheckResult, Finding, SkippedCheck } from "../finding.ts";
import type { Subject } from "../subject.ts";

/** How workers use the libraries of a target. */
export interface LibraryUse {
  /** Whether a pool of the configuration runs tools in several threads. */
  readonly inThreads: boolean;
  /** Whether workers are forked from a process that has imported the target. */
  readonly isForked: boolean;
}

/** Checks the libraries that the target imports, without executing it. */
export async function examineLibraries(
  { configuration, cwd, env }: Subject,
  target: string,
  interpreter: string,
  signal: AbortSignal,
): Promise<CheckResult | SkippedCheck> {
  const pools = configuration?.is === "valid" ? Object.values(configuration.config.pools) : [];
  const use: LibraryUse = {
    inThreads: pools.some(({ profile }) => profile === "thread"),
    // The default of `python()`.
    isForked: process.platform === "linux",
  };
  try {
    return checkLibraries(await compatibility.report(target, { python: interpreter, cwd, env, signal }), use);
  } catch (thrown) {
    if (!(thrown instanceof SnakepitError) || signal.aborted) throw thrown;
    // The check of the target reports why it cannot be read.
    return { skipped: thrown.message };
  }
}

/** Checks what is known about the imported libraries. */
export function checkLibraries({ libraries, python, revised }: CompatibilityReport, use: LibraryUse): CheckResult {
  const names = (list: readonly ImportedLibrary[]) => list.map(({ name }) => name).join(", ");
  const known = libraries.filter(({ known: isKnown }) => isKnown);
  const part = (title: string, list: readonly ImportedLibrary[]) =>
    list.length === 0 ? [] : [`${title}: ${names(list)}`];
  const withoutLock = python.freeThreaded && !python.gilEnabled;
  const facts = [
    `${libraries.length} imported, ${known.length} of them in the table of ${revised}`,
    ...part(
      "not for several threads",
      known.filter(({ threads }) => threads.safe === "no"),
    ),
    ...part(
      "for several threads under conditions",
      known.filter(({ threads }) => threads.safe === "conditional"),
    ),
    ...part(
      "not installed",
      libraries.filter(({ installed }) => !installed),
    ),
  ].join("; ");
  return {
    facts,
    findings: known.flatMap((library) => [
      ...(use.isForked && library.fork.safe === "no" ? [forked(library)] : []),
      ...(use.inThreads && library.threads.safe === "no" ? [inThreads(library)] : []),
      ...(withoutLock && library.freeThreading.support === "no" ? [enablesLock(library)] : []),
    ]),
  };
}

function forked({ name, importedAt, fork }: ImportedLibrary): Finding {
  return {
    severity: "warning",
    problem: `${name} must not be imported before workers are forked: ${fork.notes}${placeOf(importedAt)}`,
    reason: "Calls that use it in a forked worker can hang or end the worker",
    remedy:
      'python(…, { startMethod: "spawn" }) in the application; this check does not know whether it has that already',
  };
}

function inThreads({ name, importedAt, threads }: ImportedLibrary): Finding {
  return {
    severity: "warning",
    problem: `${name} is not thread-safe: ${threads.notes}${placeOf(importedAt)}`,
    reason: 'A pool of the configuration has the profile "thread"',
    remedy: threads.workaround,
  };
}

function enablesLock({ name, importedAt, freeThreading }: ImportedLibrary): Finding {
  return {
    severity: "warning",
    problem: `${name} may enable the global interpreter lock: ${freeThreading.notes ?? "no release supports Python without it"}${placeOf(importedAt)}`,
    reason: "With the lock, threads of a worker compute one at a time",
    remedy: "use another library, or a version that supports Python without the lock",
  };
}

function placeOf([first]: readonly string[]): string {
  return first === undefined ? "" : ` (${first})`;
}
