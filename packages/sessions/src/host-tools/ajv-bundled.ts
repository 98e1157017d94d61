import { Ajv2020 } from "ajv/dist/2020.js";

/** Returns Ajv for bundlers, which follow static imports only. The package may be missing where the bundle runs. */
export function loadAjv(): typeof Ajv2020 {
  return Ajv2020;
}
