import type { RegistryLocation } from "./registry-location.ts";

/**
 * A place for sessions: `"memory"` of the host's process; the `"registry"`'s database, whichever that is; a SQLite file;
 * or a PostgreSQL database.
 */
export type StoreLocation = "memory" | "registry" | RegistryLocation;
