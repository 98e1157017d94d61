import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Removes a directory when its stdin ends; those that write into it may need a moment to notice that. */
const REMOVER = `
  cat >/dev/null
  for attempt in $(seq 100); do
    rm -rf "$1" 2>/dev/null && exit 0
    sleep 0.1
  done
  exit 1`;

/**
 * A directory for all that a run writes: sockets, databases, the registry of its hosts. It goes with this process, also
 * when that is killed: a process of its own waits for that.
 */
export class ScratchDirectory implements AsyncDisposable {
  readonly path: string;
  readonly #remover: ChildProcess;

  private constructor(path: string) {
    this.path = path;
    // In a group of its own, which neither Ctrl-C nor the killing of ours reaches.
    this.#remover = spawn("/bin/sh", ["-c", REMOVER, "sh", path], {
      stdio: ["pipe", "ignore", "inherit"],
      detached: true,
    });
  }

  /** Makes it, and makes it the place of everything temporary, also of the processes that are started from now on. */
  static open(): ScratchDirectory {
    const path = mkdtempSync(join(tmpdir(), "snakepit-bench-"));
    // PostgreSQL runs as another user where this one is root.
    chmodSync(path, 0o711);
    const scratch = new ScratchDirectory(path);
    for (const name of ["TMPDIR", "XDG_RUNTIME_DIR", "XDG_STATE_HOME"]) process.env[name] = path;
    return scratch;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const exited = once(this.#remover, "exit");
    this.#remover.stdin?.end();
    const [code] = await exited;
    if (code !== 0) throw new Error(`${this.path} could not be removed; something still writes into it`);
  }
}
