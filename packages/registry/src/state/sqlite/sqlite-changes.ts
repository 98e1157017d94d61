import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { StateChange } from "@snakepit/core";
import type { ChangeFeed } from "../state-database.ts";

/**
 * Notices that another connection has written to the file: the data version that a connection sees changes with every
 * commit of another one, in this process or elsewhere (https://www.sqlite.org/pragma.html#pragma_data_version). It
 * does not identify what was written.
 */
export class SqliteChanges implements ChangeFeed {
  readonly #version: StatementSync;
  readonly #periodMs: number;
  #timer: NodeJS.Timeout | undefined;

  /** @param periodMs how often to look, in milliseconds; so long can a change stay unnoticed. */
  constructor(connection: DatabaseSync, periodMs: number) {
    this.#version = connection.prepare("pragma data_version");
    this.#periodMs = periodMs;
  }

  /** Others look for themselves. */
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

  /** A different value each time when the file cannot be read; users of the store get the error from their queries. */
  #current(): unknown {
    try {
      return this.#version.get()?.["data_version"];
    } catch {
      return {};
    }
  }
}
