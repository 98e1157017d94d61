import { STATE_STORE } from "../../database/database-purpose.ts";
import { openSqlite } from "../../database/sqlite/open-sqlite.ts";
import { migrate } from "../../migrations/migrate.ts";
import { SqliteStateDatabase } from "./sqlite-state-database.ts";

/**
 * Opens the state of a SQLite file, and brings its schema up to date.
 *
 * @param watchPeriodMs how often to look for changes of others, in milliseconds.
 * @throws SnakepitError `REGISTRY_UNAVAILABLE`
 */
export async function openSqliteState(path: string, watchPeriodMs: number): Promise<SqliteStateDatabase> {
  const file = await openSqlite(path, STATE_STORE);
  try {
    await migrate(file);
    return new SqliteStateDatabase(file, watchPeriodMs);
  } catch (thrown) {
    await file.close();
    throw thrown;
  }
}
