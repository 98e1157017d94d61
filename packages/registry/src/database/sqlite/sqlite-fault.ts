import type { Fault } from "../database-fault.ts";

// Primary result codes, https://www.sqlite.org/rescode.html
const SQLITE_ERROR = 1;
const SQLITE_BUSY = 5;
const SQLITE_READONLY = 8;
const SQLITE_IOERR = 10;
const SQLITE_CORRUPT = 11;
const SQLITE_FULL = 13;
const SQLITE_CANTOPEN = 14;
const SQLITE_NOTADB = 26;

function orElsewhere(remedy: string): Fault["remedy"] {
  return ({ pathOption }) => `${remedy}, or choose another file (${pathOption})`;
}

const WRITABLE: Fault = {
  reason: "this user has no write permission",
  remedy: orElsewhere("grant this user write permission to the file and its directory"),
};

const BY_RESULT_CODE: Readonly<Record<number, Fault>> = {
  [SQLITE_BUSY]: {
    reason: "another process kept it locked for ten seconds",
    remedy: "end the process that locks it (fuser or lsof shows it)",
  },
  [SQLITE_READONLY]: WRITABLE,
  [SQLITE_CANTOPEN]: WRITABLE,
  [SQLITE_IOERR]: {
    reason: "reading or writing the file failed",
    remedy: orElsewhere("check the disk"),
  },
  [SQLITE_CORRUPT]: {
    reason: "the file is corrupt",
    remedy: "move the file and the files next to it that end in -wal and -shm away; a new file is created",
  },
  [SQLITE_FULL]: { reason: "the disk is full", remedy: orElsewhere("free disk space") },
  [SQLITE_NOTADB]: {
    reason: "the file is not a SQLite database",
    remedy: orElsewhere("move it away to create a new file"),
  },
};

const BY_SYSTEM_CODE: Readonly<Record<string, Fault>> = {
  EACCES: WRITABLE,
  EPERM: WRITABLE,
  EROFS: { reason: "the file system is read-only", remedy: orElsewhere("make it writable") },
  ENOSPC: { reason: "the disk is full", remedy: orElsewhere("free disk space") },
  ENOTDIR: { reason: "a parent of its path is not a directory", remedy: "correct the path" },
  ENOENT: { reason: "its directory does not exist and cannot be created", remedy: orElsewhere("create the directory") },
};

/** Returns the fault for an error of SQLite or of the file system. */
export function sqliteFault(thrown: unknown): Fault {
  const { errcode, code, message } = thrown as { errcode?: number; code?: string; message?: string };
  const known = errcode === undefined ? BY_SYSTEM_CODE[code ?? ""] : BY_RESULT_CODE[primary(errcode)];
  return known ?? { reason: message ?? String(thrown), remedy: orElsewhere("check the file") };
}

/** Whether an error means that the file has no valid content: it is corrupt, or not a database. */
export function isCorrupt(thrown: unknown): boolean {
  const { errcode } = (thrown ?? {}) as { errcode?: number };
  return errcode !== undefined && [SQLITE_CORRUPT, SQLITE_NOTADB].includes(primary(errcode));
}

/** Whether an error means that another process holds the lock. */
export function isLocked(thrown: unknown): boolean {
  const { errcode } = thrown as { errcode?: number };
  return errcode !== undefined && primary(errcode) === SQLITE_BUSY;
}

/** Whether an error means that a table does not exist. SQLite has no specific code for it. */
export function lacksSqliteTable(thrown: unknown): boolean {
  const { errcode, message } = thrown as { errcode?: number; message?: string };
  return errcode === SQLITE_ERROR && message !== undefined && message.startsWith("no such table");
}

// The primary code is the lower byte of an extended code.
function primary(errcode: number): number {
  return errcode & 0xff;
}
