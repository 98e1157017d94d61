import { execFile } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { nodeTooOld } from "./node-version.mjs";
import { pinnedPnpm } from "./workspace.mjs";

const root = resolve(import.meta.dirname, "../..");

/**
 * Runs the interpreter of this clone, which has pip, as an environment that exists already: installing pip into a new
 * one takes much longer than any of these tests, and none of them is about it.
 */
const DEVELOPED_PYTHON = `exec '${join(root, ".venv/bin/python")}' "$@"`;
const NOWHERE = "http://127.0.0.1:1/";

/** A clone with the bootstrap and nothing to prepare on the Node side: its pnpm and its compiler succeed at once. */
let clone: string;
let programs: string;

beforeEach(() => {
  clone = realpathSync(mkdtempSync(join(tmpdir(), "snakepit-clone-")));
  programs = join(clone, "programs");
  for (const path of ["tooling/bootstrap", "package.json", ".node-version"]) {
    cpSync(join(root, path), join(clone, path), { recursive: true });
  }
  write("packages/core/dist/index.js", "");
  write("packages/python-bridge/python/requirements-dev.txt", "no-such-package-anywhere==1.0\n");
  write("node_modules/typescript/bin/tsc", "");
  write("packages/dashboard/scripts/build-page.mjs", "");
  program(`.tools/pnpm-${pinnedPnpm()}/node_modules/.bin/pnpm`, "exit 0");
});
afterEach(() => rmSync(clone, { recursive: true }));

test("the error for an old Node.js names the required version", () => {
  expect(nodeTooOld("18.20.0")).toContain("This is Node.js 18.20.0; setting up Snakepit requires Node.js 20 or newer.");
  expect(nodeTooOld("20.0.0")).toBeUndefined();
});

test("a SNAKEPIT_NODE that does not exist is named with the remedy", async () => {
  const { code, stderr } = await setUp({ PATH: programs, SNAKEPIT_NODE: "/nowhere/node" });
  expect(stderr).toContain("SNAKEPIT_NODE must name an existing program; got /nowhere/node.");
  expect(stderr).toContain("set SNAKEPIT_NODE to the program of a Node.js 22.18 or newer");
  expect(code).toBe(1);
});

describe("Python", () => {
  test("missing: how to install it", async () => {
    const { code, stderr } = await setUp({ PATH: programs });
    expect(stderr).toContain("Set-up failed: found no Python on PATH.");
    expect(stderr).toMatch(/What to do: install Python 3\.10 or newer .*apt install python3 python3-venv/);
    expect(code).toBe(1);
  });

  test("too old: which one was found, and what is needed", async () => {
    interpreter("python3", { version: "3.9.2", minor: 9 });
    const { stderr } = await setUp({ PATH: programs });
    expect(stderr).toContain(`found no usable Python (${programs}/python3 is 3.9.2, older than 3.10).`);
  });

  test("of another implementation", async () => {
    interpreter("python3", { version: "3.11.9", minor: 11, implementation: "pypy" });
    expect((await setUp({ PATH: programs })).stderr).toContain("is pypy, not CPython");
  });

  test("named by SNAKEPIT_PYTHON, but not executable", async () => {
    const { stderr } = await setUp({ PATH: programs, SNAKEPIT_PYTHON: "/nowhere/python" });
    expect(stderr).toContain("SNAKEPIT_PYTHON must name a usable Python; /nowhere/python cannot be run.");
  });

  test("without the venv module: names the Debian package", async () => {
    interpreter("python3", { version: "3.12.3", minor: 12, venv: true, ensurepip: false });
    const { stderr } = await setUp({ PATH: programs });
    expect(stderr).toContain(`creating a virtual environment with ${programs}/python3`);
    expect(stderr).toContain("apt install python3.12-venv");
  });
});

