import { type HealthCheck, maskUrlSecrets, SnakepitError, toSnakepitError } from "@snakepit/core";

/** A database that a health report asks. */
export interface CheckedDatabase {
  /** The name of the check, which is also that of the database in its reasons. */
  readonly name: "store" | "registry";
  /** What it is in a reason, such as `the session store (postgresql)`. */
  readonly subject: string;
  /** Whether the host is not ready while it does not answer. */
  readonly isRequired: boolean;
  /** Resolves when the database has answered a query. */
  readonly ping: () => Promise<void>;
}

/**
 * Checks whether a database answers within a time limit. Only one query is active at a time, however many reports are
 * requested: they share it.
 */
export class DatabaseCheck {
  readonly #database: CheckedDatabase;
  readonly #timeoutMs: number;
  #active: Promise<void> | undefined;

  constructor(database: CheckedDatabase, timeoutMs: number) {
    this.#database = database;
    this.#timeoutMs = timeoutMs;
  }

  /** Never rejects. */
  async run(): Promise<HealthCheck> {
    const { name, subject, isRequired } = this.#database;
    const startedAt = performance.now();
    const values = { timeoutMs: this.#timeoutMs };
    try {
      await this.#answerInTime();
      const answerMs = Math.round(performance.now() - startedAt);
      return { name, status: "pass", reason: `${subject} answers`, values: { ...values, answerMs } };
    } catch (thrown) {
      const { message } = toSnakepitError(thrown, "INTERNAL");
      const [line = ""] = maskUrlSecrets(message).split("\n", 1);
      return { name, status: isRequired ? "fail" : "warn", reason: `${subject} does not answer: ${line}`, values };
    }
  }

  async #answerInTime(): Promise<void> {
    this.#active ??= this.#database.ping().finally(() => {
      this.#active = undefined;
    });
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      reject(new SnakepitError("REGISTRY_UNAVAILABLE", `no answer within ${this.#timeoutMs} ms`));
    }, this.#timeoutMs);
    try {
      await Promise.race([this.#active, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}
