import { durationMs, SnakepitError } from "@snakepit/core";

/**
 * Returns the value of an option that is a duration, in milliseconds; `undefined` if it was omitted.
 *
 * @throws SnakepitError `INVALID_ARGUMENT`.
 */
export function optionDuration(name: string, value: unknown): number | undefined {
  if (value === undefined) return undefined;
  const text = String(value);
  const ms = /^\d+$/.test(text) ? Number(text) : durationMs(text as never);
  if (ms !== undefined && Number.isFinite(ms)) return ms;
  throw new SnakepitError("INVALID_ARGUMENT", `--${name} must be a duration such as "500ms" or "30s"; got "${text}"`);
}

/**
 * Returns the value of an option that is a positive integer; `undefined` if it was omitted.
 *
 * @throws SnakepitError `INVALID_ARGUMENT`.
 */
export function optionCount(name: string, value: unknown): number | undefined {
  if (value === undefined) return undefined;
  const number = Number(value);
  if (Number.isSafeInteger(number) && number > 0) return number;
  throw new SnakepitError("INVALID_ARGUMENT", `--${name} must be a positive integer; got "${String(value)}"`);
}
