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
 * Provides starts that must fail to the tests of a file, in a separate directory for each test. A test fails when a
 * start leaves a process, socket or row behind, or when the host logs details that belong in the error.
 */
export function failingStarts(): () => FailingStarts {
  let starts: FailingStarts;
  beforeEach(() => {
    starts = new FailingStarts();
  });
  afterEach(() => {
    const { leftovers, logged } = starts;
    starts.end();
    expect(leftovers).toEqual([]);
    expect(logged).toEqual([]);
  });
  return () => starts;
}

/** Starts that must fail, and the resources that they leave behind. */
class FailingStarts {
  /** The directory of the test's files. */
  readonly directory = mkdtempSync(join(tmpdir(), "snakepit-start-"));
  readonly #mark = randomUUID();
  readonly #sockets = join(this.directory, "sockets");
  readonly #registry = join(this.directory, "registry.db");
  readonly #logger = recordingLogger();

  constructor() {
    mkdirSync(this.#sockets);
    // Started processes inherit the variable.
    process.env[MARK] = this.#mark;
  }

  /** Writes a file and returns its path. */
  write(name: string, content: string, mode = 0o600): string {
    const path = join(this.directory, name);
    writeFileSync(path, content, { mode });
    return path;
  }

  /** Resolves with the error of a failed start. Registry and sockets are in the directory by default. */
  async error(config: SnakepitConfig): Promise<SnakepitError> {
    const places = { registry: { path: this.#registry }, socketDirectory: this.#sockets, logger: this.#logger };
    // A time limit that a machine under load does not reach. It is an option of a pool.
    const limits = "worker" in config ? { startTimeoutMs: "2m" } : {};
    try {
      await using _ = await Snakepit.start({ ...places, ...limits, ...config } as SnakepitConfig);
    } catch (error) {
      if (!(error instanceof SnakepitError)) throw error;
      return error;
    }
    throw new Error("the start must fail; it succeeded");
  }

  /** Whether the registry contains a running process of this role. */
  isRegistered(role: "worker" | "zygote"): boolean {
    const statement = "select run_id from processes where role = ? and pid is not null";
    return this.#query((database) => database.prepare(statement).all(role)).length > 0;
  }

  /** Remaining processes, sockets and rows; must be empty. */
  get leftovers(): readonly string[] {
    return [
      ...processesWith(MARK, this.#mark).map((pid) => `process ${pid}`),
      ...readdirSync(this.#sockets).map((name) => `directory ${name}`),
      ...this.#rows(),
    ];
  }

  /** Messages that the host itself logged above the level debug; must be empty. */
  get logged(): readonly string[] {
    return this.#logger.records
      .filter(({ level, facts }) => level !== "debug" && !("source" in facts))
      .map(({ message }) => message);
  }

  end(): void {
    delete process.env[MARK];
    rmSync(this.directory, { recursive: true });
  }

  #rows(): string[] {
    return this.#query((database) =>
      ["hosts", "processes"].flatMap((table) =>
        database
          .prepare(`select run_id from ${table}`)
          .all()
          .map((row) => `row of ${String(row["run_id"])} in ${table}`),
      ),
    );
  }

  /** Reads rows of the registry. Returns an empty array while its file is missing. */
  #query<Row>(read: (database: DatabaseSync) => Row[]): Row[] {
    if (!existsSync(this.#registry)) return [];
    const database = new DatabaseSync(this.#registry, { readOnly: true });
    try {
      return read(database);
    } finally {
      database.close();
    }
  }
}
