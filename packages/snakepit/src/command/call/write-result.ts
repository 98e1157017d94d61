import { jsonValue } from "@snakepit/bridge-proto/values";
import { type OutputStream, printable, writeText } from "../terminal/output-stream.ts";

/** How a result is written. */
export interface ResultForm {
  /** Also strings are written as JSON. */
  readonly asJson: boolean;
  /** The result is one of the chunks of a stream. */
  readonly isChunk: boolean;
}

/**
 * Writes a result, and waits while the reader is slower. As JSON, it is one line. Otherwise, a string is written as it
 * is, and other values as JSON: a chunk in one line, a value over several lines.
 */
export async function writeResult(stdout: OutputStream, value: unknown, form: ResultForm): Promise<void> {
  await writeText(stdout, `${resultText(stdout, value, form)}\n`);
}

function resultText({ isTTY }: OutputStream, value: unknown, { asJson, isChunk }: ResultForm): string {
  // `None` of a tool is `undefined` or null.
  const json = jsonValue(value) ?? null;
  if (asJson) return JSON.stringify(json);
  // A terminal would execute escape sequences; a pipe receives the string unchanged.
  if (typeof json === "string") return isTTY === true ? printable(json) : json;
  return JSON.stringify(json, undefined, isChunk ? undefined : 2);
}
