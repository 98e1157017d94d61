import { setTimeout as sleep } from "node:timers/promises";
import { tooMuchContention } from "./variable-errors.ts";

/** How often a write is tried when others change the variable at the same time. */
const MOST = 100;
/** Attempts that follow each other at once: most often nobody is in the way twice. */
const AT_ONCE = 3;
const LONGEST_DELAY_MS = 20;

/** The attempts to write to a variable that others write to, too. */
export class WriteAttempts {
  readonly #name: string;
  #failed = 0;

  constructor(name: string) {
    this.#name = name;
  }

  /**
   * Another one was faster. Waits before the next attempt, longer each time and never for the same time as others in the
   * same situation: else the one whose attempts take longer would never be first.
   *
   * @returns whether it has waited, so that what was known before may be old.
   * @throws SnakepitError `INVALID_ARGUMENT` with the reason `version` after a hundred attempts.
   */
  async failed(): Promise<boolean> {
    this.#failed += 1;
    if (this.#failed === MOST) throw tooMuchContention(this.#name, MOST);
    if (this.#failed <= AT_ONCE) return false;
    await sleep(Math.random() * Math.min(2 ** (this.#failed - AT_ONCE), LONGEST_DELAY_MS));
    return true;
  }
}
