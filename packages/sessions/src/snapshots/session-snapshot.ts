import { inspect } from "node:util";
import {
  type EntryRecord,
  GLOBAL_SCOPE,
  type HostProgram,
  type HostSession,
  type HostSessionDetails,
  type HostVariable,
  isSecretName,
  MASK,
  maskUrlSecrets,
  type SessionRecord,
  type StateStore,
  type ValueCodec,
} from "@snakepit/core";
import { sessionGone } from "../sessions/session-errors.ts";
import { checkSessionId } from "../sessions/session-id.ts";
import { readVariable } from "../variables/variable.ts";

/** Maximum number of variables, and of programs. */
const MAX_ENTRIES = 1_000;
const MAX_PREVIEW = 1_000;
const PREVIEW_OPTIONS = { depth: 3, maxArrayLength: 20, maxStringLength: 500, breakLength: Number.POSITIVE_INFINITY };

/** Converts a session to plain data. */
export function sessionSnapshot(record: SessionRecord): HostSession {
  const { id, createdAt, usedAt, ttlMs, expiresAt, lastWorker, metadata } = record;
  return {
    id,
    createdAt,
    usedAt,
    ...(Number.isFinite(ttlMs) && { ttlMs, expiresAt }),
    ...(lastWorker !== undefined && { lastWorker }),
    metadata,
  };
}

/**
 * Reads a session with its variables and programs, at most 1,000 of each. Does not count as use.
 *
 * @throws SnakepitError as a rejection: `UNKNOWN_SESSION`, `SESSION_EXPIRED`, `INVALID_ARGUMENT`,
 *   `REGISTRY_UNAVAILABLE`.
 */
export async function readSessionSnapshot(
  store: StateStore,
  codec: ValueCodec,
  id: string,
  now: number,
): Promise<HostSessionDetails> {
  checkSessionId(id);
  const page = { limit: MAX_ENTRIES };
  const [record, variables, programs] = await Promise.all([
    store.readSession(id),
    store.listEntries(id, "variable", "*", page, now),
    store.listEntries(id, "program", "*", page, now),
  ]);
  if (record === undefined || now >= record.expiresAt) throw sessionGone(id, record);
  return {
    ...sessionSnapshot(record),
    variables: (variables ?? []).map((entry) => variableSnapshot(entry, codec)),
    programs: (programs ?? []).map(programSnapshot),
  };
}

/** Reads the global programs, at most 1,000. */
export async function readGlobalPrograms(store: StateStore, now: number): Promise<readonly HostProgram[]> {
  const entries = await store.listEntries(GLOBAL_SCOPE, "program", "*", { limit: MAX_ENTRIES }, now);
  return (entries ?? []).map(programSnapshot);
}

function variableSnapshot(entry: EntryRecord, codec: ValueCodec): HostVariable {
  const { name, type, value, version, updatedAt, updatedBy } = readVariable(entry, codec);
  const preview = isSecretName(name) ? MASK : maskUrlSecrets(inspect(value, PREVIEW_OPTIONS)).slice(0, MAX_PREVIEW);
  return { name, type, preview, version, updatedAt, updatedBy };
}

function programSnapshot({ name, version, value, updatedAt, updatedBy }: EntryRecord): HostProgram {
  return { id: name, version, byteLength: value.byteLength, updatedAt, updatedBy };
}
