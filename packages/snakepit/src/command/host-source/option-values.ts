import { readFile } from "node:fs/promises";
import { addAbortSignal } from "node:stream";
import { text } from "node:stream/consumers";
import { isPlainObject, nearestName } from "@snakepit/core";
import type { ToolArguments } from "../../calling/call-options.ts";
import { MisuseError } from "../parse-command-line.ts";

/**
 * Reads the arguments of a tool.
 *
 * @param value a JSON object; `-` to read it from stdin; `@` and a path to read it from a file. Default: no arguments.
 * @param signal ends the reading of stdin.
 * @throws MisuseError if it cannot be read, or is not a JSON object.
 */
export async function toolArguments(value: string | undefined, signal: AbortSignal): Promise<ToolArguments> {
  if (value === undefined) return {};
  const [json, source] = await argumentText(value, signal);
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch (thrown) {
    throw new MisuseError(
      `${source} must be a JSON object, for example --args '{"a": 1}': ${(thrown as SyntaxError).message}`,
    );
  }
  if (isPlainObject(parsed)) return parsed;
  const kind = parsed === null ? "null" : Array.isArray(parsed) ? "an array" : `a ${typeof parsed}`;
  throw new MisuseError(
    `${source} must be a JSON object of arguments by name, for example --args '{"a": 1}'; got ${kind}`,
  );
}

async function argumentText(value: string, signal: AbortSignal): Promise<readonly [text: string, source: string]> {
  if (value === "-") return [await text(addAbortSignal(signal, process.stdin)), "stdin"];
  if (!value.startsWith("@")) return [value, "--args"];
  const path = value.slice(1);
  try {
    return [await readFile(path, "utf8"), path];
  } catch (thrown) {
    throw new MisuseError(`--args ${value} cannot be read: ${(thrown as Error).message}`);
  }
}

/**
 * Returns the items of an option with values that are separated by commas.
 *
 * @throws MisuseError for an item that is not accepted.
 */
export function listValue<Item extends string>(option: string, value: string, accepted: readonly Item[]): Item[] {
  return value.split(",").map((written) => {
    const item = written.trim();
    const found = accepted.find((each) => each === item);
    if (found !== undefined) return found;
    const nearest = nearestName(item, accepted);
    const remedy = nearest === undefined ? "" : `; did you mean ${nearest}?`;
    throw new MisuseError(`${option} must be a list of ${accepted.join(", ")}; got "${item}"${remedy}`);
  });
}
