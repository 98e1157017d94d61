import type { ErrorCode } from "./error-code.ts";
import { SnakepitError, type SnakepitErrorOptions } from "./snakepit-error.ts";

/**
 * Turns anything thrown into a {@link SnakepitError}; one that already is comes back unchanged.
 * This is the only place where a foreign error becomes ours.
 *
 * @param thrown what was caught.
 * @param code the code for a foreign error; `INTERNAL` by default.
 * @param message what happened, to which thing; the foreign error's message is appended.
 */
export function toSnakepitError(
  thrown: unknown,
  code: ErrorCode = "INTERNAL",
  message?: string,
  options: SnakepitErrorOptions = {},
): SnakepitError {
  if (thrown instanceof SnakepitError) return thrown;
  const reason = thrown instanceof Error ? thrown.message : String(thrown);
  return new SnakepitError(code, message === undefined ? reason : `${message}: ${reason}`, {
    cause: thrown,
    ...options,
  });
}
