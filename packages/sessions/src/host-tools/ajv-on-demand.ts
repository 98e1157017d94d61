import { createRequire } from "node:module";

/** Loads Ajv on demand: loading it takes longer than starting a host, and most hosts do not use it. */
export function loadAjv(): typeof import("ajv/dist/2020.js").Ajv2020 {
  return (createRequire(import.meta.url)("ajv/dist/2020.js") as typeof import("ajv/dist/2020.js")).Ajv2020;
}
