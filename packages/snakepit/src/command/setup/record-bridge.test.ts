import { execFile } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { python } from "@snakepit/python-bridge";
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { Snakepit } from "../../snakepit.ts";
import { buildBundledWheel } from "../../testing/bundled-wheel.ts";
import { poetryDirectory, uvDirectory } from "../../testing/python-tools.ts";
import { runCommand } from "../run-command.ts";

const TIMEOUT_MS = 600_000;
const run = promisify(execFile);

let project: string;
let interpreter: string;
const manifest = () => readFileSync(join(project, "pyproject.toml"), "utf8");

beforeAll(buildBundledWheel);

beforeEach(() => {
  // Covers spaces and special characters in paths.
  project = join(realpathSync(mkdtempSync(join(tmpdir(), "snakepit-record-"))), "my app");
  mkdirSync(project);
  interpreter = join(project, ".venv/bin/python3");
  vi.spyOn(process, "cwd").mockReturnValue(project);
  // Hides the environment in which the tests run.
  for (const name of ["VIRTUAL_ENV", "SNAKEPIT_PYTHON", "CONDA_PREFIX"]) vi.stubEnv(name, undefined);
  vi.stubEnv("POETRY_VIRTUALENVS_IN_PROJECT", "true");
});

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  rmSync(join(project, ".."), { recursive: true });
});

/** Returns the search path with a directory at its beginning and without the environment of the workspace. */
function usePath(directory: string): void {
  const rest = (process.env["PATH"] ?? "").split(delimiter).filter((each) => !each.includes(".venv"));
  vi.stubEnv("PATH", [directory, ...rest].join(delimiter));
}

async function snakepit(...args: readonly string[]) {
  const written = { stdout: "", stderr: "" };
  const status = await runCommand(args, {
    stdout: { write: (text) => (written.stdout += text) },
    stderr: { write: (text) => (written.stderr += text) },
  });
  return { status, ...written };
}

async function importsBridge(): Promise<boolean> {
  return await run(interpreter, ["-c", "import snakepit_bridge"]).then(
    () => true,
    () => false,
  );
}

/** Starts a host whose target has no tools; returns the message of the error. */
async function startError(target: string): Promise<string> {
  writeFileSync(join(project, "tools.py"), target);
  const worker = python(join(project, "tools.py"), { cwd: project });
  const start = Snakepit.start({ worker, registry: { path: join(project, "registry.db") } });
  return await start.then(
    () => Promise.reject(new Error("it started")),
    (error: Error) => error.message,
  );
}

function installCommandIn(message: string): string {
  return /install it \((.+?)\), or/.exec(message)?.[1] ?? message;
}

describe("in a project of uv (E6)", () => {
  const uv = async (...args: readonly string[]) => await run("uv", args, { cwd: project });

  beforeEach(async () => {
    usePath(await uvDirectory());
    await uv("init", "--bare", "--name", "app");
  }, TIMEOUT_MS);

  test("setup --record lists the bridge, uv sync keeps it, and setup replaces a listed wheel of another version", {
    timeout: TIMEOUT_MS,
  }, async () => {
    const { status, stdout, stderr } = await snakepit("setup", "--record");
    expect({ status, stderr }).toMatchObject({ status: 0 });
    expect(stdout).toContain(
      `${join(project, "pyproject.toml")} lists snakepit-bridge; commit ${join(project, "vendor")}`,
    );
    await uv("sync");
    expect(await importsBridge()).toBe(true);
    // Another clone has the committed files, in another directory.
    rmSync(join(project, ".venv"), { recursive: true });
    await uv("sync", "--locked");
    expect(await importsBridge()).toBe(true);
    expect(manifest()).not.toContain(project);
    const [wheel = ""] = readdirSync(join(project, "vendor"));
    // The files that an older Snakepit would have created.
    writeFileSync(
      join(project, "pyproject.toml"),
      manifest().replaceAll(wheel, "snakepit_bridge-0.0.1-py3-none-any.whl"),
    );
    writeFileSync(join(project, "vendor/snakepit_bridge-0.0.1-py3-none-any.whl"), "");
    rmSync(join(project, "vendor", wheel));
    expect(await snakepit("setup")).toMatchObject({ status: 0 });
    expect(readdirSync(join(project, "vendor"))).toEqual([wheel]);
    await uv("sync");
    expect(await importsBridge()).toBe(true);
  });

  test("setup without an option warns that uv removes the bridge, and names the command that keeps it", {
    timeout: TIMEOUT_MS,
  }, async () => {
    await uv("sync");
    const before = manifest();
    const { status, stdout } = await snakepit("setup");
    expect(status).toBe(0);
    expect(manifest()).toBe(before);
    expect(await importsBridge()).toBe(true);
    await uv("sync");
    expect(await importsBridge()).toBe(false);
    const command = /uv sync will remove snakepit-bridge, .*: npx snakepit (.+)/.exec(stdout)?.[1] ?? "";
    expect((await snakepit(...command.split(" "))).status).toBe(0);
    await uv("sync");
    expect(await importsBridge()).toBe(true);
  });

  test("a start without the bridge, or a module of the target, names the command that adds and keeps it", {
    timeout: TIMEOUT_MS,
  }, async () => {
    await uv("sync");
    const message = await startError("");
    expect(message).not.toContain("-m pip");
    const command = /npx snakepit setup --python (.+) --record/.exec(message);
    expect((await snakepit("setup", "--python", command?.[1] ?? "", "--record")).status).toBe(0);
    await uv("sync");
    expect(await importsBridge()).toBe(true);
    // The same for a module that the target imports.
    const install = installCommandIn(await startError("import six\n"));
    expect(install).toMatch(/^uv add --project /);
    await run("sh", ["-c", install]);
    await uv("sync");
    expect(await startError("import six\n")).toMatch(/no tools|@tool/);
  });

  test("a failure of uv is reported with its output and leaves no files behind", { timeout: TIMEOUT_MS }, async () => {
    writeFileSync(join(project, "pyproject.toml"), `${manifest()}\n[tool.uv\n`);
    const broken = manifest();
    const { status, stderr } = await snakepit("setup", "--record");
    expect(status).toBe(1);
    expect(stderr).toMatch(/snakepit: uv add \.\/vendor\/snakepit_bridge-.* failed in .*:\n[\s\S]*pyproject\.toml/);
    expect(manifest()).toBe(broken);
    expect(readdirSync(join(project, "vendor"))).toEqual([]);
  });
});

