import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { recordingLogger } from "@snakepit/telemetry/testing/recording-logger";
import { afterEach, beforeEach, expect } from "vitest";
import { Snakepit, type SnakepitConfig, SnakepitError } from "../index.ts";
import { processesWith } from "./processes.ts";

const MARK = "SNAKEPIT_START_TEST";

/**
 * Has each test of a file make starts that must fail, in a directory of its own. A test fails when one of them leaves
 * something behind, or when the host has said what belongs into the error.
 */
export function failingStarts(): () => FailingStarts {
  let starts: FailingStarts;
  beforeEach(() => {
    starts = new FailingStarts();
  });
  afterEach(() => {
    const { leftovers, said } = starts;
    starts.end();
    expect(leftovers).toEqual([]);
    expect(said).toEqual([]);
  });
  return () => starts;
}

/** Starts that must fail, and what they leave behind. */
class FailingStarts {
  /** For the files of a test. */
  readonly directory = mkdtempSync(join(tmpdir(), "snakepit-start-"));
  readonly #mark = randomUUID();
  readonly #sockets = join(this.directory, "sockets");
  readonly #registry = join(this.directory, "registry.db");
  readonly #logger = recordingLogger();

  constructor() {
    mkdirSync(this.#sockets);
    // What is started inherits it.
    process.env[MARK] = this.#mark;
  }

  /** Writes a file and gives its path. */
  write(name: string, text: string, mode = 0o600): string {
    const path = join(this.directory, name);
    writeFileSync(path, text, { mode });
    return path;
  }

  /** The error of a start that fails. Options that are not given lie in the directory. */
  async error(config: SnakepitConfig): Promise<SnakepitError> {
    const places = { registry: { path: this.#registry }, socketDirectory: this.#sockets, logger: this.#logger };
    try {
      await using _ = await Snakepit.start({ ...places, ...config });
    } catch (error) {
      if (!(error instanceof SnakepitError)) throw error;
      return error;
    }
    throw new Error("the start succeeded");
  }

  /** Processes, sockets and rows that are left; none should be. */
  get leftovers(): readonly string[] {
    return [
      ...processesWith(MARK, this.#mark).map((pid) => `process ${pid}`),
      ...readdirSync(this.#sockets).map((name) => `directory ${name}`),
      ...this.#rows(),
    ];
  }

  /** What the host itself said at a level that people see; what stands in the error should not be among it. */
  get said(): readonly string[] {
    return this.#logger.records
      .filter(({ level, facts }) => level !== "debug" && !("source" in facts))
      .map(({ message }) => message);
  }

  end(): void {
    delete process.env[MARK];
    rmSync(this.directory, { recursive: true });
  }

  #rows(): string[] {
    if (!existsSync(this.#registry)) return [];
    const database = new DatabaseSync(this.#registry, { readOnly: true });
    try {
      return ["hosts", "processes"].flatMap((table) =>
        database
          .prepare(`select run_id from ${table}`)
          .all()
          .map((row) => `row of ${String(row["run_id"])} in ${table}`),
      );
    } finally {
      database.close();
    }
  }
}
