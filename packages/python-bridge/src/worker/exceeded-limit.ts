import { SnakepitError } from "@snakepit/core";
import type { WorkerIdentity, WorkerProcessExit } from "../launch/worker-process.ts";

/** What Python, C++, Rust and OpenBLAS write before they end because an allocation or a new thread was refused. */
const ALLOCATION_FAILED =
  /^(?:\w+\.)*_?\w*MemoryError\b|std::bad_alloc|memory allocation of \d+ bytes failed|[Cc]annot allocate memory|Memory allocation still failed|can't start new thread|failed to map segment/m;

/**
 * Returns the error of a process that ended because it exceeded a limit of its resources, with the name and the value
 * of the limit; `undefined` if it ended for another reason.
 *
 * @param stderr the last lines that Python code wrote to `sys.stderr`.
 */
export function exceededLimit(
  { pool, workerId, pid, limits }: WorkerIdentity,
  { exitCode, signal, outOfMemory, stderrTail }: WorkerProcessExit,
  stderr = "",
): SnakepitError | undefined {
  const { addressSpaceMb, cpuSeconds, memoryMb } = limits ?? {};
  const error = (code: "OUT_OF_MEMORY" | "WORKER_CRASHED", message: string, limit: object) =>
    new SnakepitError(code, message, { pool, workerId, details: { pid, ...limit } });
  if (outOfMemory && memoryMb !== undefined) {
    return error(
      "OUT_OF_MEMORY",
      `it was killed by the kernel because it was out of memory; its limit is ${memoryMb} MiB (limits.memoryMb); increase the limit, or do less in one call`,
      { memoryMb },
    );
  }
  if (outOfMemory) {
    return error(
      "OUT_OF_MEMORY",
      "it was killed by the kernel because it was out of memory; add memory to the machine or container, run fewer workers, or reduce the memory use of the tool",
      {},
    );
  }
  if (signal === "SIGXCPU" && cpuSeconds !== undefined) {
    return error(
      "WORKER_CRASHED",
      `it used more than ${cpuSeconds} s of processor time (limits.cpuSeconds) and was terminated by SIGXCPU; increase the limit, or do less in one call`,
      { cpuSeconds },
    );
  }
  const failed = signal !== undefined || (exitCode !== undefined && exitCode !== 0);
  if (addressSpaceMb !== undefined && failed && ALLOCATION_FAILED.test(`${stderr}\n${stderrTail}`)) {
    return error(
      "OUT_OF_MEMORY",
      `it ended because it ran out of memory: its address space is limited to ${addressSpaceMb} MiB (limits.addressSpaceMb); increase the limit, or do less in one call`,
      { addressSpaceMb },
    );
  }
  return undefined;
}
