import { Ajv2020 } from "ajv/dist/2020.js";

/** Returns Ajv, for bundlers: they follow imports only, and where a bundle is run there may be no package to load. */
export function loadAjv(): typeof Ajv2020 {
  return Ajv2020;
}
