import { chmodSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { currentOwner, isOwnerDead, writeOwner } from "../../packages/core/src/unix-sockets/directory-owner.ts";

/** The temporary directory of one test run. */
export interface RunDirectory extends Disposable {
  readonly path: string;
}

const PREFIX = "snakepit-tests-";
const OWNER = "owner.json";

/**
 * Creates the directory for the temporary files of a test run, and removes the directories of killed runs. Disposing removes
 * the directory.
 */
export function openRunDirectory(): RunDirectory {
  removeDirectoriesOfKilledRuns();
  const path = mkdtempSync(join(tmpdir(), PREFIX));
  // Same mode as the system's temporary directory: some tests run programs as another user.
  chmodSync(path, 0o1777);
  writeOwner(join(path, OWNER), currentOwner());
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) };
}

function removeDirectoriesOfKilledRuns(): void {
  for (const name of readdirSync(tmpdir())) {
    const path = join(tmpdir(), name);
    if (!name.startsWith(PREFIX) || !isOwnerDead(join(path, OWNER))) continue;
    try {
      rmSync(path, { recursive: true, force: true });
    } catch (thrown) {
      console.warn(`removing the directory of a killed test run failed: ${String(thrown)}`);
    }
  }
}
