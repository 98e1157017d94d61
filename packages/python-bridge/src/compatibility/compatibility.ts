import type { Compatibility } from "./check-library.ts";
import type { CompatibilityReport, ReportOptions } from "./report-imports.ts";

/**
 * Whether Python libraries may be used in several threads, in workers that are forked, and without the global
 * interpreter lock. The table is loaded on first use.
 */
export const compatibility = {
  /**
   * Resolves with what is known about a library.
   *
   * @param name a package or a module: `"scikit-learn"`, `"sklearn"` and `"sklearn.svm"` are the same.
   * @param version the version of the library; by default, the result is about the newest one.
   * @throws SnakepitError `INVALID_ARGUMENT` if the name is empty, or the version is not one.
   *
   * @example
   * const { threads } = await compatibility.check("matplotlib");
   * if (threads.safe !== "yes") console.log(threads.notes, threads.workaround);
   */
  async check(name: string, version?: string): Promise<Compatibility> {
    const { checkLibrary } = await import("./check-library.ts");
    return checkLibrary(name, version);
  },

  /**
   * Resolves with what is known about the libraries that a Python module imports, with the versions that are installed
   * for the interpreter that workers would use. The local modules that it imports are included. The module is not
   * executed, unless `execute` is set.
   *
   * @param target a file (`"./tools.py"`) or a module (`"package.tools"`), optionally with a class after a colon.
   * @throws SnakepitError `INVALID_ARGUMENT` if the target does not exist, is not Python source code, or fails when it
   *   is executed; `WORKER_START_FAILED` if no interpreter was found, or if it cannot run the bridge package;
   *   `DEADLINE_EXCEEDED` after `timeoutMs`; `CANCELLED` if the signal aborts.
   */
  async report(target: string, options: ReportOptions = {}): Promise<CompatibilityReport> {
    const { reportImports } = await import("./report-imports.ts");
    return reportImports(target, options);
  },
} as const;
