import { createRequire } from "node:module";

/** Loads re2js (260 KB) on demand: most hosts have no variable with a pattern. */
export function loadRe2(): typeof import("re2js") {
  return createRequire(import.meta.url)("re2js") as typeof import("re2js");
}
