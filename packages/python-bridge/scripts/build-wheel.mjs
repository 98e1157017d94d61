// Builds the wheel of snakepit-bridge into dist/python, from where `snakepit setup` installs it. The same sources give
// the same bytes: hatchling writes every file with a fixed time, in sorted order.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";

const bridge = resolve(import.meta.dirname, "..");
const wheels = join(bridge, "dist/python");
const python = resolve(bridge, "../../.venv/bin/python");

if (!existsSync(python)) {
  process.stderr.write(`The wheel is built with ${python}, which is missing; \`npm test\` in the workspace makes it.\n`);
  process.exit(1);
}

rmSync(wheels, { recursive: true, force: true });
mkdirSync(wheels, { recursive: true });
const build = ["-m", "build", "--wheel", "--no-isolation", "--outdir", wheels, join(bridge, "python")];
// 1980 is the earliest time that a zip archive can hold.
execFileSync(python, build, { env: { ...process.env, SOURCE_DATE_EPOCH: "315532800" }, stdio: ["ignore", "ignore", "inherit"] });
process.stdout.write(`${readdirSync(wheels).join(" ")}\n`);
