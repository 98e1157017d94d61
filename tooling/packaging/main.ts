// Checks the packed packages with publint and arethetypeswrong.
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type PackedPackage, packPackages } from "./pack-packages.ts";

const run = promisify(execFile);

const scratch = mkdtempSync(join(tmpdir(), "snakepit-packed-"));
try {
  const packed = await packPackages(scratch);
  const problems = (await Promise.all(packed.map(problemsOf))).flat();
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exitCode = 1;
} finally {
  rmSync(scratch, { recursive: true });
}

async function problemsOf({ name, tarball }: PackedPackage): Promise<readonly string[]> {
  const results = await Promise.all([
    outputOfFailure("publint", ["run", tarball, "--strict"]),
    // The packages are ESM only, for Node.js versions that can require() ESM.
    outputOfFailure("attw", [tarball, "--profile", "esm-only"]),
  ]);
  return results.flatMap((output) => (output === undefined ? [] : [`${name}:\n${output}`]));
}

async function outputOfFailure(program: string, args: readonly string[]): Promise<string | undefined> {
  try {
    await run(program, args);
    return undefined;
  } catch (thrown) {
    const { stdout = "", stderr = "" } = thrown as { stdout?: string; stderr?: string };
    if (stdout === "" && stderr === "") throw thrown;
    return stdout + stderr;
  }
}
