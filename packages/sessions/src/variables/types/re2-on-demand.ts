import { createRequire } from "node:module";

/** Loads re2js. Most hosts have no variable with a pattern and need not read its 260 KB. */
export function loadRe2(): typeof import("re2js") {
  return createRequire(import.meta.url)("re2js") as typeof import("re2js");
}
