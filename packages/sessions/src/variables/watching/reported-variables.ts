import type { EntryRecord } from "@snakepit/core";
import type { VariableEntries } from "../variable-entries.ts";
import type { WatchedNames } from "./watched-names.ts";

/** A pending report of a variable. */
export type PendingReport =
  | { readonly is: "written"; readonly entry: EntryRecord }
  /** A deletion, with the last reported version. */
  | { readonly is: "deleted"; readonly name: string; readonly version: number };

/**
 * The reported and the pending state of watched variables: at most one pending report per variable, the oldest first. A newer
 * change of a variable replaces its pending report.
 */
export class ReportedVariables {
  readonly #names: WatchedNames;
  readonly #entries: VariableEntries;
  /** The variables that exist according to the delivered reports. */
  readonly #reported = new Map<string, Pick<EntryRecord, "revision" | "version">>();
  readonly #pending = new Map<string, PendingReport>();
  /** The variables that may have changed since they were read: names, or all of them. */
  #dirty: Set<string> | "all" = "all";

  constructor(names: WatchedNames, entries: VariableEntries) {
    this.#names = names;
    this.#entries = entries;
  }

  /** Whether variables must be read again. */
  get isDirty(): boolean {
    return this.#dirty === "all" || this.#dirty.size > 0;
  }

  /** Marks variables as changed. */
  mark(names: readonly string[]): void {
    if (this.#dirty === "all") return;
    for (const name of names) if (this.#names.includes(name)) this.#dirty.add(name);
  }

  /** Marks all variables as possibly changed. */
  markAll(): void {
    this.#dirty = "all";
  }

  /** Reads the changed variables. After a failure they remain marked. */
  async refresh(): Promise<void> {
    const dirty = this.#dirty;
    // Reset before the read, so that changes during the read are marked again.
    this.#dirty = new Set();
    try {
      if (dirty === "all") {
        const entries = await this.#names.read(this.#entries);
        this.#learn([...entries.map(({ name }) => name), ...this.#reported.keys(), ...this.#pending.keys()], entries);
      } else {
        this.#learn([...dirty], await this.#entries.read([...dirty]));
      }
    } catch (thrown) {
      this.#markAgain(dirty);
      throw thrown;
    }
  }

  /** Removes and returns the oldest pending report. */
  take(): PendingReport | undefined {
    for (const [name, report] of this.#pending) {
      this.#pending.delete(name);
      if (report.is === "deleted") this.#reported.delete(name);
      else this.#reported.set(name, { revision: report.entry.revision, version: report.entry.version });
      return report;
    }
    return undefined;
  }

  /** Clears all state. */
  clear(): void {
    this.#reported.clear();
    this.#pending.clear();
    this.#dirty = new Set();
  }

  #markAgain(dirty: ReadonlySet<string> | "all"): void {
    if (dirty === "all") this.#dirty = "all";
    else this.mark([...dirty]);
  }

  /** @param names the names that were read; names without an entry no longer exist. */
  #learn(names: readonly string[], entries: readonly EntryRecord[]): void {
    const found = new Map(entries.map((entry) => [entry.name, entry]));
    for (const name of names) {
      const entry = found.get(name);
      const reported = this.#reported.get(name);
      if (entry !== undefined) {
        // An entry from a cache may be older than the last report.
        if (reported === undefined || entry.revision > reported.revision) {
          this.#pending.set(name, { is: "written", entry });
        }
      } else if (reported !== undefined) {
        this.#pending.set(name, { is: "deleted", name, version: reported.version });
      } else {
        this.#pending.delete(name);
      }
    }
  }
}
