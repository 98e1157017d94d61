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

/** The error of the `require` that esbuild generates for an ES module. */
const NO_REQUIRE = /^Dynamic require of /;

/** Defines `require` in an ES module. */
const BANNER = 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);';

/**
 * Waits for the import of a part that is loaded on first use, because its dependencies are large.
 *
 * @param what name of the part, for the message.
 * @throws SnakepitError `UNSUPPORTED_PLATFORM` if a bundle prevents the import, otherwise `INTERNAL`.
 * @example
 * const { startBridgeServer } = await loadPart("the gRPC server", import("./bridge-server.ts"));
 */
export async function loadPart<Module>(what: string, loading: Promise<Module>): Promise<Module> {
  try {
    return await loading;
  } catch (thrown) {
    if (thrown instanceof Error && NO_REQUIRE.test(thrown.message)) {
      throw new SnakepitError(
        "UNSUPPORTED_PLATFORM",
        `loading ${what} failed: this bundle is an ES module without require(); give esbuild the option --banner:js='${BANNER}', or bundle with --format=cjs`,
        { cause: thrown, startFailure: "permanent" },
      );
    }
    throw toSnakepitError(thrown, "INTERNAL", `loading ${what} failed`);
  }
}
