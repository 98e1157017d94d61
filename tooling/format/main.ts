// Formats both languages and applies the safe corrections of the linters.
import { spawnSync } from "node:child_process";
import { resolve } from "node:path";

const root = resolve(import.meta.dirname, "../..");
const commands = [
  ["biome", ["check", "--write"], root],
  ["ruff", ["check", "--fix"], root],
  ["ruff", ["format"], root],
] as const;

for (const [program, args, cwd] of commands) {
  const { error, status } = spawnSync(program, args, { cwd, stdio: "inherit" });
  if (error !== undefined) throw error;
  if (status !== 0) process.exitCode = 1;
}
