import { whyNotJson } from "../json/why-not-json.ts";
import { invalidDocument } from "./program-errors.ts";

/** A program: any JSON value, usually an object. */
export type ProgramDocument = unknown;

/** The size of the largest document, as JSON in bytes. */
export const MAX_PROGRAM_BYTES = 1_048_576;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * Returns the bytes of a document. They are plain JSON, so that they can be read in a database.
 *
 * @throws SnakepitError `INVALID_ARGUMENT` with the path to what JSON cannot hold, or the size.
 */
export function encodeProgram(id: string, document: ProgramDocument): Uint8Array {
  if (document === undefined) {
    throw invalidDocument(
      id,
      "json",
      `program ${JSON.stringify(id)} is undefined; give its document, or return it from the function of update()`,
    );
  }
  const problem = whyNotJson(document, `program ${JSON.stringify(id)}`);
  if (problem !== undefined) {
    throw invalidDocument(id, "json", `${problem}, which JSON cannot hold; keep such values in a variable`);
  }
  const bytes = encoder.encode(JSON.stringify(document));
  if (bytes.byteLength > MAX_PROGRAM_BYTES) {
    throw invalidDocument(
      id,
      "size",
      `program ${JSON.stringify(id)} has ${bytes.byteLength} bytes and may have ${MAX_PROGRAM_BYTES}; keep large parts in variables or in files`,
    );
  }
  return bytes;
}

/** Returns a copy of the document. */
export function decodeProgram(bytes: Uint8Array): ProgramDocument {
  return JSON.parse(decoder.decode(bytes));
}
