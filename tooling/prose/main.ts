import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { checkProse, isChecked } from "./check-prose.ts";

const root = resolve(import.meta.dirname, "../..");
const arguments_ = process.argv.slice(2);
const tracked = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
  cwd: root,
  encoding: "utf8",
  maxBuffer: 2 ** 26,
});
const files =
  arguments_.length > 0
    ? tracked.split("\0").filter((file) => arguments_.some((prefix) => file.startsWith(prefix)))
    : tracked.split("\0").filter(isChecked);

let found = 0;
for (const file of files.filter((each) => each !== "")) {
  for (const { line, message } of await checkProse(file, readFileSync(join(root, file), "utf8"))) {
    console.error(`${file}:${line}: ${message}`);
    found += 1;
  }
}
if (found > 0) {
  console.error(`\n${found} words that docs/glossary.md lists under "Words to avoid".`);
  process.exitCode = 1;
}
