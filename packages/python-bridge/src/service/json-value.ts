import { SnakepitError } from "@snakepit/core";

/** Objects and arrays within each other that JSON text may have here; deeper ones would exhaust the stack. */
const MAX_DEPTH = 500;

/**
 * A value as JSON text, exactly or not at all: what JSON cannot hold is an error and never silently something else.
 *
 * @throws SnakepitError `SERIALIZATION` with the path to what JSON cannot hold.
 */
export function encodeJson(value: unknown): Buffer {
  refuseUnlessJson(value, "result", 0);
  return Buffer.from(JSON.stringify(value, (_, each) => (typeof each === "bigint" ? Number(each) : each)));
}

/**
 * The value of JSON text.
 *
 * @throws SnakepitError `INVALID_ARGUMENT` when it is not JSON in UTF-8.
 */
export function decodeJson(text: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(text));
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    throw new SnakepitError("INVALID_ARGUMENT", `the arguments are not JSON: ${reason}`, { cause: thrown });
  }
}

function refuseUnlessJson(value: unknown, path: string, depth: number): void {
  if (depth > MAX_DEPTH) throw notJson(path, `something nested deeper than ${MAX_DEPTH} levels`);
  switch (typeof value) {
    case "string":
    case "boolean":
      return;
    case "number":
      if (!Number.isFinite(value)) throw notJson(path, String(value));
      return;
    case "bigint":
      if (!Number.isSafeInteger(Number(value))) throw notJson(path, "an integer beyond 2^53");
      return;
    case "object":
      if (value === null) return;
      if (Array.isArray(value)) {
        for (const [index, each] of value.entries()) refuseUnlessJson(each, `${path}[${index}]`, depth + 1);
        return;
      }
      if (Object.getPrototypeOf(value) !== Object.prototype) throw notJson(path, `a ${value.constructor.name}`);
      for (const [key, each] of Object.entries(value)) refuseUnlessJson(each, `${path}.${key}`, depth + 1);
      return;
    default:
      throw notJson(path, `a ${typeof value}`);
  }
}

function notJson(path: string, what: string): SnakepitError {
  return new SnakepitError(
    "SERIALIZATION",
    `${path} is ${what}, which JSON cannot hold; send the arguments as MessagePack to get the answer as MessagePack`,
    { details: { path } },
  );
}
