import type { LauncherRenewal, WorkerHandle } from "@snakepit/core";
import type { PoolOptions } from "../pool-options.ts";

/** One version of the code of a pool: that of its start, or of a reload. */
export interface CodeVersion {
  /** 0 at the start, and one more with each reload. */
  readonly number: number;
  /** The version in the launcher; `undefined` for the first one, and if each launch loads the present code. */
  readonly renewal: LauncherRenewal | undefined;
}

/** Checks the tools of a worker that runs new code; stops it and rejects if they do not match the configuration. */
export async function checkNewTools(handle: WorkerHandle, { checkTools }: PoolOptions): Promise<void> {
  try {
    checkTools?.(handle.tools);
  } catch (thrown) {
    await handle.stop();
    throw thrown;
  }
}