describe("in a project of poetry (E6)", () => {
  const poetry = async (...args: readonly string[]) => await run("poetry", [...args, "-n"], { cwd: project });
  let source: string;

  beforeEach(async () => {
    // Uses the index of pip: some mirrors of PyPI lack the API that poetry uses by default.
    const program = "from pip._internal.models.index import PyPI; print(PyPI.simple_url)";
    const index = process.env["PIP_INDEX_URL"] ?? (await run("python3", ["-c", program])).stdout.trim();
    usePath(await poetryDirectory());
    source = `\n[[tool.poetry.source]]\nname = "simple"\nurl = "${index}"\npriority = "primary"\n`;
  }, TIMEOUT_MS);

  // The other form of its manifest, [tool.poetry.dependencies], accepts relative paths.
  test("setup --record lists the bridge with a relative path, and poetry sync keeps it", {
    timeout: TIMEOUT_MS,
  }, async () => {
    const text =
      '[project]\nname = "app"\nversion = "0.1.0"\nrequires-python = ">=3.10"\n\n[tool.poetry]\npackage-mode = false\n';
    writeFileSync(join(project, "pyproject.toml"), text + source);
    const { status, stderr } = await snakepit("setup", "--record");
    expect({ status, stderr }).toMatchObject({ status: 0 });
    expect(manifest()).not.toContain(project);
    expect(readFileSync(join(project, "poetry.lock"), "utf8")).not.toContain(project);
    await poetry("sync", "--no-root");
    expect(await importsBridge()).toBe(true);
  });
});

describe("in an environment without pip, outside of a project of uv or poetry (E6)", () => {
  beforeEach(async () => usePath(await uvDirectory()), TIMEOUT_MS);

  test("created by uv, the command that installs a module uses uv", { timeout: TIMEOUT_MS }, async () => {
    await run("uv", ["venv"], { cwd: project });
    await snakepit("setup");
    const command = installCommandIn(await startError("import six\n"));
    expect(command).toMatch(/^uv pip install --python /);
    await run("sh", ["-c", command]);
    expect(await startError("import six\n")).not.toContain("six");
  });

  test("created by venv, setup installs pip", { timeout: TIMEOUT_MS }, async () => {
    await run("python3", ["-m", "venv", "--without-pip", ".venv"], { cwd: project });
    await snakepit("setup");
    const command = installCommandIn(await startError("import six\n"));
    const [, ...args] = /^npx snakepit (setup) (--python) '(.+)' (--with) (six)$/.exec(command) ?? [];
    expect(await snakepit(...args)).toMatchObject({ status: 0 });
    expect(await startError("import six\n")).not.toContain("six");
  });
});

test("--record fails with its requirement outside of a project of uv or poetry (E6)", async () => {
  usePath(project);
  const { status, stderr } = await snakepit("setup", "--record");
  expect(status).toBe(1);
  expect(stderr).toMatch(
    /--record requires a pyproject\.toml of uv or poetry in .*my app or a parent directory; got none/,
  );
  expect(existsSync(join(project, "vendor"))).toBe(false);
});
