import { durationMs } from "@snakepit/core";
import { MisuseError } from "../parse-command-line.ts";

/**
 * Returns the value of an option that is a duration, in milliseconds; `undefined` if it was omitted.
 *
 * @throws MisuseError for anything else than 0 or a number with a unit.
 */
export function optionDuration(name: string, value: unknown): number | undefined {
  if (value === undefined) return undefined;
  const text = String(value);
  const ms = text === "0" ? 0 : durationMs(text);
  if (ms !== undefined && Number.isFinite(ms)) return ms;
  throw new MisuseError(`--${name} must be a duration with a unit, such as 500ms, 30s or 2m; got "${text}"`);
}
