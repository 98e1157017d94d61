import { whyNotJson } from "../json/why-not-json.ts";
import { invalidDocument } from "./program-errors.ts";

/** What a program is: anything that JSON can hold, most often an object. */
export type ProgramDocument = unknown;

/** Bytes of a document as JSON text. */
export const MAX_PROGRAM_BYTES = 1_048_576;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * The bytes of a document. They are JSON text and nothing else, so that whoever looks into a database can read them.
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
  const objection = whyNotJson(document, `program ${JSON.stringify(id)}`);
  if (objection !== undefined) {
    throw invalidDocument(id, "json", `${objection}, which JSON cannot hold; keep such values in a variable`);
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

/** The document, as a copy of its own. */
export function decodeProgram(bytes: Uint8Array): ProgramDocument {
  return JSON.parse(decoder.decode(bytes));
}
