/** The user `nobody` on Linux and macOS. */
const NOBODY = process.platform === "darwin" ? -2 : 65_534;

/** Does something as a user without privileges. Root is turned into one for as long as it takes. */
export async function asUnprivileged<Result>(work: () => Promise<Result>): Promise<Result> {
  if (process.geteuid?.() !== 0) return await work();
  process.seteuid?.(NOBODY);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
  }
}
