import { readFileSync, readlinkSync } from "node:fs";
import { SnakepitError } from "@snakepit/core";

/** The files that identify processes, boots and containers (proc(5)). */
const REQUIRED_FILES: readonly (readonly [string, (path: string) => unknown])[] = [
  ["/proc/self/stat", readFileSync],
  ["/proc/self/ns/pid", readlinkSync],
  ["/proc/sys/kernel/random/boot_id", readFileSync],
];

/**
 * Checks that processes can be identified on this system.
 *
 * @throws SnakepitError `UNSUPPORTED_PLATFORM` with the missing file and the remedy.
 */
export function requirePlatform(): void {
  switch (process.platform) {
    case "darwin":
      return;
    case "linux":
      for (const [path, read] of REQUIRED_FILES) {
        try {
          read(path);
        } catch (thrown) {
          throw unsupported(
            `${path} cannot be read (${(thrown as NodeJS.ErrnoException).code}): /proc is not mounted, or is mounted with subset=pid; mount it completely in this container or sandbox (mount -t proc proc /proc)`,
            thrown,
          );
        }
      }
      return;
    default:
      throw unsupported(`the platform must be Linux or macOS; got ${process.platform}`);
  }
}

function unsupported(reason: string, cause?: unknown): SnakepitError {
  // A retry cannot succeed without a change to the system.
  return new SnakepitError("UNSUPPORTED_PLATFORM", reason, { cause, startFailure: "permanent" });
}
