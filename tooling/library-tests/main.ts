import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { librariesDirectory } from "../../packages/snakepit/src/testing/python-tools.ts";

// Runs the tests of what becomes of the values of scientific libraries. They are 500 MB: the environment in which all
// else is developed and tested does not have them, and shows that nothing needs them.
const PROJECT = resolve(import.meta.dirname, "../../packages/python-bridge/python");

const libraries = await librariesDirectory(
  resolve(PROJECT, "requirements-libraries.txt"),
  resolve(PROJECT, "requirements-dev.txt"),
);
const { status } = spawnSync("python", ["-m", "pytest", "--quiet", "library_tests"], {
  cwd: PROJECT,
  env: { ...process.env, PYTHONPATH: libraries },
  stdio: "inherit",
});
process.exitCode = status ?? 1;
