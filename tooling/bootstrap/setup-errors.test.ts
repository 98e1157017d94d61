import { execFile } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { nodeTooOld } from "./node-version.mjs";
import { pinnedPnpm } from "./workspace.mjs";

const root = resolve(import.meta.dirname, "../..");
// npm and pip take their time on a busy machine.
vi.setConfig({ testTimeout: 90_000 });

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
  program(`.tools/pnpm-${pinnedPnpm()}/node_modules/.bin/pnpm`, "exit 0");
});
afterEach(() => rmSync(clone, { recursive: true }));

test("a Node.js that is too old is told which one is needed", () => {
  expect(nodeTooOld("18.20.0")).toContain("This is Node.js 18.20.0; setting Snakepit up needs Node.js 20 or newer.");
  expect(nodeTooOld("20.0.0")).toBeUndefined();
});

test("a SNAKEPIT_NODE that does not exist is named with the remedy", async () => {
  const { code, stderr } = await setUp({ PATH: programs, SNAKEPIT_NODE: "/nowhere/node" });
  expect(stderr).toContain("SNAKEPIT_NODE names /nowhere/node, which does not exist.");
  expect(stderr).toContain("let SNAKEPIT_NODE name the program of a Node.js 22.18 or newer");
  expect(code).toBe(1);
});

describe("Python", () => {
  test("missing: how to install it", async () => {
    const { code, stderr } = await setUp({ PATH: programs });
    expect(stderr).toContain("Set-up failed: no Python was found on PATH.");
    expect(stderr).toMatch(/What to do: install Python 3\.10 or newer .*apt install python3 python3-venv/);
    expect(code).toBe(1);
  });

  test("too old: which one was found, and what is needed", async () => {
    interpreter("python3", { version: "3.9.2", minor: 9 });
    const { stderr } = await setUp({ PATH: programs });
    expect(stderr).toContain(`no Python that will do was found (${programs}/python3: it is 3.9.2, older than 3.10).`);
  });

  test("of another make", async () => {
    interpreter("python3", { version: "3.11.9", minor: 11, implementation: "pypy" });
    expect((await setUp({ PATH: programs })).stderr).toContain("it is pypy, not CPython");
  });

  test("wanted by SNAKEPIT_PYTHON, but not to be run", async () => {
    const { stderr } = await setUp({ PATH: programs, SNAKEPIT_PYTHON: "/nowhere/python" });
    expect(stderr).toContain("SNAKEPIT_PYTHON names /nowhere/python, but it cannot be run.");
  });

  test("without a way to make an environment: the package that Debian has split off", async () => {
    interpreter("python3", { version: "3.12.3", minor: 12, venv: true, ensurepip: false });
    const { stderr } = await setUp({ PATH: programs });
    expect(stderr).toContain(`making a virtual environment with ${programs}/python3`);
    expect(stderr).toContain("apt install python3.12-venv");
  });
});

describe("without a network", () => {
  test("npm cannot fetch: what to check, and what npm said", async () => {
    rmSync(join(clone, ".tools"), { recursive: true });
    const { stderr } = await setUp({ npm_config_registry: NOWHERE, npm_config_fetch_retries: "0" });
    expect(stderr).toMatch(/Set-up failed: fetching pnpm .* from npm: the network, or the package registry,/);
    expect(stderr).toContain("ECONNREFUSED");
    expect(stderr).toContain("What to do: check the network connection, and the proxy settings");
  });

  test("pip cannot fetch: the same", async () => {
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

test("a clone that cannot be written to is named", async () => {
  rmSync(join(clone, ".tools"), { recursive: true });
  write(".tools", "a file where the folder should be");
  const { stderr } = await setUp({});
  expect(stderr).toContain("Set-up failed: the clone cannot be written to");
  expect(stderr).toContain(`give this user the right to write to ${clone}`);
});

test("sources that do not compile: the compiler's own words", async () => {
  write("node_modules/typescript/bin/tsc", 'console.log("core.ts(1,1): error TS1: no"); process.exitCode = 1;');
  const { stderr } = await setUp({ PATH: programs });
  expect(stderr).toContain("Set-up failed: the TypeScript sources do not compile.");
  expect(stderr).toContain("core.ts(1,1): error TS1: no");
});

test("an unknown command lists the known ones", async () => {
  const { stderr } = await run(["dmeo"], {});
  expect(stderr).toContain('there is no command "dmeo".');
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

// What an interpreter answers when the bootstrap asks it what it is; it can do nothing else.
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
