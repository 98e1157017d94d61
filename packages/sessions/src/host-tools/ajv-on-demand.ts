import { createRequire } from "node:module";

/** Loads Ajv. It takes longer to load than a host to start, and most hosts need none. */
export function loadAjv(): typeof import("ajv/dist/2020.js").Ajv2020 {
  return (createRequire(import.meta.url)("ajv/dist/2020.js") as typeof import("ajv/dist/2020.js")).Ajv2020;
}
