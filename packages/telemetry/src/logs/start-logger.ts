import type { Logger } from "@snakepit/core";

/** What a host that is starting has to say of itself, until it is known how the start ends. */
export interface HeldRecords {
  /** The start succeeded all the same: writes what was held back, as it was meant. */
  release(): void;
  /** The start failed, and its error has the reason: writes what was held back at the level debug. */
  demote(): void;
}

interface HeldRecord {
  readonly level: "warn" | "error";
  readonly facts: object;
  readonly message: string;
}

/**
 * A logger that can hold back warnings and errors for a while: a start that fails rejects with the cause, which would
 * be repeated for each worker. What workers print and log is written at once.
 */
export class StartLogger implements Logger {
  readonly #target: Logger;
  #held: HeldRecord[] | undefined;

  constructor(target: Logger) {
    this.#target = target;
  }

  /** Holds records back until the caller releases or demotes them. */
  holdBack(): HeldRecords {
    const held: HeldRecord[] = [];
    this.#held = held;
    const end = (levelOf: (record: HeldRecord) => keyof Logger) => {
      this.#held = undefined;
      for (const record of held.splice(0)) this.#target[levelOf(record)](record.facts, record.message);
    };
    return { release: () => end(({ level }) => level), demote: () => end(() => "debug") };
  }

  debug(facts: object, message: string): void {
    this.#target.debug(facts, message);
  }

  info(facts: object, message: string): void {
    this.#target.info(facts, message);
  }

  warn(facts: object, message: string): void {
    this.#write("warn", facts, message);
  }

  error(facts: object, message: string): void {
    this.#write("error", facts, message);
  }

  #write(level: HeldRecord["level"], facts: object, message: string): void {
    if (this.#held === undefined || "source" in facts) this.#target[level](facts, message);
    else this.#held.push({ level, facts, message });
  }
}
