import { SnakepitError } from "@snakepit/core";
import { type InterpreterChoice, runBridge } from "../environment/run-bridge.ts";
import type { Compatibility } from "./check-library.ts";

/** A library that a module imports, with its installed version. */
export interface ImportedLibrary extends Compatibility {
  /** The module of the library, such as `sklearn`. */
  readonly module: string;
  readonly installed: boolean;
  /** The places of its imports, as `file:line`; empty for a library that another library imports. */
  readonly importedAt: readonly string[];
  /** Whether the execution of the module loaded it; `null` if the module was not executed. */
  readonly loaded: boolean | null;
}

/** What is known about the libraries that a Python module imports. */
export interface CompatibilityReport {
  readonly target: string;
  readonly python: { readonly version: string; readonly freeThreaded: boolean; readonly gilEnabled: boolean };
  /** The day of the last revision of the table, as an ISO date. */
  readonly revised: string;
  /** The files that were read: that of the module, and the local modules that it imports. */
  readonly files: readonly string[];
  /** In alphabetical order. */
  readonly libraries: readonly ImportedLibrary[];
  /** Files that could not be read. */
  readonly problems: readonly string[];
  /** What to consider before the module runs in several threads, or in workers that are forked. */
  readonly recommendations: readonly string[];
}

/** Options of `compatibility.report()`. */
export interface ReportOptions extends InterpreterChoice {
  /**
   * Whether the interpreter imports the module too, as a worker does. The report then includes the libraries that other
   * libraries import, and whether the imports have enabled the global interpreter lock. Default: `false`.
   */
  readonly execute?: boolean;
}

/** See {@link compatibility}. */
export async function reportImports(target: string, options: ReportOptions): Promise<CompatibilityReport> {
  if (typeof target !== "string" || target.trim() === "" || target.startsWith("-")) {
    throw new SnakepitError(
      "INVALID_ARGUMENT",
      `target must be a Python file or module; got ${JSON.stringify(target)}`,
    );
  }
  const { value } = await runBridge(["compatibility", target, ...(options.execute ? ["--execute"] : [])], options);
  const { error } = value as { readonly error?: string };
  if (error !== undefined) throw new SnakepitError("INVALID_ARGUMENT", error);
  return value as CompatibilityReport;
}
