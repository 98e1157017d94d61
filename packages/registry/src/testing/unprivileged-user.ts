import { readFileSync } from "node:fs";

/** An unprivileged user of this machine. */
export interface UnprivilegedUser {
  readonly uid: number;
  readonly gid: number;
}

/** The ID of an unprivileged user that exists on Linux and macOS. */
const UNPRIVILEGED_UID = process.platform === "darwin" ? -2 : 65_534;

/** Runs work as an unprivileged user. When the test runs as root, the effective user changes for that time. */
export async function asUnprivileged<Result>(work: () => Promise<Result>): Promise<Result> {
  if (process.geteuid?.() !== 0) return await work();
  process.seteuid?.(UNPRIVILEGED_UID);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
  }
}

/** Returns the user `postgres` or, when it does not exist, the user with {@link UNPRIVILEGED_UID}. */
export function unprivilegedUser(): UnprivilegedUser {
  const users = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .map((line) => line.split(":"));
  const user =
    users.find(([name]) => name === "postgres") ?? users.find(([, , uid]) => uid === String(UNPRIVILEGED_UID));
  if (user === undefined) {
    throw new Error(
      `PostgreSQL cannot run as root, and this machine has no user postgres and no UID ${UNPRIVILEGED_UID}`,
    );
  }
  return { uid: Number(user[2]), gid: Number(user[3]) };
}
