// Builds the wheel of snakepit-bridge into dist/python, from where `snakepit setup` installs it, unless it is there.
// The same sources give the same bytes: hatchling writes every file with a fixed time, in sorted order.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { fingerprint, isFresh, writeStamp } from "../../../tooling/bootstrap/stamp.mjs";

const bridge = resolve(import.meta.dirname, "..");
const wheels = join(bridge, "dist/python");
const python = resolve(bridge, "../../.venv/bin/python");

if (!existsSync(python)) {
  process.stderr.write(
    `The wheel is built with ${python}, which is missing; \`npm run setup\` in the workspace makes it.\n`,
  );
  process.exit(1);
}

// Not in dist, which is published.
const stamp = join(bridge, "node_modules/.wheel-stamp");
const sources = fingerprint(
  [],
  [
    import.meta.filename,
    ...["src", "README.md", "pyproject.toml", "requirements-dev.txt"].map((name) => join(bridge, "python", name)),
  ],
);
if (isFresh(stamp, fingerprint([sources], [wheels]))) process.exit();

mkdirSync(wheels, { recursive: true });
// Not in dist: another process may be packing that folder, and would miss the files that this one moves and removes.
const scratch = mkdtempSync(join(bridge, "node_modules/.wheel-"));
try {
  const build = ["-m", "build", "--wheel", "--no-isolation", "--outdir", scratch, join(bridge, "python")];
  // 1980 is the earliest time that a zip archive can hold.
  const env = { ...process.env, SOURCE_DATE_EPOCH: "315532800" };
  execFileSync(python, build, { env, stdio: ["ignore", "ignore", "inherit"] });
  const [wheel] = readdirSync(scratch);
  // Another process may be installing from here: the new wheel takes the old one's place in one step.
  renameSync(join(scratch, wheel), join(wheels, wheel));
  for (const other of readdirSync(wheels)) if (other !== wheel) rmSync(join(wheels, other));
  writeStamp(stamp, fingerprint([sources], [wheels]));
} finally {
  rmSync(scratch, { recursive: true });
}
