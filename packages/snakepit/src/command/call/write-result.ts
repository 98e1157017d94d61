import { once } from "node:events";
import { Writable } from "node:stream";
import { jsonValue } from "@snakepit/bridge-proto/values";
import { type OutputStream, printable } from "../terminal/output-stream.ts";

/**
 * Writes a result, and waits while the reader is slower. As JSON, it is one line. Otherwise, a string is written as it
 * is, and other values as JSON over several lines.
 */
export async function writeResult(stdout: OutputStream, value: unknown, asJson: boolean): Promise<void> {
  const accepts = stdout.write(`${resultText(stdout, value, asJson)}\n`);
  if (accepts === false && stdout instanceof Writable) await once(stdout, "drain");
}

function resultText({ isTTY }: OutputStream, value: unknown, asJson: boolean): string {
  // `None` of a tool is `undefined` or null.
  const json = jsonValue(value) ?? null;
  if (asJson) return JSON.stringify(json);
  // A terminal would execute escape sequences; a pipe receives the string unchanged.
  if (typeof json === "string") return isTTY === true ? printable(json) : json;
  return JSON.stringify(json, undefined, 2);
}
