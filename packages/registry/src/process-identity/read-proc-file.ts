import { readFileSync } from "node:fs";

/**
 * A file of a process in /proc; `undefined` when there is no such process or it may not be looked at.
 *
 * @throws what the file system says when this process, or the system, has no file descriptor left: that nothing can be
 *   seen does not mean that the process is dead.
 */
export function readProcFile(pid: number, file: "stat" | "environ"): Buffer | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`);
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    if (code === "EMFILE" || code === "ENFILE") throw thrown;
    return undefined;
  }
}
