import * as re2 from "re2js";

/** Returns re2js, for bundlers: they follow imports only, and where a bundle runs there may be no package to load. */
export function loadRe2(): typeof re2 {
  return re2;
}
