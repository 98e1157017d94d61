/** What a database is opened for. Messages name it, and the options that say where it is. */
export interface DatabasePurpose {
  /** What it is called in a sentence, without an article. */
  readonly name: string;
  /** The option that names a SQLite file. */
  readonly pathOption: string;
  /** The option that names a PostgreSQL database. */
  readonly urlOption: string;
  /** The SQLite file in the user's state directory that serves where nothing is said. */
  readonly defaultFile: string;
}

/** Which processes a host has started. */
export const PROCESS_REGISTRY: DatabasePurpose = {
  name: "process registry",
  pathOption: "registry: { path }",
  urlOption: "registry: { url }",
  defaultFile: "registry.db",
};

/** Sessions, and what belongs to them. */
export const STATE_STORE: DatabasePurpose = {
  name: "state store",
  pathOption: "sessions: { store: { path } }",
  urlOption: "sessions: { store: { url } }",
  defaultFile: "state.db",
};
