import { whyNotJson } from "../json/why-not-json.ts";
import { invalidDocument } from "./program-errors.ts";

/** A program: any JSON value, usually an object. */
export type ProgramDocument = unknown;

/** The maximum size of a document, in bytes of JSON. */
export const MAX_PROGRAM_BYTES = 1_048_576;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * Encodes a document as plain JSON, which remains readable in a database.
 *
 * @throws SnakepitError `INVALID_ARGUMENT` with the path of a value that JSON cannot represent, or with the size.
 */
export function encodeProgram(id: string, document: ProgramDocument): Uint8Array {
  if (document === undefined) {
    throw invalidDocument(
      id,
      "json",
      `program ${JSON.stringify(id)} must be a JSON value; got undefined; pass a document, or return one from the function of update()`,
    );
  }
  const problem = whyNotJson(document, `program ${JSON.stringify(id)}`);
  if (problem !== undefined) {
    throw invalidDocument(id, "json", `${problem}, which JSON cannot represent; store such values in a variable`);
  }
  const bytes = encoder.encode(JSON.stringify(document));
  if (bytes.byteLength > MAX_PROGRAM_BYTES) {
    throw invalidDocument(
      id,
      "size",
      `program ${JSON.stringify(id)} must have at most ${MAX_PROGRAM_BYTES} bytes; got ${bytes.byteLength}; store large parts in variables or files`,
    );
  }
  return bytes;
}

/** Returns a copy of the document. */
export function decodeProgram(bytes: Uint8Array): ProgramDocument {
  return JSON.parse(decoder.decode(bytes));
}
