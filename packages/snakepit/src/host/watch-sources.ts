import { type FSWatcher, watch } from "node:fs";
import { dirname, join } from "node:path";
import { SnakepitError } from "@snakepit/core";
import type { WorkerPool } from "@snakepit/pool";
import type { Telemetry } from "@snakepit/telemetry";

/** Milliseconds without a further change before a reload: editors and formatters write a file several times. */
const QUIET_MS = 100;

/**
 * Reloads a pool when a source file that its workers have loaded changes. Watches directories: editors replace files,
 * and a watcher of a file would follow the old one.
 */
export class SourceWatcher {
  readonly #pool: WorkerPool;
  readonly #telemetry: Telemetry;
  readonly #directories = new Map<string, FSWatcher>();
  readonly #unsubscribe: () => void;
  #files: ReadonlySet<string> = new Set();
  #timer: NodeJS.Timeout | undefined;
  /** Whether the last reload failed: the file to correct may be one that no worker has loaded. */
  #hasFailed = false;
  #runningReloads = 0;
  /** Whether such a file has changed during a reload, which it corrects if that fails. */
  #mayCorrect = false;
  #isClosed = false;

  constructor(pool: WorkerPool, telemetry: Telemetry) {
    this.#pool = pool;
    this.#telemetry = telemetry;
    this.#update();
    this.#unsubscribe = telemetry.on("worker.ready", (event) => {
      if (event.pool === pool.name) this.#update();
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#unsubscribe();
    clearTimeout(this.#timer);
    for (const watcher of this.#directories.values()) watcher.close();
    this.#directories.clear();
  }

  /** Watches the directories of the files that the workers have loaded. */
  #update(): void {
    const files = this.#pool.sourceFiles();
    // While no worker is ready, those of the last ones stay watched.
    if (files.length === 0 || this.#isClosed) return;
    this.#files = new Set(files);
    const directories = new Set(files.map(dirname));
    for (const [directory, watcher] of this.#directories) {
      if (directories.has(directory)) continue;
      watcher.close();
      this.#directories.delete(directory);
    }
    for (const directory of directories) if (!this.#directories.has(directory)) this.#watch(directory);
  }

  #watch(directory: string): void {
    try {
      const watcher = watch(directory, { persistent: false }, (_event, file) => this.#changed(directory, file));
      watcher.on("error", (error) => this.#cannotWatch(directory, error));
      this.#directories.set(directory, watcher);
    } catch (thrown) {
      this.#cannotWatch(directory, thrown);
    }
  }

  #cannotWatch(directory: string, cause: unknown): void {
    const message = `the Python files in ${directory} cannot be watched; call pit.reload() after a change`;
    this.#telemetry.log.warn({ err: new SnakepitError("INTERNAL", message, { cause }), directory }, message);
  }

  #changed(directory: string, file: string | null): void {
    // The system may omit the name.
    const isLoaded = file === null || this.#files.has(join(directory, file));
    if (!isLoaded && !file.endsWith(".py")) return;
    if (isLoaded || this.#hasFailed) this.#reloadSoon();
    else if (this.#runningReloads > 0) this.#mayCorrect = true;
  }

  #reloadSoon(): void {
    clearTimeout(this.#timer);
    if (this.#isClosed) return;
    this.#timer = setTimeout(() => void this.#reload(), QUIET_MS);
    this.#timer.unref();
  }

  async #reload(): Promise<void> {
    this.#runningReloads += 1;
    this.#mayCorrect = false;
    try {
      await this.#pool.reload();
      this.#hasFailed = false;
    } catch {
      // Reported as `pool.reload-failed`.
      this.#hasFailed = true;
      if (this.#mayCorrect) this.#reloadSoon();
    } finally {
      this.#runningReloads -= 1;
    }
  }
}
