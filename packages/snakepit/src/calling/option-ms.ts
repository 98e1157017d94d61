import { type Duration, durationMistake, durationMs, SnakepitError } from "@snakepit/core";

/**
 * Milliseconds of a time span among a method's options; `undefined` when it was left out.
 *
 * @throws SnakepitError `INVALID_ARGUMENT`, naming the option.
 */
export function optionMs(name: string, duration: Duration | undefined): number | undefined {
  if (duration === undefined) return undefined;
  const ms = durationMs(duration);
  if (ms !== undefined) return ms;
  throw new SnakepitError("INVALID_ARGUMENT", durationMistake(name, duration, "zero"));
}
