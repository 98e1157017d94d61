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
  const reason = thrownMessage(thrown);
  return new SnakepitError(code, message === undefined ? reason : `${message}: ${reason}`, {
    cause: thrown,
    ...options,
  });
}

/** Returns the message of a thrown value. Never throws, although the value may have getters and conversions that do. */
export function thrownMessage(thrown: unknown): string {
  try {
    return String(thrown instanceof Error ? thrown.message : thrown);
  } catch {
    return "a value without a message was thrown";
  }
}

/**
 * Calls `onRejected` if a function of the user, whose result is not needed, has returned a promise that rejects.
 * Without this, the rejection would be unhandled, which ends the process.
 *
 * @param returned what it has returned: a promise of any realm or library, or anything else.
 */
export function watchReturned(returned: unknown, onRejected: (thrown: unknown) => void): void {
  if (typeof returned !== "object" || returned === null) return;
  try {
    if (typeof (returned as Partial<PromiseLike<unknown>>).then !== "function") return;
  } catch (thrown) {
    onRejected(thrown);
    return;
  }
  Promise.resolve(returned).catch(onRejected);
}

/** The error of the `require` that esbuild generates for an ES module. */
const NO_REQUIRE = /^Dynamic require of /;

/** Defines `require` in an ES module. */
const BANNER = 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);';

/**
 * Waits for the import of a part that is loaded on first use, because its dependencies are large.
 *
 * @param what name of the part, for the message.
 * @throws SnakepitError as described for {@link partError}.
 * @example
 * const { startBridgeServer } = await loadPart("the gRPC server", import("./bridge-server.ts"));
 */
export async function loadPart<Module>(what: string, loading: Promise<Module>): Promise<Module> {
  try {
    return await loading;
  } catch (thrown) {
    throw partError(what, thrown);
  }
}

/**
 * Returns the error for a part that cannot be loaded: `UNSUPPORTED_PLATFORM` if an optional package is not installed or
 * a bundle prevents the import, otherwise `INTERNAL`. An error of Snakepit is returned unchanged.
 *
 * @param what name of the part, for the message.
 * @param packageName the optional package that the part needs.
 */
export function partError(what: string, thrown: unknown, packageName?: string): SnakepitError {
  const { code, message } = thrown instanceof Error ? (thrown as NodeJS.ErrnoException) : {};
  const failure = `loading ${what} failed`;
  const options = { cause: thrown, startFailure: "permanent" } as const;
  if (packageName !== undefined && code === "ERR_MODULE_NOT_FOUND" && message?.includes(`'${packageName}'`)) {
    const remedy = `run: npm install ${packageName}`;
    const problem = `the optional package ${packageName} is not installed`;
    return new SnakepitError("UNSUPPORTED_PLATFORM", `${failure}: ${problem}; ${remedy}`, options);
  }
  if (NO_REQUIRE.test(message ?? "")) {
    const problem = "this bundle is an ES module without require()";
    const remedy = `give esbuild the option --banner:js='${BANNER}', or bundle with --format=cjs`;
    return new SnakepitError("UNSUPPORTED_PLATFORM", `${failure}: ${problem}; ${remedy}`, options);
  }
  return toSnakepitError(thrown, "INTERNAL", failure);
}
