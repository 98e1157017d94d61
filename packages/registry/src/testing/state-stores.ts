import type { EntryOutcome, EntryWrite, StateChange, StateStore } from "@snakepit/core";
import { openStateStore, type StateStoreOptions } from "../state/open-state-store.ts";

/** Stores that are closed together. */
export class StateStores implements AsyncDisposable {
  readonly #opened: StateStore[] = [];

  /** Opens a store. By default, connecting to PostgreSQL has a time limit that a machine under load does not exceed. */
  async open(options: StateStoreOptions): Promise<StateStore> {
    const store = await openStateStore({ connectTimeoutMs: 60_000, ...options });
    this.#opened.push(store);
    return store;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#opened.map((store) => store.close()));
  }
}

/** Returns a list to which each change that the store reports is added. */
export function changesOf(store: StateStore): readonly StateChange[] {
  const changes: StateChange[] = [];
  store.onChange((change) => changes.push(change));
  return changes;
}

/** Creates a session that never expires. */
export async function createSession(store: StateStore, id: string): Promise<void> {
  await store.createSession({ id, metadata: {}, ttlMs: Number.POSITIVE_INFINITY }, Date.now(), 1_000_000);
}

/** Writes a variable. By default, any existing value is replaced. */
export async function setVariable(
  store: StateStore,
  scope: string,
  name: string,
  value: string,
  expects: EntryWrite["expects"] = "anything",
): Promise<EntryOutcome> {
  const write = { name, value: Buffer.from(value), attributes: "{}", expects };
  const batch = { scope, kind: "variable", writes: [write], author: "host", atomic: false, maxEntries: 1_000 } as const;
  const [outcome] = await store.writeEntries(batch, Date.now());
  if (outcome === undefined) throw new Error("the write has no outcome");
  return outcome;
}

/** Resolves with the value and version of a variable. */
export async function getVariable(store: StateStore, scope: string, name: string) {
  const [entry] = (await store.readEntries(scope, "variable", [name], Date.now())) ?? [];
  return entry && { value: Buffer.from(entry.value).toString(), version: entry.version };
}

/** Increments a variable to which others write at the same time. */
export async function incrementVariable(store: StateStore, scope: string, name: string): Promise<void> {
  for (;;) {
    const { value, version } = (await getVariable(store, scope, name)) ?? { value: "0", version: "nothing" as const };
    const outcome = await setVariable(store, scope, name, String(Number(value) + 1), version);
    if (outcome.is === "written") return;
  }
}
