import { ENTRY_KINDS, type EntryKind, type StateChange } from "@snakepit/core";

/** The channel on which hosts notify each other of changes. */
export const CHANGE_CHANNEL = "snakepit_changes";

/** PostgreSQL limits a payload to less than 8000 bytes (https://www.postgresql.org/docs/current/sql-notify.html). */
const MAX_MESSAGE_BYTES = 7_900;

/** A message with changes from one host to the others. */
export interface ChangeMessage {
  /** The ID of the store that made the changes. */
  readonly origin: string;
  readonly sessions?: string[];
  readonly entries?: [scope: string, kind: EntryKind, names: string[]][];
  readonly everything?: true;
}

/** Returns the changes of a message; "everything" when this version cannot read the message. */
export function readMessage(text: string): { readonly origin: string; readonly changes: readonly StateChange[] } {
  const message = parsed(text);
  if (message === undefined || message.everything) {
    return { origin: message?.origin ?? "", changes: [{ is: "everything" }] };
  }
  const { origin, sessions = [], entries = [] } = message;
  const changes = [
    ...sessions.map((id): StateChange => ({ is: "session", id })),
    ...entries.map(([scope, kind, names]): StateChange => ({ is: "entries", scope, kind, names })),
  ];
  return { origin, changes };
}

function parsed(text: string): ChangeMessage | undefined {
  try {
    const message: unknown = JSON.parse(text);
    return isMessage(message) ? message : undefined;
  } catch {
    return undefined;
  }
}

function isMessage(value: unknown): value is ChangeMessage {
  if (typeof value !== "object" || value === null) return false;
  const { origin, sessions = [], entries = [] } = value as Partial<Record<keyof ChangeMessage, unknown>>;
  return typeof origin === "string" && areStrings(sessions) && Array.isArray(entries) && entries.every(isGroup);
}

function isGroup(value: unknown): boolean {
  if (!Array.isArray(value)) return false;
  const [scope, kind, names] = value as readonly unknown[];
  return typeof scope === "string" && ENTRY_KINDS.includes(kind as EntryKind) && areStrings(names);
}

function areStrings(value: unknown): boolean {
  return Array.isArray(value) && value.every((each) => typeof each === "string");
}

/** Packs changes into as few messages as possible. */
export class MessagePacker {
  readonly #origin: string;
  readonly #messages: string[] = [];
  #message: ChangeMessage & Required<Pick<ChangeMessage, "sessions" | "entries">>;
  #bytes = 0;

  constructor(origin: string) {
    this.#origin = origin;
    this.#message = this.#begin();
  }

  addSession(id: string): void {
    const bytes = bytesOf(id);
    if (this.#reserve(bytes)) this.#message.sessions.push(id);
  }

  addEntry(scope: string, kind: EntryKind, name: string): void {
    const last = this.#message.entries.at(-1);
    const isInLast = last !== undefined && last[0] === scope && last[1] === kind;
    if (isInLast && this.#fits(bytesOf(name))) {
      last[2].push(name);
      this.#bytes += bytesOf(name);
    } else if (this.#reserve(bytesOf([scope, kind, [name]]))) {
      this.#message.entries.push([scope, kind, [name]]);
    }
  }

  /** Adds a message that everything has changed, instead of single changes. */
  addEverything(): void {
    this.#messages.push(JSON.stringify({ origin: this.#origin, everything: true } satisfies ChangeMessage));
  }

  finish(): readonly string[] {
    this.#flush();
    return this.#messages;
  }

  #reserve(bytes: number): boolean {
    if (!this.#fits(bytes)) this.#flush();
    if (!this.#fits(bytes)) {
      this.addEverything();
      return false;
    }
    this.#bytes += bytes;
    return true;
  }

  #fits(bytes: number): boolean {
    return this.#bytes + bytes <= MAX_MESSAGE_BYTES;
  }

  #flush(): void {
    const { sessions, entries } = this.#message;
    if (sessions.length + entries.length > 0) this.#messages.push(JSON.stringify(this.#message));
    this.#message = this.#begin();
  }

  #begin() {
    const message = { origin: this.#origin, sessions: [], entries: [] };
    this.#bytes = bytesOf(message);
    return message;
  }
}

/** Returns the number of bytes that a value and a comma add to a message. */
function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value)) + 1;
}
