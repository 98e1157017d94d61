import type { LauncherRenewal } from "@snakepit/core";

/** One version of the code of a pool: that of its start, or of a reload. */
export interface CodeVersion {
  /** 0 at the start, and one more with each reload. */
  readonly number: number;
  /** The version in the launcher; `undefined` for the first one, and if each launch loads the present code. */
  readonly renewal: LauncherRenewal | undefined;
}
