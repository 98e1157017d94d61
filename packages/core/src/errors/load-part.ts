import { SnakepitError } from "./snakepit-error.ts";
import { toSnakepitError } from "./to-snakepit-error.ts";

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
