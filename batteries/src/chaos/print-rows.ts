// Prints the rows that a statement returns from a SQLite file as JSON, in the mount namespace of a host.
// usage: node print-rows.ts PATH STATEMENT
import { readSqlite } from "./registry-rows.ts";

const [path = "", statement = ""] = process.argv.slice(2);
process.stdout.write(JSON.stringify(readSqlite(path, statement)));
