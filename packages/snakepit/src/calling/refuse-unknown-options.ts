import { describeValue, nearestName, SnakepitError } from "@snakepit/core";
import { isPlainObject } from "./plain-object.ts";

/**
 * Refuses options whose names are none: one that is misspelt would do nothing, and nobody would know.
 *
 * @param method whose options they are, for the message.
 * @throws SnakepitError `INVALID_ARGUMENT`, with the name that may have been meant.
 */
export function refuseUnknownOptions(method: string, options: object, names: readonly string[]): void {
  if (!isPlainObject(options)) {
    throw invalid(
      `the options of ${method}() must be an object; got ${describeValue(options)}${example(options, names)}`,
    );
  }
  for (const name of Object.keys(options)) {
    if (names.includes(name)) continue;
    const nearest = nearestName(name, names);
    const remedy = nearest === undefined ? `the options are ${names.join(", ")}` : `did you mean ${nearest}?`;
    throw invalid(`${name} is not an option of ${method}(); ${remedy}`);
  }
}

/** How a bare value is written as the option that it most likely is meant for. */
function example(value: unknown, names: readonly string[]): string {
  const duration = names.find((name) => name.endsWith("Ms"));
  if (typeof value === "number" && duration !== undefined) return `; write { ${duration}: ${value} }`;
  if (value instanceof AbortSignal && names.includes("signal")) return "; write { signal }";
  return "";
}

function invalid(message: string): SnakepitError {
  return new SnakepitError("INVALID_ARGUMENT", message);
}
