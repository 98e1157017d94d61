import { loadPart } from "@snakepit/core";
import type { CustomTypesConfig } from "pg";

/** `bigint`; ours are below 2 ** 53. */
const INT8 = 20;
const BYTEA = 17;

/** How values of the server become those of JavaScript: numbers instead of text, and plain byte arrays. */
export async function stateTypes(): Promise<CustomTypesConfig> {
  const { default: pg } = await loadPart("the PostgreSQL driver", import("pg"));
  return {
    getTypeParser(type: number, format?: "text" | "binary") {
      if (format !== "binary" && type === INT8) return Number;
      if (format !== "binary" && type === BYTEA) return bytesOfHex;
      return pg.types.getTypeParser(type, format) as unknown;
    },
  } as CustomTypesConfig;
}

// \x and two digits for each byte. Not on a piece of the buffer that Node.js shares among small ones.
function bytesOfHex(text: string): Uint8Array {
  const bytes = new Uint8Array((text.length - 2) / 2);
  Buffer.from(bytes.buffer).write(text.slice(2), "hex");
  return bytes;
}
