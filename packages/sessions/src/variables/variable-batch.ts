import { type EntryOutcome, type EntryRecord, type EntryWrite, SnakepitError, type ValueCodec } from "@snakepit/core";
import { WriteAttempts } from "../updates/write-contention.ts";
import { checkVariable } from "./types/check-variable.ts";
import { readDefinition } from "./variable.ts";
import type { VariableEntries } from "./variable-entries.ts";
import { invalidVersion, namedTwice, notSet, otherVersion, tooMuchContention } from "./variable-errors.ts";
import { checkVariableName } from "./variable-name.ts";

/** A value for an existing variable. */
export interface VariableWrite {
  readonly name: string;
  readonly value: unknown;
  /** The version that the variable must have; by default any. */
  readonly version?: number | undefined;
}

/** The outcome of one write of a batch. */
export type VariableOutcome =
  /** The value was written; the variable now has this version. */
  | { readonly is: "set"; readonly name: string; readonly version: number }
  /** The value was not written. */
  | {
      readonly is: "failed";
      readonly name: string;
      /**
       * Whether the variable has another version, another write of the atomic batch failed, or this write is invalid.
       */
      readonly cause: "version" | "batch" | "write";
      readonly error: SnakepitError;
    };

/** Returns the error of the first write that failed by itself, and not because another write of its batch failed. */
export function firstFailure(outcomes: readonly VariableOutcome[]): SnakepitError | undefined {
  return outcomes.flatMap((each) => (each.is === "failed" && each.cause !== "batch" ? each.error : []))[0];
}

/** Checks a value against the definition in `entry` and returns its write. */
export function checkedWrite(entry: EntryRecord, value: unknown, version: number, codec: ValueCodec): EntryWrite {
  const { name } = entry;
  const { type, constraints } = readDefinition(entry);
  const encoded = codec.encode(checkVariable(type, constraints, value, name), `variable "${name}"`);
  // A variable that was deleted and registered again, perhaps with another definition, never has this version.
  return { name, value: encoded, expects: version };
}

/** Writes to several variables of a session that are made together. */
export class VariableBatch {
  readonly #entries: VariableEntries;
  readonly #codec: ValueCodec;
  readonly #writes: ReadonlyMap<string, VariableWrite>;
  readonly #atomic: boolean;
  readonly #outcomes = new Map<string, VariableOutcome>();
  /** The current entries, as far as they are known, of the variables that are still to be written. */
  readonly #open = new Map<string, EntryRecord>();
  #firstError: SnakepitError | undefined;
  #attempts: WriteAttempts | undefined;

  /** @throws SnakepitError `INVALID_ARGUMENT` for an invalid or repeated name. */
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

  /** Makes the writes and resolves with one outcome per write, in order. */
  async write(): Promise<readonly VariableOutcome[]> {
    await this.#readCurrent(this.names);
    while (this.#hasWork) await this.#attempt();
    const cause = this.#firstError;
    for (const name of this.#open.keys()) if (cause !== undefined) this.#fail(name, notSet(name, cause), "batch");
    return this.names.map((name) => this.#outcomes.get(name) as VariableOutcome);
  }

  /** Whether a write is left to be made; in an atomic batch none is after a failure. */
  get #hasWork(): boolean {
    return this.#open.size > 0 && !(this.#atomic && this.#firstError !== undefined);
  }

  async #attempt(): Promise<void> {
    const checked = [...this.#open.values()].flatMap((entry) => this.#checked(entry) ?? []);
    if (!this.#hasWork) return;
    const outcomes = await this.#entries.write(checked, this.#atomic);
    for (const [index, { name }] of checked.entries()) await this.#settle(name, outcomes[index] as EntryOutcome);
    if (this.#hasWork) await this.#retry();
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
      this.#fail(name, otherVersion(name, expected, outcome.entry.version), "version");
      return;
    }
    await this.#setCurrent(name, outcome.entry);
  }

  /** Prepares the next attempt after a conflict with another writer. */
  async #retry(): Promise<void> {
    const [first = ""] = this.#open.keys();
    this.#attempts ??= new WriteAttempts((attempts) => tooMuchContention(first, attempts));
    try {
      if (!(await this.#attempts.failed())) return;
    } catch (thrown) {
      for (const name of this.#open.keys()) this.#fail(name, thrown as SnakepitError, "version");
      return;
    }
    await this.#readCurrent([...this.#open.keys()]);
  }

  async #readCurrent(names: readonly string[]): Promise<void> {
    const found = new Map((await this.#entries.read(names)).map((entry) => [entry.name, entry]));
    for (const name of names) await this.#setCurrent(name, found.get(name));
  }

  async #setCurrent(name: string, entry: EntryRecord | undefined): Promise<void> {
    if (entry === undefined) this.#fail(name, await this.#entries.unknown(name));
    else this.#open.set(name, entry);
  }

  #fail(name: string, error: SnakepitError, cause: "version" | "batch" | "write" = "write"): void {
    this.#open.delete(name);
    this.#firstError ??= error;
    this.#outcomes.set(name, { is: "failed", name, cause, error });
  }
}
