import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const project = resolve(import.meta.dirname, "../../packages/python-bridge/python");
const scratch = mkdtempSync(join(tmpdir(), "snakepit-wheel-"));
try {
  // The build backend is among the development requirements: nothing is fetched.
  const args = ["-m", "build", "--wheel", "--no-isolation", "--outdir", scratch, project];
  execFileSync("python", args, { stdio: "inherit" });
} finally {
  rmSync(scratch, { recursive: true });
}
