// Writes the version of package.json to src/package-version.ts: a bundled program has no package.json of Snakepit to
// read. With --check, writes nothing and fails when the file is out of date.
import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";

const COMMAND = "pnpm --filter snakepit run generate:version";
const folder = resolve(import.meta.dirname, "..");
const file = resolve(folder, "src/package-version.ts");
const { version } = JSON.parse(readFileSync(resolve(folder, "package.json"), "utf8"));

const source = `// Generated from package.json by \`${COMMAND}\`; not to be edited.

/** The version of this npm package. */
export const PACKAGE_VERSION = "${version}";
`;

if (!process.argv.includes("--check")) {
  writeFileSync(file, source);
} else if (readFileSync(file, "utf8") !== source) {
  process.stderr.write(`packages/snakepit/src/package-version.ts is out of date; run: ${COMMAND}\n`);
  process.exitCode = 1;
}
