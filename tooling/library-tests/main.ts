import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { librariesDirectory } from "../../packages/snakepit/src/testing/python-tools.ts";
import { checkProcessPools } from "./process-pools.ts";

// Runs the tests with values of scientific libraries. The libraries take 500 MB, so the development environment does
// not contain them, which also shows that nothing else requires them.
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
await checkProcessPools(libraries);
