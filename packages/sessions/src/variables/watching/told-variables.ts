import type { EntryRecord } from "@snakepit/core";
import type { VariableEntries } from "../variable-entries.ts";
import type { WatchedNames } from "./watched-names.ts";

/** What there is to tell of a variable. */
export type VariableNews =
  | { readonly is: "written"; readonly entry: EntryRecord }
  /** With the version that it had, as far as was told. */
  | { readonly is: "deleted"; readonly name: string; readonly version: number };

/**
 * What a watcher was told, and what it has not been told yet: at most one thing for each variable, the longest known
 * first. What becomes of a variable in the meantime takes the place of what was to be told.
 */
export class ToldVariables {
  readonly #names: WatchedNames;
  readonly #entries: VariableEntries;
  /** The variables that are there, as far as was told. */
  readonly #told = new Map<string, Pick<EntryRecord, "revision" | "version">>();
  readonly #news = new Map<string, VariableNews>();
  /** Those that have changed since they were read. */
  readonly #dirty = new Set<string>();
  #allAreDirty = true;

  constructor(names: WatchedNames, entries: VariableEntries) {
    this.#names = names;
    this.#entries = entries;
  }

  /** Whether something has to be read. */
  get isDirty(): boolean {
    return this.#allAreDirty || this.#dirty.size > 0;
  }

  /** These have changed. */
  mark(names: readonly string[]): void {
    for (const name of names) if (this.#names.includes(name)) this.#dirty.add(name);
  }

  /** Everything may have changed. */
  markAll(): void {
    this.#allAreDirty = true;
  }

  /** Reads what has changed. When that fails, nothing is lost. */
  async refresh(): Promise<void> {
    if (this.#allAreDirty) await this.#refreshAll();
    else await this.#refreshDirty();
  }

  /** Takes what was to be told first. */
  take(): VariableNews | undefined {
    for (const [name, news] of this.#news) {
      this.#news.delete(name);
      if (news.is === "deleted") this.#told.delete(name);
      else this.#told.set(name, { revision: news.entry.revision, version: news.entry.version });
      return news;
    }
    return undefined;
  }

  /** Forgets everything. */
  clear(): void {
    this.#told.clear();
    this.#news.clear();
    this.#dirty.clear();
    this.#allAreDirty = false;
  }

  async #refreshAll(): Promise<void> {
    // Before the reading: what changes during it is dirty afterwards.
    this.#allAreDirty = false;
    this.#dirty.clear();
    try {
      const entries = await this.#names.read(this.#entries);
      this.#learn([...entries.map(({ name }) => name), ...this.#told.keys(), ...this.#news.keys()], entries);
    } catch (thrown) {
      this.#allAreDirty = true;
      throw thrown;
    }
  }

  async #refreshDirty(): Promise<void> {
    const names = [...this.#dirty];
    this.#dirty.clear();
    try {
      this.#learn(names, await this.#entries.read(names));
    } catch (thrown) {
      for (const name of names) this.#dirty.add(name);
      throw thrown;
    }
  }

  /** @param names those that were read; the ones that are not among the entries are not there any more. */
  #learn(names: readonly string[], entries: readonly EntryRecord[]): void {
    const found = new Map(entries.map((entry) => [entry.name, entry]));
    for (const name of names) {
      const entry = found.get(name);
      const told = this.#told.get(name);
      if (entry !== undefined) {
        // One that was read from a cache may be older than what was told.
        if (told === undefined || entry.revision > told.revision) this.#news.set(name, { is: "written", entry });
      } else if (told !== undefined) this.#news.set(name, { is: "deleted", name, version: told.version });
      else this.#news.delete(name);
    }
  }
}
