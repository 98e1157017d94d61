import type { SnakepitError, ValueCodec } from "@snakepit/core";
import { checkVariable } from "./types/check-variable.ts";
import type { VariableType } from "./types/variable-type.ts";
import { readVariable, type Variable, type VariableDraft, writeAttributes } from "./variable.ts";
import {
  checkBatchOptions,
  checkVariableChange,
  checkVariableNames,
  checkVariableValues,
  checkVariableWrites,
  checkWatchOptions,
  checkWriteOptions,
} from "./variable-arguments.ts";
import { VariableBatch, type VariableOutcome, type VariableWrite } from "./variable-batch.ts";
import { readDraft } from "./variable-draft.ts";
import type { VariableEntries } from "./variable-entries.ts";
import { invalidVersion, tooManyVariables, variableExists } from "./variable-errors.ts";
import { checkNamePattern, checkVariableName } from "./variable-name.ts";
import { type VariableChanger, VariableUpdate } from "./variable-update.ts";
import type { VariableChanges } from "./watching/variable-changes.ts";
import { type VariableWatch, VariableWatcher } from "./watching/variable-watch.ts";
import { watchedNames } from "./watching/watched-names.ts";
import type { WriteTurns } from "./write-turns.ts";

/** What the variables of all sessions of a host have in common. */
export interface SharedByVariables {
  readonly codec: ValueCodec;
  readonly turns: WriteTurns;
  readonly changes: VariableChanges;
}

/**
 * The variables of one session: typed values by name, shared by both languages and by all hosts on one store. Each value
 * is checked against the type and the constraints of its variable before it is written. Writes that this host makes to a
 * variable take effect in the order in which they were asked for.
 *
 * Every method rejects with `INVALID_ARGUMENT` for a name that is none, with `UNKNOWN_SESSION` or `SESSION_EXPIRED` when
 * the session is not there, and with `REGISTRY_UNAVAILABLE` when the store cannot be reached. The `details` of an
 * `INVALID_ARGUMENT` have the `variable` and a `reason`: `unknown`, `exists`, `version`, `name`, `metadata`, `batch`,
 * `definition`, or what is wrong with the value: `type`, `range`, `length`, `pattern`, `choice`, `module`, `shape`, `dtype`.
 *
 * Get it with `Variables.of`.
 */
export class SessionVariables {
  readonly #entries: VariableEntries;
  readonly #shared: SharedByVariables;

  constructor(shared: SharedByVariables, entries: VariableEntries) {
    this.#shared = shared;
    this.#entries = entries;
  }

  /** The session that they belong to. */
  get sessionId(): string {
    return this.#entries.sessionId;
  }

