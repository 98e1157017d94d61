/** A session of the store. */
export interface HostSession {
  readonly id: string;
  readonly createdAt: number;
  readonly usedAt: number;
  /** Absent for a session that never expires. */
  readonly ttlMs?: number | undefined;
  readonly expiresAt?: number | undefined;
  readonly lastWorker?: string | undefined;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** A session with its variables and programs. */
export interface HostSessionDetails extends HostSession {
  readonly variables: readonly HostVariable[];
  readonly programs: readonly HostProgram[];
}

/** A variable of a session. */
export interface HostVariable {
  readonly name: string;
  readonly type: string;
  /** The value as a string of at most 1,000 characters; `***` if the name is that of a secret. */
  readonly preview: string;
  readonly version: number;
  readonly updatedAt: number;
  /** The author of the last change: `host`, the ID of a worker, or `client:` and a name. */
  readonly updatedBy: string;
}

/** A program. */
export interface HostProgram {
  readonly id: string;
  readonly version: number;
  /** The size of its document, in bytes of JSON. */
  readonly byteLength: number;
  readonly updatedAt: number;
  readonly updatedBy: string;
}
