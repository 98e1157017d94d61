/** A condition that was checked after a disturbance. */
export interface Finding {
  /** What must hold, as a sentence. */
  readonly what: string;
  readonly holds: boolean;
  /** What was found instead. */
  readonly detail?: string | undefined;
}

/** The conditions that a scenario has checked, and those that did not hold. */
export class Checks {
  readonly #counts = new Map<string, number>();
  readonly #violations: string[] = [];

  /** The conditions, each with the number of times that it was checked. */
  get checked(): ReadonlyMap<string, number> {
    return this.#counts;
  }

  get violations(): readonly string[] {
    return this.#violations;
  }

  /**
   * Records a condition.
   *
   * @param detail what was found instead; reported if the condition does not hold.
   */
  that(what: string, holds: boolean, detail: unknown = ""): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + 1);
    if (holds) return;
    const found = typeof detail === "string" ? detail : JSON.stringify(detail);
    this.#violations.push(found === "" ? what : `${what}; got ${found}`);
  }

  /** Records conditions that another process has checked. */
  all(findings: readonly Finding[]): void {
    for (const { what, holds, detail } of findings) this.that(what, holds, detail);
  }

  /** Records that a scenario could not continue. */
  fail(problem: string): void {
    this.#violations.push(problem);
  }
}
