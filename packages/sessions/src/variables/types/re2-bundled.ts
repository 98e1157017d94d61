import * as re2 from "re2js";

/** Returns re2js for bundlers, which follow static imports only. The package may be missing where the bundle runs. */
export function loadRe2(): typeof re2 {
  return re2;
}
