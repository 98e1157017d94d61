import type { EntryRecord, SnakepitError, ValueCodec } from "@snakepit/core";
import type { Changer, UpdateTarget, UpdateWrite } from "../updates/contended-update.ts";
import { turnOf } from "../updates/write-turns.ts";
import { checkedWrite } from "./variable-batch.ts";
import type { VariableEntries } from "./variable-entries.ts";
import { tooMuchContention } from "./variable-errors.ts";

/** Returns the new value, given a copy of the current one. */
export type VariableChanger<Value> = Changer<Value>;

/** A variable that is changed by a function of its value. */
export class UpdatedVariable<Value> implements UpdateTarget<EntryRecord, Value> {
  readonly key: string;
  readonly #entries: VariableEntries;
  readonly #codec: ValueCodec;
  readonly #name: string;

  constructor(entries: VariableEntries, codec: ValueCodec, name: string) {
    this.key = turnOf(entries.sessionId, "variable", name);
    this.#entries = entries;
    this.#codec = codec;
    this.#name = name;
  }

  read(): Promise<EntryRecord> {
    return this.#entries.existing(this.#name);
  }

  valueOf(entry: EntryRecord): Value {
    return this.#codec.decode(entry.value) as Value;
  }

  async write(entry: EntryRecord, value: Value): Promise<UpdateWrite<EntryRecord>> {
    const write = checkedWrite(entry, value, entry.version, this.#codec);
    const [outcome] = await this.#entries.write([write], true);
    if (outcome?.is === "written") return { is: "written", found: outcome.entry };
    const current = outcome?.is === "conflict" ? outcome.entry : entry;
    if (current === undefined) throw await this.#entries.unknown(this.#name);
    return { is: "conflict", found: current };
  }

  tooMuchContention(attempts: number): SnakepitError {
    return tooMuchContention(this.#name, attempts);
  }
}
