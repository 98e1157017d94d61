import { execFileSync } from "node:child_process";
import { existsSync, globSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { buildBundledWheel } from "../../testing/bundled-wheel.ts";
import { writeFakeInterpreter } from "../../testing/python-tools.ts";
import { setUpEnvironment } from "./set-up-environment.ts";

let project: string;
beforeAll(buildBundledWheel);
beforeEach(() => {
  project = realpathSync(mkdtempSync(join(tmpdir(), "snakepit-setup-")));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(project, { recursive: true });
});

async function setUp(options: { readonly python?: string; readonly with?: readonly string[] } = {}) {
  const lines: string[] = [];
  const progress = { step: (title: string) => lines.push(title), output: (line: string) => lines.push(line) };
  // Hides the environment in which the tests run.
  const { VIRTUAL_ENV: _active, SNAKEPIT_PYTHON: _chosen, ...env } = process.env;
  const path = (env["PATH"] ?? "").split(delimiter).filter((directory) => !directory.includes(".venv"));
  const report = await setUpEnvironment({
    python: options.python,
    venv: undefined,
    with: options.with ?? [],
    record: async () => false,
    cwd: project,
    env: { ...env, PATH: path.join(delimiter) },
    progress,
  });
  return { report, output: lines.join("\n") };
}

/** Creates an environment with a link to the pip of the workspace: installing pip would take most of a test. */
function createEnvironmentWithPip(): void {
  const environment = join(project, ".venv");
  execFileSync("python3", ["-m", "venv", "--without-pip", environment]);
  const pip = String(execFileSync("python3", ["-c", "import pip; print(pip.__path__[0])"])).trim();
  const [packages = ""] = globSync("lib/python*/site-packages", { cwd: environment });
  symlinkSync(pip, join(environment, packages, "pip"));
}

test("setup creates an environment in an empty project that can import the bridge; the second run finds it", {
  timeout: 600_000,
}, async () => {
  const first = await setUp();
  const interpreter = join(project, ".venv/bin/python3");
  expect(first.report).toMatchObject({ interpreter, environment: join(project, ".venv"), created: true, found: true });
  expect(first.output).toMatch(/^Creating .*\.venv with Python[\s\S]*Installing snakepit-bridge/);
  const imported = execFileSync(interpreter, ["-c", "import snakepit_bridge; print(snakepit_bridge.__version__)"]);
  expect(String(imported).trim()).toBe(first.report.bridge);
  const second = await setUp();
  expect(second.report).toEqual({ ...first.report, created: false });
});

test("a failed installation is reported with the output of the installer, and the bridge can be used", {
  timeout: 600_000,
}, async () => {
  createEnvironmentWithPip();
  await expect(setUp({ with: ["no-such-package-of-snakepit"] })).rejects.toMatchObject({
    code: "WORKER_START_FAILED",
    message: expect.stringMatching(
      /^installing no-such-package-of-snakepit for \S+ failed; check the names, the versions and the connection to the package index, and run setup again:\n[\s\S]*No matching distribution/,
    ),
  });
  execFileSync(join(project, ".venv/bin/python3"), ["-c", "import snakepit_bridge"]);
});

test("an interpreter without ensurepip is reported with the remedy, and leaves no files behind", async () => {
  const python = writeFakeInterpreter(join(project, "usr/bin/python3"), { hasEnsurepip: false });
  // Hides uv, which does not need ensurepip.
  vi.stubEnv("PATH", dirname(python));
  await expect(setUp({ python })).rejects.toMatchObject({
    code: "WORKER_START_FAILED",
    message: expect.stringMatching(
      /its module ensurepip is missing; install it \(on Debian and Ubuntu: apt install python3\.12-venv\)/,
    ),
  });
  expect(existsSync(join(project, ".venv"))).toBe(false);
});

test("an environment that cannot be created is removed again", async () => {
  const python = writeFakeInterpreter(join(project, "usr/bin/python3"), {});
  await expect(setUp({ python })).rejects.toThrow(/creating the environment .*\.venv failed/);
  expect(existsSync(join(project, ".venv"))).toBe(false);
});
