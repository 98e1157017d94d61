import type { EntryKind, StateChange } from "@snakepit/core";
import { MessagePacker } from "./change-message.ts";

/** The limit of separate changes. Above it, other hosts are notified that everything has changed. */
const MAX_CHANGES = 10_000;

/** The distinct changes of which other hosts have not been notified yet. */
export class ChangeOutbox {
  readonly #origin: string;
  readonly #sessions = new Set<string>();
  /** Names by scope by kind. */
  readonly #entries = new Map<EntryKind, Map<string, Set<string>>>();
  #size = 0;
  #everything = false;

  /** @param origin the ID of the store that makes the changes. */
  constructor(origin: string) {
    this.#origin = origin;
  }

  get isEmpty(): boolean {
    return this.#size === 0 && !this.#everything;
  }

  add(change: StateChange): void {
    if (this.#everything) return;
    switch (change.is) {
      case "session":
        this.#addTo(this.#sessions, change.id);
        break;
      case "entries":
        for (const name of change.names) this.#addTo(this.#names(change.kind, change.scope), name);
        break;
      case "everything":
        this.addEverything();
        break;
      default:
        change satisfies never;
    }
    if (this.#size > MAX_CHANGES) this.addEverything();
  }

  addEverything(): void {
    this.#clear();
    this.#everything = true;
  }

  /** Removes all changes and returns them as messages. */
  take(): readonly string[] {
    const packer = new MessagePacker(this.#origin);
    if (this.#everything) packer.addEverything();
    for (const id of this.#sessions) packer.addSession(id);
    for (const [kind, scopes] of this.#entries) {
      for (const [scope, names] of scopes) {
        for (const name of names) packer.addEntry(scope, kind, name);
      }
    }
    this.#clear();
    return packer.finish();
  }

  #names(kind: EntryKind, scope: string): Set<string> {
    const scopes = this.#entries.get(kind) ?? new Map<string, Set<string>>();
    this.#entries.set(kind, scopes);
    const names = scopes.get(scope) ?? new Set<string>();
    scopes.set(scope, names);
    return names;
  }

  #addTo(set: Set<string>, member: string): void {
    if (set.has(member)) return;
    set.add(member);
    this.#size += 1;
  }

  #clear(): void {
    this.#sessions.clear();
    this.#entries.clear();
    this.#size = 0;
    this.#everything = false;
  }
}
