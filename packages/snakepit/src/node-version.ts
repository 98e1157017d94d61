import { SnakepitError } from "@snakepit/core";

/** The oldest supported version of Node.js; `engines` in the package manifests states the same. */
const OLDEST = [22, 18] as const;

/**
 * Checks that this Node.js can run a host.
 *
 * @param version as in `process.versions.node`.
 * @throws SnakepitError `UNSUPPORTED_PLATFORM`.
 */
export function checkNodeVersion(version: string = process.versions.node): void {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return;
  throw new SnakepitError(
    "UNSUPPORTED_PLATFORM",
    `Node.js must be version ${OLDEST.join(".")} or newer; got ${version}; install a newer version from https://nodejs.org or with your version manager`,
    { startFailure: "permanent", details: { version } },
  );
}
