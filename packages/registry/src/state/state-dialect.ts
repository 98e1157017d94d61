/** How the databases differ for a state store, besides the SQL of its statements. */
export interface StateDialect {
  readonly kind: "sqlite" | "postgresql";
  /**
   * Whether transactions of writers can overlap, so that rows that must not change after they were read have to be
   * locked. Otherwise a write transaction has exclusive access to the database.
   */
  readonly writersOverlap: boolean;
  /** Translates a pattern with `*` for any string and `?` for one character to the syntax of the database. */
  patternOf(pattern: string): string;
}

export const postgresqlDialect: StateDialect = {
  kind: "postgresql",
  writersOverlap: true,
  // For LIKE.
  patternOf: (pattern) =>
    pattern
      .replace(/[%_\\]/g, "\\$&")
      .replaceAll("*", "%")
      .replaceAll("?", "_"),
};

export const sqliteDialect: StateDialect = {
  kind: "sqlite",
  // A write transaction has exclusive access.
  writersOverlap: false,
  // For GLOB.
  patternOf: (pattern) => pattern.replaceAll("[", "[[]"),
};
