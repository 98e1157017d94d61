import { resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** What workers run, taken apart as far as the host needs it; Python does the rest. */
export interface PythonTarget {
  /** As Python gets it: `/app/tools.py`, `/app/tools.py:MyAdapter`, `package.module:MyAdapter`. */
  readonly text: string;
  /** Absolute path, when it is a file. */
  readonly file?: string;
}

/** A target without the form of a URL. */
export function targetText(target: string | URL): string {
  return typeof target === "string" && !target.startsWith("file:") ? target : fileURLToPath(target);
}

/**
 * Reads a file (`./tools.py`, a file URL), a module (`package.module`), or either with `:Class` behind it. A relative
 * file is meant from `cwd`.
 */
export function readTarget(target: string | URL, cwd: string): PythonTarget {
  const text = targetText(target);
  const colon = text.lastIndexOf(":");
  const [location, suffix] = colon === -1 ? [text, ""] : [text.slice(0, colon), text.slice(colon)];
  if (!location.endsWith(".py") && !location.includes("/")) return { text };
  const file = resolve(cwd, location);
  return { text: file + suffix, file };
}