describe("without a network", () => {
  test("npm cannot fetch: the remedy, and the output of npm", async () => {
    program(".venv/bin/python", `[ "$1" = -m ] || ${DEVELOPED_PYTHON}`);
    rmSync(join(clone, ".tools"), { recursive: true });
    const { stderr } = await setUp({ npm_config_registry: NOWHERE, npm_config_fetch_retries: "0" });
    expect(stderr).toMatch(/Set-up failed: fetching pnpm .* from npm: the network, or the package registry,/);
    expect(stderr).toContain("ECONNREFUSED");
    expect(stderr).toContain("What to do: check the network connection, and the proxy settings");
  });

  test("pip cannot fetch: the remedy, and the output of pip", async () => {
    program(".venv/bin/python", DEVELOPED_PYTHON);
    const { stderr } = await setUp({ PIP_INDEX_URL: NOWHERE, PIP_RETRIES: "1", PIP_CONFIG_FILE: "/dev/null" });
    expect(stderr).toContain("installing the Python packages into .venv: the network, or the package registry,");
  });

  test("both sides at once are both reported", async () => {
    rmSync(join(clone, ".tools"), { recursive: true });
    const offline = { npm_config_registry: NOWHERE, npm_config_fetch_retries: "0" };
    const { stderr } = await setUp({ ...offline, SNAKEPIT_PYTHON: "/nowhere/python" });
    expect(stderr.match(/Set-up failed/g)).toHaveLength(2);
  });
});

describe("programs of Debian", () => {
  test("cannot be fetched here: the set-up names them and continues", async () => {
    const { stderr } = await setUp({ PATH: programs });
    expect(stderr).toContain("Tests of the dashboard and the metrics need chromium, prometheus, promtool on PATH;");
  });

  test("apt-get fails: its output, and the packages to install", async () => {
    program("programs/apt-get", "echo 'E: no such release' >&2; exit 100");
    program("programs/dpkg-deb", "exit 1");
    const { stderr } = await setUp({ PATH: `${programs}:/nowhere` });
    expect(stderr).toContain(
      "Set-up failed: fetching a browser and Prometheus from Debian: the tool ended with exit code 100.",
    );
    expect(stderr).toContain("E: no such release");
    expect(stderr).toContain("What to do: install them yourself: chromium prometheus.");
  });
});

test("a clone that cannot be written to is named", async () => {
  rmSync(join(clone, ".tools"), { recursive: true });
  write(".tools", "a file where the folder should be");
  const { stderr } = await setUp({});
  expect(stderr).toContain("Set-up failed: the clone cannot be written to");
  expect(stderr).toContain(`give this user write permission for ${clone}`);
});

test("sources that do not compile: the output of the compiler", async () => {
  write("node_modules/typescript/bin/tsc", 'console.log("core.ts(1,1): error TS1: no"); process.exitCode = 1;');
  const { stderr } = await setUp({ PATH: programs });
  expect(stderr).toContain("Set-up failed: the TypeScript sources do not compile.");
  expect(stderr).toContain("core.ts(1,1): error TS1: no");
});

test("an unknown command lists the known ones", async () => {
  const { stderr } = await run(["dmeo"], {});
  expect(stderr).toContain('got "dmeo".');
  expect(stderr).toContain("demo, test, bench");
});

function setUp(env: Readonly<Record<string, string>>) {
  return run(["setup"], env);
}

function run(args: readonly string[], env: Readonly<Record<string, string>>) {
  const { npm_execpath: _, SNAKEPIT_PYTHON: __, ...inherited } = process.env;
  const all = { ...inherited, HOME: join(clone, "home"), npm_config_cache: join(clone, "cache"), ...env };
  return new Promise<{ readonly code: unknown; readonly stderr: string }>((done) => {
    execFile(
      process.execPath,
      [join(clone, "tooling/bootstrap/run.mjs"), ...args],
      { env: all },
      (error, _out, stderr) => done({ code: error?.code ?? 0, stderr }),
    );
  });
}

// Creates an interpreter that only answers the probe of the bootstrap.
function interpreter(name: string, answer: object): void {
  const usual = { program: join(programs, name), implementation: "cpython", venv: true, ensurepip: true };
  program(`programs/${name}`, `[ "$1" = -c ] && echo '${JSON.stringify({ ...usual, ...answer })}' || exit 1`);
}

function program(path: string, script: string): void {
  write(path, `#!/bin/sh\n${script}\n`);
  chmodSync(join(clone, path), 0o755);
}

function write(path: string, text: string): void {
  mkdirSync(dirname(join(clone, path)), { recursive: true });
  writeFileSync(join(clone, path), text);
}
