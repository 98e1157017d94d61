import type { ValueCodec } from "@snakepit/core";
import { ContendedUpdate } from "../updates/contended-update.ts";
import { turnOf, type WriteTurns } from "../updates/write-turns.ts";
import { checkVariable } from "./types/check-variable.ts";
import type { VariableType } from "./types/variable-type.ts";
import {
  type DynamicVariableDraft,
  readVariable,
  type Variable,
  type VariableDraft,
  writeAttributes,
} from "./variable.ts";
import {
  checkBatchOptions,
  checkVariableChange,
  checkVariableNames,
  checkVariableValues,
  checkVariableWrites,
  checkWatchOptions,
  checkWriteOptions,
} from "./variable-arguments.ts";
import { firstFailure, VariableBatch, type VariableOutcome, type VariableWrite } from "./variable-batch.ts";
import { readDraft } from "./variable-draft.ts";
import type { VariableEntries } from "./variable-entries.ts";
import { invalidVersion, tooManyVariables, variableExists } from "./variable-errors.ts";
import { checkNamePattern, checkVariableName } from "./variable-name.ts";
import { UpdatedVariable, type VariableChanger } from "./variable-update.ts";
import type { VariableChanges } from "./watching/variable-changes.ts";
import { type VariableWatch, VariableWatcher } from "./watching/variable-watch.ts";
import { watchedNames } from "./watching/watched-names.ts";

/** Collaborators that the variables of all sessions of a host share. */
export interface SharedByVariables {
  readonly codec: ValueCodec;
  readonly turns: WriteTurns;
  readonly changes: VariableChanges;
}

/**
 * The variables of one session: typed values by name, shared by both languages and by all hosts on one store. Each
 * value is checked against the type and the constraints of its variable before it is written. Writes of this host to a
 * variable take effect in the order of the calls.
 *
 * Every method rejects with `INVALID_ARGUMENT` for an invalid name, with `UNKNOWN_SESSION` or `SESSION_EXPIRED` when
 * the session does not exist, and with `REGISTRY_UNAVAILABLE` when the store cannot be reached. The `details` of an
 * `INVALID_ARGUMENT` contain the `variable` and a `reason`: `unknown`, `exists`, `version`, `name`, `metadata`,
 * `batch`, `definition`, or the violated rule of the value: `type`, `range`, `length`, `pattern`, `choice`, `module`,
 * `shape`, `dtype`.
 *
 * Obtained from `Variables.of`.
 */
export class SessionVariables {
  readonly #entries: VariableEntries;
  readonly #shared: SharedByVariables;

  constructor(shared: SharedByVariables, entries: VariableEntries) {
    this.#shared = shared;
    this.#entries = entries;
  }

  /** The ID of the session that owns these variables. */
  get sessionId(): string {
    return this.#entries.sessionId;
  }

  /**
   * Creates a variable and resolves with it.
   *
   * @throws SnakepitError `INVALID_ARGUMENT` when the name exists, for an invalid definition and for a value that
   *   violates it; `SERIALIZATION`, `PAYLOAD_TOO_LARGE`; `QUOTA_EXCEEDED` when the session has `maxVariablesPerSession`
   *   variables.
   *
   * @example
   * await session.variables.register("temperature", { type: "float", value: 0.7, constraints: { min: 0, max: 2 } });
   */
  register<T extends VariableType>(name: string, draft: VariableDraft<T>): Promise<Variable> {
    return this.registerDynamic(name, draft);
  }

