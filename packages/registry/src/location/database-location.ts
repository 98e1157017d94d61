import { join, resolve } from "node:path";
import { SnakepitError } from "@snakepit/core";
import type { DatabasePurpose } from "../database/database-fault.ts";
import { stateDirectory } from "./state-directory.ts";

/** Where a database is. */
export type DatabaseLocation =
  | { readonly is: "sqlite"; readonly path: string }
  | { readonly is: "postgresql"; readonly url: string };

const EXAMPLE = "postgres://user:password@host:5432/database";

/**
 * Decides between a PostgreSQL URL, a file and the default file.
 *
 * @throws SnakepitError `INVALID_CONFIG` when the URL is none, when both are given, the path is empty, or nothing is given
 *   and this user has no home directory.
 */
export function locateDatabase(
  purpose: DatabasePurpose,
  url: string | undefined,
  path: string | undefined,
): DatabaseLocation {
  if (url !== undefined && path !== undefined) {
    throw new SnakepitError("INVALID_CONFIG", `the ${purpose.name} has both a url and a path; give one of them`);
  }
  if (url !== undefined) return { is: "postgresql", url: checkedUrl(purpose, url) };
  if (path === "") throw new SnakepitError("INVALID_CONFIG", `the path of the ${purpose.name} is empty; name a file`);
  return { is: "sqlite", path: path === undefined ? defaultFile(purpose) : resolve(path) };
}

function defaultFile({ name, pathOption, defaultFile }: DatabasePurpose): string {
  const directory = stateDirectory();
  if (directory !== undefined) return join(directory, defaultFile);
  throw new SnakepitError(
    "INVALID_CONFIG",
    `no directory for the ${name}: HOME is not set, and user id ${process.getuid?.()} has no entry in the user database; name a file (${pathOption}), or set HOME or XDG_STATE_HOME to a directory that this user can write to`,
  );
}

function checkedUrl(purpose: DatabasePurpose, url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed?.protocol === "postgres:" || parsed?.protocol === "postgresql:") return url;
  throw new SnakepitError(
    "INVALID_CONFIG",
    `the url of the ${purpose.name} is not a PostgreSQL URL: ${maskedUrl(url)}; write it like ${EXAMPLE}, or give a path for a SQLite file`,
  );
}

/** A database URL that can be shown to people: passwords, in whichever place, are stars. Works on what is no URL, too. */
export function maskedUrl(url: string): string {
  return url
    .replace(/^((?:[^:/?#]*:\/\/)?[^:@/?#]*):(?!\/\/).*@/, "$1:***@")
    .replace(/([?&](?:password|sslpassword)=)[^&]*/gi, "$1***");
}
