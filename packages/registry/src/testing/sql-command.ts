// Writes the generated SQL of the state store and of the migrations; with --check, reports files that differ.
import { readFileSync, writeFileSync } from "node:fs";
import { generatedSql } from "./generate-sql.ts";

for (const [path, text] of await generatedSql()) {
  if (!process.argv.includes("--check")) {
    writeFileSync(path, text);
  } else if (readFileSync(path, "utf8") !== text) {
    process.stderr.write(`${path} is out of date; run: pnpm --filter @snakepit/registry run generate:sql\n`);
    process.exitCode = 1;
  }
}
