import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { StateChange } from "@snakepit/core";
import type { ChangeFeed } from "../state-database.ts";

/**
 * Detects that another connection has written to the file: the data version of a connection changes with every commit
 * of another one, in this process or elsewhere (https://www.sqlite.org/pragma.html#pragma_data_version). It does not
 * identify what was written.
 */
export class SqliteChanges implements ChangeFeed {
  readonly #version: StatementSync;
  readonly #periodMs: number;
  #timer: NodeJS.Timeout | undefined;

  /** @param periodMs the interval of the checks, in milliseconds. */
  constructor(connection: DatabaseSync, periodMs: number) {
    this.#version = connection.prepare("pragma data_version");
    this.#periodMs = periodMs;
  }

  /** Does nothing: other stores check the file. */
  publish(): void {}

  listen(listener: (change: StateChange) => void): void {
    let seen = this.#current();
    this.#timer = setInterval(() => {
      const current = this.#current();
      if (current === seen) return;
      seen = current;
      listener({ is: "everything" });
    }, this.#periodMs);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /**
   * Returns the data version; a new value each time when it cannot be read. Users of the store receive the error from
   * queries.
   */
  #current(): unknown {
    try {
      return this.#version.get()?.["data_version"];
    } catch {
      return {};
    }
  }
}
