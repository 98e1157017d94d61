import { join, resolve } from "node:path";
import { SnakepitError } from "@snakepit/core";
import type { DatabasePurpose } from "../database/database-fault.ts";
import { stateDirectory } from "./state-directory.ts";

/** The location of a database. */
export type DatabaseLocation =
  | { readonly is: "sqlite"; readonly path: string }
  | { readonly is: "postgresql"; readonly url: string };

const EXAMPLE = "postgres://user:password@host:5432/database";

/**
 * Returns the location of a database: a PostgreSQL URL, a file, or the default file.
 *
 * @throws SnakepitError `INVALID_CONFIG` when the URL is invalid, when both are set, when the path is empty, or when
 *   neither is set and this user has no home directory.
 */
export function locateDatabase(
  purpose: DatabasePurpose,
  url: string | undefined,
  path: string | undefined,
): DatabaseLocation {
  if (url !== undefined && path !== undefined) {
    throw new SnakepitError("INVALID_CONFIG", `only one of url and path may be set for the ${purpose.name}; got both`);
  }
  if (url !== undefined) return { is: "postgresql", url: checkedUrl(purpose, url) };
  if (path === "")
    throw new SnakepitError(
      "INVALID_CONFIG",
      `the path of the ${purpose.name} must not be empty; set the path of a file`,
    );
  return { is: "sqlite", path: path === undefined ? defaultFile(purpose) : resolve(path) };
}

function defaultFile({ name, pathOption, defaultFile }: DatabasePurpose): string {
  const directory = stateDirectory();
  if (directory !== undefined) return join(directory, defaultFile);
  throw new SnakepitError(
    "INVALID_CONFIG",
    `no directory for the ${name}: HOME is not set, and user id ${process.getuid?.()} has no entry in the user database; set the path of a file (${pathOption}), or set HOME or XDG_STATE_HOME to a directory that this user can write to`,
  );
}

function checkedUrl(purpose: DatabasePurpose, url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed?.protocol === "postgres:" || parsed?.protocol === "postgresql:") return url;
  throw new SnakepitError(
    "INVALID_CONFIG",
    `the url of the ${purpose.name} must be a PostgreSQL URL such as ${EXAMPLE}; got ${maskedUrl(url)}; set path for a SQLite file`,
  );
}

/** Returns a URL in which all passwords are masked, for messages. Also accepts strings that are not URLs. */
export function maskedUrl(url: string): string {
  return url
    .replace(/^((?:[^:/?#]*:\/\/)?[^:@/?#]*):(?!\/\/).*@/, "$1:***@")
    .replace(/([?&](?:password|sslpassword)=)[^&]*/gi, "$1***");
}
