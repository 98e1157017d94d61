import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Deletes a directory when its stdin ends; processes that write into it may need a moment to exit. */
const REMOVER = `
  cat >/dev/null
  for attempt in $(seq 100); do
    rm -rf "$1" 2>/dev/null && exit 0
    sleep 0.1
  done
  exit 1`;

/**
 * A directory for everything that a run writes: sockets, databases, the registry of its hosts. A separate process
 * deletes it when this process ends, even when it is killed.
 */
export class ScratchDirectory implements AsyncDisposable {
  readonly path: string;
  readonly #remover: ChildProcess;

  private constructor(path: string) {
    this.path = path;
    // In its own process group, so that neither Ctrl-C nor a kill of ours reaches it.
    this.#remover = spawn("/bin/sh", ["-c", REMOVER, "sh", path], {
      stdio: ["pipe", "ignore", "inherit"],
      detached: true,
    });
  }

  /** Creates the directory and makes it the temporary directory of this process and of those that it starts. */
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
    if (code !== 0) throw new Error(`${this.path} could not be deleted: another process still writes to it`);
  }
}
