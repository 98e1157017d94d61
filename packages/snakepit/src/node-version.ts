import { SnakepitError } from "@snakepit/core";

/** The oldest Node.js that has what Snakepit uses; `engines` of the packages says the same. */
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
    `Snakepit needs Node.js ${OLDEST.join(".")} or newer, this is Node.js ${version}; install a newer one from https://nodejs.org or with your version manager`,
    { startFailure: "permanent", details: { version } },
  );
}
