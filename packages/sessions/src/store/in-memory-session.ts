import { type SessionRecord, type SessionWrite, toSnakepitError } from "@snakepit/core";

/**
 * A session in the memory of this process. Its metadata is stored as JSON, as in a database: it shares no objects with
 * writers or readers, and every store returns equal metadata.
 */
export class InMemorySession {
  readonly id: string;
  readonly createdAt: number;
  #version: number;
  #metadata: string;
  #usedAt: number;
  #ttlMs: number;
  #expiresAt: number;
  #lastWorker: string | undefined;

  constructor({ id, version, metadata, createdAt, usedAt, ttlMs, expiresAt, lastWorker }: SessionRecord) {
    this.id = id;
    this.createdAt = createdAt;
    this.#version = version;
    this.#metadata = asJson(id, metadata);
    this.#usedAt = usedAt;
    this.#ttlMs = ttlMs;
    this.#expiresAt = expiresAt;
    this.#lastWorker = lastWorker;
  }

  get version(): number {
    return this.#version;
  }

  get expiresAt(): number {
    return this.#expiresAt;
  }

  /** The approximate size of its strings in bytes. */
  get bytes(): number {
    return 2 * (this.id.length + this.#metadata.length);
  }

  /** Returns a copy of its record. */
  record(): SessionRecord {
    return {
      id: this.id,
      version: this.#version,
      metadata: JSON.parse(this.#metadata) as Record<string, unknown>,
      createdAt: this.createdAt,
      usedAt: this.#usedAt,
      ttlMs: this.#ttlMs,
      expiresAt: this.#expiresAt,
      lastWorker: this.#lastWorker,
    };
  }

  /** Counts a use, unless a later use was counted or the session had expired at that time. */
  use(usedAt: number, lastWorker: string | undefined): void {
    if (usedAt < this.#usedAt || usedAt >= this.#expiresAt) return;
    this.#usedAt = usedAt;
    this.#expiresAt = usedAt + this.#ttlMs;
    if (lastWorker !== undefined) this.#lastWorker = lastWorker;
  }

  change({ metadata, ttlMs }: SessionWrite): void {
    this.#metadata = asJson(this.id, metadata);
    this.#ttlMs = ttlMs;
    this.#expiresAt = this.#usedAt + ttlMs;
    this.#version += 1;
  }
}

function asJson(id: string, metadata: SessionRecord["metadata"]): string {
  try {
    return JSON.stringify(metadata);
  } catch (thrown) {
    throw toSnakepitError(thrown, "INVALID_ARGUMENT", `the metadata of session "${id}" cannot be stored as JSON`);
  }
}
