import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

// Turns the changesets into versions and changelogs, and updates whatever repeats a version. The release workflow runs
// it for its pull request; nothing is published.
const ROOT = resolve(import.meta.dirname, "../..");
const BRIDGE = join(ROOT, "packages/python-bridge");

run("changeset", "version");
run("pnpm", "--filter", "snakepit", "run", "generate:version");
// The Python package has the version of the npm package that contains its wheel.
const { version } = JSON.parse(readFileSync(join(BRIDGE, "package.json"), "utf8")) as { readonly version: string };
replaceIn("python/pyproject.toml", /^version = ".*"$/m, `version = "${version}"`);
replaceIn("python/src/snakepit_bridge/_version.py", /^__version__ = ".*"$/m, `__version__ = "${version}"`);
run("node", join(ROOT, "tooling/codegen/proto-baseline.ts"));
run("pnpm", "install", "--lockfile-only");

function run(program: string, ...args: readonly string[]): void {
  execFileSync(program, args, { cwd: ROOT, stdio: "inherit" });
}

function replaceIn(path: string, line: RegExp, replacement: string): void {
  const file = join(BRIDGE, path);
  const before = readFileSync(file, "utf8");
  if (!line.test(before)) throw new Error(`${path} has no line that matches ${line}`);
  writeFileSync(file, before.replace(line, replacement));
}
