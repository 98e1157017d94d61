import type { DatabaseSync } from "node:sqlite";
import { SQLITE_TABLES } from "../../migrations/sqlite-tables.ts";

/**
 * Creates the tables of all migrations in an empty file, in one transaction. Returns `false` when it is not empty,
 * because another process may have created them first.
 */
export function createSqliteTables(database: DatabaseSync, migrations: readonly string[]): boolean {
  database.exec("begin immediate");
  try {
    const isEmpty = database.prepare("select 1 from sqlite_schema limit 1").get() === undefined;
    if (isEmpty) {
      database.exec(SQLITE_TABLES);
      const add = database.prepare("insert into migrations (name, timestamp) values (?, ?)");
      for (const name of migrations) add.run(name, new Date().toISOString());
    }
    database.exec("commit");
    return isEmpty;
  } finally {
    if (database.isTransaction) database.exec("rollback");
  }
}
