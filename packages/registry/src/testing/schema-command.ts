// Checks that the dumps in schema/ match the migrations; with --write, writes them.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { schemaOfMigrations } from "./schema-of-migrations.ts";

const root = join(import.meta.dirname, "../..");
for (const [file, schema] of await schemaOfMigrations()) {
  const path = join(root, file);
  if (process.argv.includes("--write")) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, schema);
  } else if (readFileSync(path, "utf8") !== schema) {
    process.stderr.write(`${file} does not match the migrations; run: pnpm --filter @snakepit/registry write:schema\n`);
    process.exitCode = 1;
  }
}
