import { type EntryOutcome, type EntryRecord, type EntryWrite, SnakepitError, type ValueCodec } from "@snakepit/core";
import { checkVariable } from "./types/check-variable.ts";
import { readDefinition } from "./variable.ts";
import type { VariableEntries } from "./variable-entries.ts";
import { invalidVersion, namedTwice, notSet, otherVersion } from "./variable-errors.ts";
import { checkVariableName } from "./variable-name.ts";
import { WriteAttempts } from "./write-attempts.ts";

/** A value for a variable that is there. */
export interface VariableWrite {
  readonly name: string;
  readonly value: unknown;
  /** The version that the variable must have; absent, it is written whatever was there. */
  readonly version?: number | undefined;
}

/** What became of one write of a batch. */
export type VariableOutcome =
  /** It was written, and has this version now. */
  | { readonly is: "set"; readonly name: string; readonly version: number }
  /** It was not. */
  | { readonly is: "failed"; readonly name: string; readonly error: SnakepitError };

/** A value that was checked against the definition that was read with it. */
export function checkedWrite(entry: EntryRecord, value: unknown, version: number, codec: ValueCodec): EntryWrite {
  const { name } = entry;
  const { type, constraints } = readDefinition(entry);
  const kept = codec.encode(checkVariable(type, constraints, value, name), `variable "${name}"`);
  // A variable that was deleted and registered anew, perhaps with another definition, never has this version.
  return { name, value: kept, expects: version };
}

/** Values for several variables of a session, which are written together. */
export class VariableBatch {
  readonly #entries: VariableEntries;
  readonly #codec: ValueCodec;
  readonly #writes: ReadonlyMap<string, VariableWrite>;
  readonly #atomic: boolean;
  readonly #outcomes = new Map<string, VariableOutcome>();
  /** What is there, as far as is known, of the variables that are still to be written. */
  readonly #open = new Map<string, EntryRecord>();
  #firstError: SnakepitError | undefined;
  #attempts: WriteAttempts | undefined;

  /** @throws SnakepitError `INVALID_ARGUMENT` for a name that is none, or is there twice. */
  constructor(entries: VariableEntries, codec: ValueCodec, writes: readonly VariableWrite[], atomic: boolean) {
    this.#entries = entries;
    this.#codec = codec;
    this.#atomic = atomic;
    const byName = new Map<string, VariableWrite>();
    for (const write of writes) {
      checkVariableName(write.name);
      if (write.version !== undefined && !Number.isSafeInteger(write.version)) throw invalidVersion(write);
      if (byName.has(write.name)) throw namedTwice(write.name);
      byName.set(write.name, write);
    }
    this.#writes = byName;
  }

  get names(): readonly string[] {
    return [...this.#writes.keys()];
  }

  /** Writes them; one outcome for each, in order. */
  async write(): Promise<readonly VariableOutcome[]> {
    await this.#look(this.names);
    while (this.#goesOn) await this.#attempt();
    const because = this.#firstError;
    for (const name of this.#open.keys()) if (because !== undefined) this.#fail(name, notSet(name, because));
    return this.names.map((name) => this.#outcomes.get(name) as VariableOutcome);
  }

  /** Whether there is something left that can be written: of an atomic batch nothing, when one of them has failed. */
  get #goesOn(): boolean {
    return this.#open.size > 0 && !(this.#atomic && this.#firstError !== undefined);
  }

  async #attempt(): Promise<void> {
    const checked = [...this.#open.values()].flatMap((entry) => this.#checked(entry) ?? []);
    if (!this.#goesOn) return;
    const outcomes = await this.#entries.write(checked, this.#atomic);
    for (const [index, { name }] of checked.entries()) await this.#settle(name, outcomes[index] as EntryOutcome);
    if (this.#goesOn) await this.#again();
  }

  #checked(entry: EntryRecord): EntryWrite | undefined {
    const { value, version = entry.version } = this.#writes.get(entry.name) as VariableWrite;
    try {
      return checkedWrite(entry, value, version, this.#codec);
    } catch (thrown) {
      if (!(thrown instanceof SnakepitError)) throw thrown;
      this.#fail(entry.name, thrown);
      return undefined;
    }
  }

  async #settle(name: string, outcome: EntryOutcome): Promise<void> {
    if (outcome.is === "written") {
      this.#open.delete(name);
      this.#outcomes.set(name, { is: "set", name, version: outcome.entry.version });
      return;
    }
    if (outcome.is !== "conflict") return;
    const expected = this.#writes.get(name)?.version;
    if (expected !== undefined && outcome.entry !== undefined) {
      this.#fail(name, otherVersion(name, expected, outcome.entry.version));
      return;
    }
    await this.#know(name, outcome.entry);
  }

  /** Somebody else has written meanwhile. */
  async #again(): Promise<void> {
    const [first = ""] = this.#open.keys();
    this.#attempts ??= new WriteAttempts(first);
    try {
      if (!(await this.#attempts.failed())) return;
    } catch (thrown) {
      for (const name of this.#open.keys()) this.#fail(name, thrown as SnakepitError);
      return;
    }
    await this.#look([...this.#open.keys()]);
  }

  async #look(names: readonly string[]): Promise<void> {
    const found = new Map((await this.#entries.read(names)).map((entry) => [entry.name, entry]));
    for (const name of names) await this.#know(name, found.get(name));
  }

  async #know(name: string, entry: EntryRecord | undefined): Promise<void> {
    if (entry === undefined) this.#fail(name, await this.#entries.unknown(name));
    else this.#open.set(name, entry);
  }

  #fail(name: string, error: SnakepitError): void {
    this.#open.delete(name);
    this.#firstError ??= error;
    this.#outcomes.set(name, { is: "failed", name, error });
  }
}
