import { objectionToSignal, SnakepitError } from "@snakepit/core";

/**
 * The signal among a method's options; `undefined` when it was left out.
 *
 * @throws SnakepitError `INVALID_ARGUMENT`, naming the option.
 */
export function optionSignal(signal: AbortSignal | undefined): AbortSignal | undefined {
  const objection = signal === undefined ? undefined : objectionToSignal(signal);
  if (objection === undefined) return signal;
  throw new SnakepitError("INVALID_ARGUMENT", objection);
}
