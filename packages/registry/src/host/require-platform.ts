import { readFileSync, readlinkSync } from "node:fs";
import { SnakepitError } from "@snakepit/core";

/** What processes, boots and containers are told apart by (proc(5)). */
const NEEDED: readonly (readonly [string, (path: string) => unknown])[] = [
  ["/proc/self/stat", readFileSync],
  ["/proc/self/ns/pid", readlinkSync],
  ["/proc/sys/kernel/random/boot_id", readFileSync],
];

/**
 * Checks that this system tells processes apart.
 *
 * @throws SnakepitError `UNSUPPORTED_PLATFORM` with what is missing and the remedy.
 */
export function requirePlatform(): void {
  switch (process.platform) {
    case "darwin":
      return;
    case "linux":
      for (const [path, read] of NEEDED) {
        try {
          read(path);
        } catch (thrown) {
          throw unsupported(
            `${path} cannot be read (${(thrown as NodeJS.ErrnoException).code}): /proc is not mounted, or is mounted with subset=pid; mount it whole in this container or sandbox (mount -t proc proc /proc)`,
            thrown,
          );
        }
      }
      return;
    default:
      throw unsupported(`processes cannot be told apart on ${process.platform}; use Linux or macOS`);
  }
}

function unsupported(reason: string, cause?: unknown): SnakepitError {
  // Trying again without a change to the system is pointless.
  return new SnakepitError("UNSUPPORTED_PLATFORM", reason, { cause, startFailure: "permanent" });
}