  /**
   * Makes a variable.
   *
   * @throws SnakepitError `INVALID_ARGUMENT` when there is one with this name, for a definition that is wrong and for a
   *   value that does not suit it; `SERIALIZATION`, `PAYLOAD_TOO_LARGE`; `QUOTA_EXCEEDED` when the session has too many.
   *
   * @example
   * await session.variables.register("temperature", { type: "float", value: 0.7, constraints: { min: 0, max: 2 } });
   */
  async register<T extends VariableType>(name: string, draft: VariableDraft<T>): Promise<Variable> {
    checkVariableName(name);
    const { definition, metadata, value } = readDraft(name, draft);
    const kept = this.#encode(name, checkVariable(definition.type, definition.constraints, value, name));
    const write = { name, value: kept, attributes: writeAttributes(definition, metadata), expects: "nothing" } as const;
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
   * The value of a variable: a copy, which may be changed.
   *
   * @throws SnakepitError `INVALID_ARGUMENT` when there is none; the message says which one may have been meant.
   */
  async get<Value = unknown>(name: string): Promise<Value> {
    checkVariableName(name);
    return this.#decode((await this.#entries.existing(name)).value) as Value;
  }

  /**
   * All that is known of a variable: value, type, constraints, metadata, version, and its last change.
   *
   * @throws SnakepitError `INVALID_ARGUMENT` when there is none.
   */
  async describe(name: string): Promise<Variable> {
    checkVariableName(name);
    return readVariable(await this.#entries.existing(name), this.#shared.codec);
  }

  /**
   * Gives a variable another value, and resolves with its new version.
   *
   * @param options.version the version that it must have, else nothing is written.
   * @throws SnakepitError `INVALID_ARGUMENT` when there is none, it has another version, or the value does not suit it;
   *   `SERIALIZATION`, `PAYLOAD_TOO_LARGE`.
   */
  async set(name: string, value: unknown, options: { readonly version?: number | undefined } = {}): Promise<number> {
    checkWriteOptions(name, options);
    const outcome = await this.#setOne({ name, value, version: options.version });
    if (outcome.is === "failed") throw outcome.error;
    return outcome.version;
  }

  /**
   * Gives a variable another value where it still has this version. Resolves with its new version, or with `undefined`
   * when it has another version, and then nothing was written.
   *
   * @throws SnakepitError as {@link set}, but for the version.
   */
  async compareAndSet(name: string, value: unknown, version: number): Promise<number | undefined> {
    if (version === undefined) throw invalidVersion({ name, version });
    const outcome = await this.#setOne({ name, value, version });
    if (outcome.is === "set") return outcome.version;
    if (outcome.error.details["reason"] === "version") return undefined;
    throw outcome.error;
  }

  /**
   * Changes a variable. `change` gets a copy of the value and returns what is to be there instead; when somebody else
   * changes the variable at the same time it is called again with what is there then. Resolves with the new value.
   *
   * @throws SnakepitError as {@link set}; what `change` throws is thrown on, and nothing is changed. Its reason is `version`
   *   when others were faster a hundred times.
   *
   * @example
   * await session.variables.update<number>("turns", (turns) => turns + 1);
   */
  async update<Value = unknown>(name: string, change: VariableChanger<Value>): Promise<Value> {
    checkVariableName(name);
    checkVariableChange(name, change);
    const update = new VariableUpdate(this.#entries, this.#shared.codec, name, change);
    return await update.make((work) => this.#inTurn([name], work));
  }

  /** Deletes a variable. Says whether there was one. */
  async delete(name: string): Promise<boolean> {
    return (await this.deleteMany([name])).length > 0;
  }

  /** Deletes variables, and resolves with the names of those that were there. */
  async deleteMany(names: readonly string[]): Promise<readonly string[]> {
    checkVariableNames(names);
    return await this.#inTurn(names, () => this.#entries.delete(names));
  }

  /** The variables whose names match a pattern (`*`: any text, `?`: one character), in the order of their names. */
  async list(pattern = "*"): Promise<readonly Variable[]> {
    checkNamePattern(pattern);
    const entries = await this.#entries.list(pattern);
    return entries.map((entry) => readVariable(entry, this.#shared.codec));
  }

  /** The values of variables, by name. Those that are not there are left out. */
  async getMany(names: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
    checkVariableNames(names);
    const values: Record<string, unknown> = {};
    for (const { name, value } of await this.#entries.read(names)) values[name] = this.#decode(value);
    return values;
  }

  /** All that is known of variables, in the order of their names. Those that are not there are left out. */
  async describeMany(names: readonly string[]): Promise<readonly Variable[]> {
    checkVariableNames(names);
    return (await this.#entries.read(names)).map((entry) => readVariable(entry, this.#shared.codec));
  }

  /**
   * Gives several variables another value.
   *
   * @param values by name.
   * @param options.atomic `false` (default): each is written by itself, and what became of it is in the outcome under its
   *   name. `true`: all are written or none, and the first mistake is a rejection.
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
    const mistake = options.atomic === true ? firstMistake(outcomes) : undefined;
    if (mistake !== undefined) throw mistake;
    return Object.fromEntries(outcomes.map((outcome) => [outcome.name, outcome]));
  }

  /**
   * Gives several variables another value, each at a version where one is asked for. What became of each is in the
   * outcomes, in order; of an atomic batch all are `set` or all `failed`.
   *
   * @throws SnakepitError `INVALID_ARGUMENT` when a name is none, or is there twice; mistakes of single writes are in the
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
   * Yields the variables and their changes, on whatever host they are made: first each variable that exists, by name, then
   * each that was changed, registered or deleted. Changes that are faster than the consumer are reported as one; the last
   * one is always reported.
   *
   * It ends when the session ends or expires, and when the host closes; a watch does not count as use of the session and
   * does not keep it alive. While the store cannot be reached it waits. It begins when the first value is asked for, and
   * ends when the loop is left.
   *
   * @param names names, also of variables that do not exist yet; or a pattern (`*`: any string, `?`: one character).
   * @param options.signal cancels the watch: the iterator rejects with `CANCELLED`.
   * @throws SnakepitError `INVALID_ARGUMENT` for an invalid name, a pattern that no name can match, and an empty array. The
   *   iterator rejects with `UNKNOWN_SESSION` or `SESSION_EXPIRED` when the session does not exist at the beginning.
   *
   * @example
   * for await (const change of session.variables.watch("model.*", { signal })) {
   *   console.log(change.name, change.deleted ? "is gone" : change.value);
   * }
   */
  watch(
    names: string | readonly string[] = "*",
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): VariableWatch {
    checkWatchOptions(options);
    const { signal } = options;
    const { codec, changes } = this.#shared;
    const entries = this.#entries.unused();
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
    // No session has a control character in its id.
    return this.#shared.turns.run(
      names.map((name) => `${this.sessionId}\n${name}`),
      work,
    );
  }
}

/** The first that failed by itself, and not because another one did. */
function firstMistake(outcomes: readonly VariableOutcome[]): SnakepitError | undefined {
  const failed = outcomes.flatMap((outcome) => (outcome.is === "failed" ? outcome.error : []));
  return failed.find(({ details }) => details["reason"] !== "batch");
}
