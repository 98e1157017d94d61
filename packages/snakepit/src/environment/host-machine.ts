import { readFile } from "node:fs/promises";
import { availableParallelism, cpus, totalmem } from "node:os";
import { join } from "node:path";
import type { Memory, Processors } from "@snakepit/python-bridge";
import { controlGroupLimits } from "./control-group-limits.ts";

/**
 * Resolves with the processors of the machine, and how many of them this process may use. Never rejects.
 *
 * @param root the directory with `proc` and `sys`.
 */
export async function hostProcessors(root = "/"): Promise<Processors> {
  const { processors: quota } = await controlGroupLimits(root);
  const logical = cpus().length || availableParallelism();
  const allowed = /^Cpus_allowed_list:\s*(\S+)/m.exec(await contentOf(join(root, "proc/self/status")))?.[1];
  const affinity = allowed === undefined ? logical : countOf(allowed);
  // The size of a pool is derived from availableParallelism(), which considers affinity, and a quota of at least 1.
  const limited = quota === null ? availableParallelism() : Math.min(availableParallelism(), Math.floor(quota));
  return { logical, affinity, quota, usable: Math.max(1, limited) };
}

/**
 * Resolves with the memory of the machine, and how much of it this process may use. Never rejects.
 *
 * @param root the directory with `proc` and `sys`.
 */
export async function hostMemory(root = "/"): Promise<Memory> {
  const { memoryBytes: limitBytes } = await controlGroupLimits(root);
  const text = await contentOf(join(root, "proc/meminfo"));
  const totalBytes = sizeIn(text, "MemTotal") ?? totalmem();
  return {
    totalBytes,
    availableBytes: sizeIn(text, "MemAvailable"),
    limitBytes,
    usableBytes: limitBytes === null ? totalBytes : Math.min(totalBytes, limitBytes),
  };
}

/** Returns the number of processors in a list such as `0-3,8`. */
function countOf(list: string): number {
  return list.split(",").reduce((count, range) => {
    const [first = 0, last = first] = range.split("-").map(Number);
    return count + last - first + 1;
  }, 0);
}

function sizeIn(meminfo: string, name: string): number | null {
  const kilobytes = new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(meminfo)?.[1];
  return kilobytes === undefined ? null : Number(kilobytes) * 1024;
}

async function contentOf(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch {
    // macOS has no /proc.
    return "";
  }
}
