import type { Logger } from "@snakepit/core";

/** The records of a starting host, which are held back until the start succeeds or fails. */
export interface HeldRecords {
  /** Writes the records at their level, after a successful start. */
  release(): void;
  /** Writes the records at the level debug, after a failed start, whose error contains the cause. */
  demote(): void;
}

interface HeldRecord {
  readonly level: "warn" | "error";
  readonly facts: object;
  readonly message: string;
}

/**
 * A logger that can hold back warnings and errors during the start. When a start fails, its error contains the cause,
 * and each worker would log it again. Output and log records of workers are written immediately.
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
