import { rejectUnknownOptions, type SessionRecord } from "@snakepit/core";
import type { SessionDirectory, SessionStats } from "@snakepit/sessions";

/** All sessions of the store, including those of other hosts that share it. Available as `pit.sessions`. */
export class SessionList {
  readonly #directory: SessionDirectory;

  /** Created by the host. */
  constructor(directory: SessionDirectory) {
    this.#directory = directory;
  }

  /**
   * Resolves with a session. Counts as use.
   *
   * @throws SnakepitError `UNKNOWN_SESSION`, `SESSION_EXPIRED`, `INVALID_ARGUMENT`, `REGISTRY_UNAVAILABLE`.
   */
  get(id: string): Promise<SessionRecord> {
    return this.#directory.get(id);
  }

  /** Resolves with whether an active session has this ID. Does not count as use. */
  exists(id: string): Promise<boolean> {
    return this.#directory.exists(id);
  }

  /**
   * Resolves with one page of the active sessions, in the order of their IDs.
   *
   * @param options.after the page starts after this ID.
   * @param options.limit size of the page; 1,000 by default, at most 10,000.
   * @throws SnakepitError `INVALID_ARGUMENT`, `REGISTRY_UNAVAILABLE`.
   */
  async list(
    options: { readonly after?: string | undefined; readonly limit?: number | undefined } = {},
  ): Promise<readonly SessionRecord[]> {
    rejectUnknownOptions("sessions.list", options, ["after", "limit"]);
    return await this.#directory.list(options);
  }

  /** Ends a session and deletes its variables, programs and host tools. Resolves with whether it was active. */
  delete(id: string): Promise<boolean> {
    return this.#directory.delete(id);
  }

  /** Resolves with the kind of the store and its numbers of sessions, variables and programs. */
  stats(): Promise<SessionStats> {
    return this.#directory.stats();
  }

  /**
   * Deletes the data of expired sessions and resolves with their number. The host also does so periodically.
   *
   * @throws SnakepitError `REGISTRY_UNAVAILABLE`, also when the uses of sessions could not be recorded.
   */
  sweep(): Promise<number> {
    return this.#directory.sweep();
  }
}
