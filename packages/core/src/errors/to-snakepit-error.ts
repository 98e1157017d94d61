import type { ErrorCode } from "./error-code.ts";
import { SnakepitError, type SnakepitErrorOptions } from "./snakepit-error.ts";

/**
 * Wraps any thrown value in a {@link SnakepitError}, and returns a `SnakepitError` unchanged. All errors from outside
 * Snakepit are wrapped here.
 *
 * @param thrown the caught value.
 * @param code the code for other errors. Default: `INTERNAL`.
 * @param message the failed operation; the message of the thrown value is appended.
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
