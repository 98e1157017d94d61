import { rejectUnknownOptions, type SessionRecord } from "@snakepit/core";
import type { SessionDirectory, SessionStats } from "@snakepit/sessions";

/** All sessions of the store, as `pit.sessions`; those of other hosts that share it included. */
export class SessionList {
  readonly #directory: SessionDirectory;

  /** Made by the host. */
  constructor(directory: SessionDirectory) {
    this.#directory = directory;
  }

  /**
   * A session by its id. Counts as use.
   *
   * @throws SnakepitError `UNKNOWN_SESSION`, `SESSION_EXPIRED`, `INVALID_ARGUMENT`, `REGISTRY_UNAVAILABLE`.
   */
  get(id: string): Promise<SessionRecord> {
    return this.#directory.get(id);
  }

  /** Returns whether an active session has this id. Does not count as use. */
  exists(id: string): Promise<boolean> {
    return this.#directory.exists(id);
  }

  /**
   * Returns active sessions in the order of their ids, page by page.
   *
   * @param options.after begins after this id.
   * @param options.limit how many at most; 1,000 by default, and no more than 10,000.
   * @throws SnakepitError `INVALID_ARGUMENT`, `REGISTRY_UNAVAILABLE`.
   */
  async list(
    options: { readonly after?: string | undefined; readonly limit?: number | undefined } = {},
  ): Promise<readonly SessionRecord[]> {
    rejectUnknownOptions("sessions.list", options, ["after", "limit"]);
    return await this.#directory.list(options);
  }

  /** Ends a session and deletes what belongs to it. Returns whether it was active. */
  delete(id: string): Promise<boolean> {
    return this.#directory.delete(id);
  }

  /** How many sessions, variables and programs there are, and where they are kept. */
  stats(): Promise<SessionStats> {
    return this.#directory.stats();
  }

  /**
   * Deletes what belonged to expired sessions, and returns their number. Happens periodically as well.
   *
   * @throws SnakepitError `REGISTRY_UNAVAILABLE`, also when the uses of sessions could not be recorded.
   */
  sweep(): Promise<number> {
    return this.#directory.sweep();
  }
}
