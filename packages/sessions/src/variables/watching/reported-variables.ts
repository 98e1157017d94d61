import type { EntryRecord } from "@snakepit/core";
import type { VariableEntries } from "../variable-entries.ts";
import type { WatchedNames } from "./watched-names.ts";

/** What is to be reported of a variable. */
export type PendingReport =
  | { readonly is: "written"; readonly entry: EntryRecord }
  /** With the last version that was reported. */
  | { readonly is: "deleted"; readonly name: string; readonly version: number };

/**
 * What was reported to a watcher, and what has not been yet: at most one report for each variable, the oldest first. What
 * becomes of a variable in the meantime replaces the report that is pending.
 */
export class ReportedVariables {
  readonly #names: WatchedNames;
  readonly #entries: VariableEntries;
  /** The variables that exist according to what was reported. */
  readonly #reported = new Map<string, Pick<EntryRecord, "revision" | "version">>();
  readonly #pending = new Map<string, PendingReport>();
  /** What has changed since it was read: variables by name, or possibly all of them. */
  #dirty: Set<string> | "all" = "all";

  constructor(names: WatchedNames, entries: VariableEntries) {
    this.#names = names;
    this.#entries = entries;
  }

  /** Whether something has to be read. */
  get isDirty(): boolean {
    return this.#dirty === "all" || this.#dirty.size > 0;
  }

  /** These variables have changed. */
  mark(names: readonly string[]): void {
    if (this.#dirty === "all") return;
    for (const name of names) if (this.#names.includes(name)) this.#dirty.add(name);
  }

  /** Everything may have changed. */
  markAll(): void {
    this.#dirty = "all";
  }

  /** Reads what has changed. When that fails, nothing is lost. */
  async refresh(): Promise<void> {
    const dirty = this.#dirty;
    // Before the reading: what changes during it is dirty afterwards.
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

  /** Takes the oldest pending report. */
  take(): PendingReport | undefined {
    for (const [name, report] of this.#pending) {
      this.#pending.delete(name);
      if (report.is === "deleted") this.#reported.delete(name);
      else this.#reported.set(name, { revision: report.entry.revision, version: report.entry.version });
      return report;
    }
    return undefined;
  }

  /** Forgets everything. */
  clear(): void {
    this.#reported.clear();
    this.#pending.clear();
    this.#dirty = new Set();
  }

  #markAgain(dirty: ReadonlySet<string> | "all"): void {
    if (dirty === "all") this.#dirty = "all";
    else this.mark([...dirty]);
  }

  /** @param names those that were read; the ones that are not among the entries do not exist any more. */
  #learn(names: readonly string[], entries: readonly EntryRecord[]): void {
    const found = new Map(entries.map((entry) => [entry.name, entry]));
    for (const name of names) {
      const entry = found.get(name);
      const reported = this.#reported.get(name);
      if (entry !== undefined) {
        // One that was read from a cache may be older than what was reported.
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
