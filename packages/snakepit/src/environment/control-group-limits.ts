import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** The limits of the control groups of this process; `null` without a limit. */
export interface ControlGroupLimits {
  /** Processors whose time the group may use, such as 1.5. */
  readonly processors: number | null;
  readonly memoryBytes: number | null;
}

/** Version 1 reports a number near 2^63 if there is no limit. */
const NO_LIMIT_BYTES = 2 ** 60;

/**
 * Resolves with the tightest limits of the control group of this process and of those that contain it: containers,
 * systemd services. Never rejects.
 *
 * See https://docs.kernel.org/admin-guide/cgroup-v2.html and https://docs.kernel.org/admin-guide/cgroup-v1/.
 *
 * @param root the directory with `proc` and `sys`.
 */
export async function controlGroupLimits(root = "/"): Promise<ControlGroupLimits> {
  const membership = await contentOf(join(root, "proc/self/cgroup"));
  const processors: number[] = [];
  const memory: number[] = [];
  for (const directory of directoriesOf(membership, join(root, "sys/fs/cgroup"), "cpu")) {
    const [maximum, period] = words(await contentOf(join(directory, "cpu.max")));
    processors.push(Number(maximum) / Number(period));
    const quota = await contentOf(join(directory, "cpu.cfs_quota_us"));
    processors.push(Number(quota) / Number(await contentOf(join(directory, "cpu.cfs_period_us"))));
  }
  for (const directory of directoriesOf(membership, join(root, "sys/fs/cgroup"), "memory")) {
    for (const name of ["memory.max", "memory.limit_in_bytes"]) {
      const text = await contentOf(join(directory, name));
      if (/^\d+$/.test(text)) memory.push(Number(text));
    }
  }
  return {
    processors: smallest(processors.filter((each) => Number.isFinite(each) && each > 0)),
    memoryBytes: smallest(memory.filter((each) => each < NO_LIMIT_BYTES)),
  };
}

/** Returns the directories of the group and of those that contain it, in both versions. */
function directoriesOf(membership: string, mount: string, controller: string): string[] {
  const directories: string[] = [];
  for (const line of membership.split("\n")) {
    const [, controllers, ...rest] = line.split(":");
    if (controllers !== "" && !controllers?.split(",").includes(controller)) continue;
    const base = controllers === "" ? mount : join(mount, controller);
    // A path outside of the mount, as in some containers, is that of the mount itself.
    const parts = rest
      .join(":")
      .split("/")
      .filter((part) => part !== "");
    const inside = parts.includes("..") ? [] : parts;
    for (let length = inside.length; length >= 0; length -= 1) directories.push(join(base, ...inside.slice(0, length)));
  }
  return directories;
}

function smallest(numbers: readonly number[]): number | null {
  return numbers.length === 0 ? null : Math.min(...numbers);
}

function words(text: string): readonly string[] {
  return text.split(/\s+/);
}

async function contentOf(file: string): Promise<string> {
  try {
    return (await readFile(file, "utf8")).trim();
  } catch {
    // The system has no control groups, or not this controller.
    return "";
  }
}
