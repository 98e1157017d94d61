import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A directory for the files of a test; removed on disposal. */
export class TargetFiles implements AsyncDisposable {
  readonly directory = mkdtempSync(join(tmpdir(), "snakepit-targets-"));

  /** Writes a file and returns its path. */
  write(name: string, text: string, mode = 0o600): string {
    const path = join(this.directory, name);
    writeFileSync(path, text, { mode });
    return path;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    rmSync(this.directory, { recursive: true, force: true });
  }
}
