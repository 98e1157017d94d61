/** Location of the process registry: a SQLite file, or a PostgreSQL database. */
export type RegistryLocation =
  | {
      /** Path of the SQLite file, which is created if it does not exist. */
      readonly path: string;
      readonly url?: never;
    }
  | {
      /** A PostgreSQL database, for example `postgres://user:password@host:5432/name`. */
      readonly url: string;
      readonly path?: never;
    };

const POSTGRES_URL = /^postgres(ql)?:\/\/./;

/** Whether a value is a {@link RegistryLocation}. */
export function isRegistryLocation(value: unknown): value is RegistryLocation {
  if (typeof value !== "object" || value === null) return false;
  const names = Object.keys(value);
  if (names.length !== 1) return false;
  const { path, url } = value as { path?: unknown; url?: unknown };
  if (names[0] === "path") return typeof path === "string" && path !== "";
  return typeof url === "string" && POSTGRES_URL.test(url);
}

/**
 * Location of sessions: `"memory"` is the memory of the host process, `"registry"` the database of the registry, and
 * the others are a SQLite file or a PostgreSQL database.
 */
export type StoreLocation = "memory" | "registry" | RegistryLocation;