  /**
   * Registers a variable whose type is known at run time only, such as one that was read from a file. Checks the same
   * as {@link register}.
   *
   * @throws SnakepitError as {@link register}.
   */
  async registerDynamic(name: string, draft: DynamicVariableDraft): Promise<Variable> {
    checkVariableName(name);
    const { definition, metadata, value } = readDraft(name, draft);
    const encoded = this.#encode(name, checkVariable(definition.type, definition.constraints, value, name));
    const write = {
      name,
      value: encoded,
      attributes: writeAttributes(definition, metadata),
      expects: "nothing",
    } as const;
    const [outcome] = await this.#inTurn([name], () => this.#entries.write([write], true));
    switch (outcome?.is) {
      case "written":
        return readVariable(outcome.entry, this.#shared.codec);
      case "over-quota":
        throw tooManyVariables(name, this.sessionId, outcome.entries, this.#entries.maxVariables);
      default:
        throw variableExists(name, this.sessionId);
    }
  }

  /**
   * Resolves with a copy of the value of a variable.
   *
   * @throws SnakepitError `INVALID_ARGUMENT` for an unknown variable; the message suggests the nearest name.
   */
  async get<Value = unknown>(name: string): Promise<Value> {
    checkVariableName(name);
    return this.#decode((await this.#entries.existing(name)).value) as Value;
  }

  /**
   * Resolves with a variable: value, type, constraints, metadata, version, and its last change.
   *
   * @throws SnakepitError `INVALID_ARGUMENT` for an unknown variable.
   */
  async describe(name: string): Promise<Variable> {
    checkVariableName(name);
    return readVariable(await this.#entries.existing(name), this.#shared.codec);
  }

  /**
   * Sets the value of a variable and resolves with its new version.
   *
   * @param options.version the version that the variable must have; by default any.
   * @throws SnakepitError `INVALID_ARGUMENT` for an unknown variable, another version, or an invalid value;
   *   `SERIALIZATION`, `PAYLOAD_TOO_LARGE`.
   */
  async set(name: string, value: unknown, options: { readonly version?: number | undefined } = {}): Promise<number> {
    checkWriteOptions(name, options);
    const outcome = await this.#setOne({ name, value, version: options.version });
    if (outcome.is === "failed") throw outcome.error;
    return outcome.version;
  }

  /**
   * Sets the value of a variable if it still has this version. Resolves with its new version, or with `undefined` when
   * it has another version and nothing was written.
   *
   * @throws SnakepitError as {@link set}, except for the version.
   */
  async compareAndSet(name: string, value: unknown, version: number): Promise<number | undefined> {
    if (version === undefined) throw invalidVersion({ name, version });
    const outcome = await this.#setOne({ name, value, version });
    if (outcome.is === "set") return outcome.version;
    if (outcome.cause === "version") return undefined;
    throw outcome.error;
  }

  /**
   * Changes a variable. `change` receives a copy of the value and returns the new one. After a concurrent change it is
   * called again with the current value. Resolves with the new value.
   *
   * The first time, other writers do not wait for a promise of `change`. After a conflict, those of this host wait for
   * it: at most 100 ms, and after each further conflict twice as long, up to 12.8 s. Writes that `change` makes itself
   * never wait for it.
   *
   * @throws SnakepitError as {@link set}; an error thrown by `change` is rethrown, and nothing is written. The reason
   *   is `version` after a hundred conflicts.
   *
   * @example
   * await session.variables.update<number>("turns", (turns) => turns + 1);
   */
  async update<Value = unknown>(name: string, change: VariableChanger<Value>): Promise<Value> {
    checkVariableName(name);
    checkVariableChange(name, change);
    const updated = new UpdatedVariable<Value>(this.#entries, this.#shared.codec, name);
    return updated.valueOf(await new ContendedUpdate(updated, change).make(this.#shared.turns));
  }

  /** Deletes a variable. Resolves with whether it existed. */
  async delete(name: string): Promise<boolean> {
    return (await this.deleteMany([name])).length > 0;
  }

  /** Deletes variables and resolves with the names of those that existed. */
  async deleteMany(names: readonly string[]): Promise<readonly string[]> {
    checkVariableNames(names);
    return await this.#inTurn(names, () => this.#entries.delete(names));
  }

  /**
   * Resolves with the variables whose names match a pattern (`*`: any characters, `?`: one character), ordered by name.
   */
  async list(pattern = "*"): Promise<readonly Variable[]> {
    checkNamePattern(pattern);
    const entries = await this.#entries.list(pattern);
    return entries.map((entry) => readVariable(entry, this.#shared.codec));
  }

  /** Resolves with the values of variables by name. Unknown variables are omitted. */
  async getMany(names: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
    checkVariableNames(names);
    const values: Record<string, unknown> = {};
    for (const { name, value } of await this.#entries.read(names)) values[name] = this.#decode(value);
    return values;
  }

  /** Resolves with variables, ordered by name. Unknown variables are omitted. */
  async describeMany(names: readonly string[]): Promise<readonly Variable[]> {
    checkVariableNames(names);
    return (await this.#entries.read(names)).map((entry) => readVariable(entry, this.#shared.codec));
  }

  /**
   * Sets the values of several variables and resolves with an outcome for each name.
   *
   * @param values by name.
   * @param options.atomic `false` (default): each write is independent, and its failure is in its outcome. `true`: all
   *   are written or none, and the first failure rejects.
   *
   * @example
   * const { temperature } = await session.variables.setMany({ temperature: 3, model: "large" });
   * if (temperature?.is === "failed") console.warn(temperature.error.message);
   */
  async setMany(
    values: Readonly<Record<string, unknown>>,
    options: { readonly atomic?: boolean | undefined } = {},
  ): Promise<Readonly<Record<string, VariableOutcome>>> {
    checkVariableValues(values);
    checkBatchOptions("setMany", options);
    const writes = Object.entries(values).map(([name, value]) => ({ name, value }));
    const outcomes = await this.writeMany(writes, options);
    const error = options.atomic === true ? firstFailure(outcomes) : undefined;
    if (error !== undefined) throw error;
    return Object.fromEntries(outcomes.map((outcome) => [outcome.name, outcome]));
  }

  /**
   * Sets the values of several variables, optionally each at an expected version. Resolves with one outcome per write,
   * in order; those of an atomic batch are all `set` or all `failed`.
   *
   * @throws SnakepitError `INVALID_ARGUMENT` for an invalid or repeated name; failures of single writes are in the
   *   outcomes.
   */
  async writeMany(
    writes: readonly VariableWrite[],
    options: { readonly atomic?: boolean | undefined } = {},
  ): Promise<readonly VariableOutcome[]> {
    checkVariableWrites(writes);
    checkBatchOptions("writeMany", options);
    const { atomic = false } = options;
    const batch = new VariableBatch(this.#entries, this.#shared.codec, writes, atomic);
    return await this.#inTurn(batch.names, () => batch.write());
  }

  /**
   * Watches variables: yields each existing one, ordered by name, then each that any host changes, registers or
   * deletes. Changes that are faster than the consumer are coalesced; the last one is always yielded.
   *
   * The watch ends when the session ends or expires and when the host closes. Watching does not count as use of the
   * session. While the store cannot be reached, the watch waits. It begins with the first `next()` and stops when the
   * loop is left.
   *
   * @param names names, also of variables that do not exist yet; or a pattern (`*`: any characters, `?`: one
   *   character).
   * @param options.signal ends the watch: the iterator rejects with `CANCELLED`.
   * @throws SnakepitError `INVALID_ARGUMENT` for an invalid name, a pattern that no name can match, and an empty list.
   *   The iterator rejects with `UNKNOWN_SESSION` or `SESSION_EXPIRED` when the session does not exist at the start.
   *
   * @example
   * for await (const change of session.variables.watch("model.*", { signal })) {
   *   console.log(change.name, change.deleted ? "deleted" : change.value);
   * }
   */
  watch(
    names: string | readonly string[] = "*",
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): VariableWatch {
    checkWatchOptions(options);
    const { signal } = options;
    const { codec, changes } = this.#shared;
    const entries = this.#entries.withoutUse();
    return new VariableWatcher({ entries, codec, changes, names: watchedNames(names), signal }).changes;
  }

  async #setOne(write: VariableWrite): Promise<VariableOutcome> {
    const [outcome] = await this.writeMany([write]);
    return outcome as VariableOutcome;
  }

  #encode(name: string, value: unknown): Uint8Array {
    return this.#shared.codec.encode(value, `variable "${name}"`);
  }

  #decode(value: Uint8Array): unknown {
    return this.#shared.codec.decode(value);
  }

  #inTurn<T>(names: readonly string[], work: () => Promise<T>): Promise<T> {
    return this.#shared.turns.run(
      names.map((name) => turnOf(this.sessionId, "variable", name)),
      work,
    );
  }
}
