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
