import { resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** A parsed target. The host separates only the file; Python interprets the rest. */
export interface PythonTarget {
  /** The target as it is passed to Python: `/app/tools.py`, `/app/tools.py:MyAdapter`, `package.module:MyAdapter`. */
  readonly specifier: string;
  /** Absolute path of the file; absent for a module. */
  readonly file?: string;
}

/** Returns a target as a string, with file URLs converted to paths. */
export function targetString(target: string | URL): string {
  return typeof target === "string" && !target.startsWith("file:") ? target : fileURLToPath(target);
}

/**
 * Parses a target: a file (`./tools.py`, a file URL) or a module (`package.module`), either with an optional `:Class`
 * suffix.
 *
 * @param cwd the directory against which a relative path is resolved; absolute.
 */
export function parseTarget(target: string | URL, cwd: string): PythonTarget {
  const specifier = targetString(target);
  const colon = specifier.lastIndexOf(":");
  const [location, suffix] = colon === -1 ? [specifier, ""] : [specifier.slice(0, colon), specifier.slice(colon)];
  if (!location.endsWith(".py") && !location.includes("/")) return { specifier };
  const file = resolve(cwd, location);
  return { specifier: file + suffix, file };
}
