import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, openSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { beforeAll, expect, test } from "vitest";
import { buildBundledWheel } from "../testing/bundled-wheel.ts";
import { COMMANDS } from "./commands.ts";
import { runCommand } from "./run-command.ts";

beforeAll(buildBundledWheel);

const BIN = join(import.meta.dirname, "bin.ts");

async function run(...args: string[]) {
  const written = { stdout: "", stderr: "" };
  const status = await runCommand(args, {
    stdout: { write: (text) => (written.stdout += text) },
    stderr: { write: (text) => (written.stderr += text) },
  });
  return { status, ...written };
}

test.each([[[]], [["--help"]], [["-h"]], [["help"]]])("%j prints the commands", async (args) => {
  const { status, stdout } = await run(...args);
  expect(status).toBe(0);
  expect(stdout).toMatch(/Usage: snakepit <command>[\s\S]*setup +Prepare a Python environment/);
});

test("--version prints the version of the package", async () => {
  expect(await run("--version")).toMatchObject({ status: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
});

test.each([[["setup", "--help"]], [["setup", "-h"]], [["help", "setup"]]])(
  "%j prints the options of the command",
  async (args) => {
    const { status, stdout } = await run(...args);
    expect(status).toBe(0);
    expect(stdout).toContain("--with PACKAGE");
  },
);

test("every command has help with all its options and an example", async () => {
  for (const { name, options } of COMMANDS) {
    const { status, stdout } = await run(name, "--help");
    expect(status).toBe(0);
    for (const option of [...Object.keys(options), "json", "help"]) expect(stdout).toContain(`--${option}`);
    expect(stdout).toMatch(new RegExp(`Examples:\n {2}# .+\n {2}\\S*.*snakepit ${name}`));
    for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(100);
  }
});

test("the command ends without a message when the reader of its output has exited", async () => {
  const command = spawn(process.execPath, ["--conditions=source", BIN, "--help"], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  command.stdout.destroy();
  const [[status], stderr] = await Promise.all([once(command, "close"), text(command.stderr)]);
  expect({ status, stderr }).toEqual({ status: 141, stderr: "" });
});

test("help imports no other package and none of the implementations", async () => {
  const trace = `data:text/javascript,${encodeURIComponent(`
    import { registerHooks } from "node:module";
    registerHooks({ load: (url, context, next) => (process._rawDebug(url), next(url, context)) });
  `)}`;
  const args = ["--conditions=source", `--import=${trace}`, BIN, "setup", "--help"];
  const command = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "pipe"] });
  const loaded = (await text(command.stderr)).split("\n").filter((url) => url.startsWith("file:"));
  expect(loaded.filter((url) => url.includes("/setup/"))).toEqual([expect.stringContaining("/setup-command.ts")]);
  expect(loaded.filter((url) => !url.includes("/packages/snakepit/src/"))).toEqual([]);
});

test("an unknown command is rejected with the most similar one", async () => {
  const { status, stderr } = await run("setpu");
  expect(status).toBe(2);
  expect(stderr).toBe('snakepit: unknown command "setpu"; did you mean "setup"?\nTry `snakepit --help`.\n');
});

test("with --json, misuse is reported as JSON", async () => {
  const { status, stdout, stderr } = await run("setpu", "--json");
  expect({ status, stderr }).toEqual({ status: 2, stderr: "" });
  expect(JSON.parse(stdout)).toEqual({
    error: { code: "INVALID_ARGUMENT", message: 'unknown command "setpu"; did you mean "setup"?' },
  });
});

test("an option in front of the command is rejected with its place", async () => {
  const { status, stdout } = await run("--json", "doctor");
  expect(status).toBe(2);
  expect(JSON.parse(stdout).error.message).toBe(
    'unknown option "--json"; write it after the command: snakepit COMMAND --json',
  );
  expect(await run("help", "--json")).toMatchObject({ status: 0, stdout: expect.stringContaining("Usage: snakepit") });
});

test("messages contain no control characters of what they quote", async () => {
  const { stderr } = await run("setup", "--python", "\u001b]0;title\u0007python");
  expect(stderr).toContain('got "python"');
});

test.runIf(existsSync("/dev/full"))("output that cannot be written is an error with its cause", () => {
  const full = openSync("/dev/full", "w");
  const { status, stderr } = spawnSync(process.execPath, ["--conditions=source", BIN, "--help"], {
    stdio: ["ignore", full, "pipe"],
    encoding: "utf8",
  });
  closeSync(full);
  expect({ status, stderr }).toEqual({
    status: 1,
    stderr: "snakepit: the output cannot be written: ENOSPC: no space left on device, write\n",
  });
});

test.each([
  [["setup", "--wiht", "numpy"], "unknown option --wiht; did you mean --with?"],
  [["setup", "--with"], "--with requires a value: --with PACKAGE"],
  [
    ["setup", "--venv", "--json=1"],
    "--venv requires a value: --venv DIR; got --json=1; write --venv=--json=1 if that is the value",
  ],
  [["setup", "numpy"], 'unexpected argument "numpy"'],
  [["setup", "--record=yes"], "--record has no value; write --record"],
  [["setup", "--no-json"], "unknown option --no-json"],
  [["completion"], "missing argument SHELL: The shell to complete in: bash or zsh"],
  [["completion", "fish"], 'SHELL must be bash or zsh; got "fish"'],
])("%j is rejected with the exit code of misuse", async ([command = "", ...args], message) => {
  const { status, stdout, stderr } = await run(command, ...args);
  expect({ status, stdout: args.some((arg) => arg === "--json") ? "" : stdout }).toEqual({ status: 2, stdout: "" });
  expect(stderr).toBe(`snakepit ${command}: ${message}\nTry \`snakepit ${command} --help\`.\n`);
});

test("a failure is reported with exit code 1, and with --json as JSON", async () => {
  const missing = join(import.meta.dirname, "no-such-python");
  const failure = await run("setup", "--python", missing);
  expect(failure).toMatchObject({
    status: 1,
    stdout: "",
    stderr: expect.stringMatching(/^snakepit: .*does not exist/),
  });
  const { status, stdout } = await run("setup", "--json", "--python", missing);
  expect(status).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({
    error: { code: "INVALID_CONFIG", message: expect.stringContaining("does not exist") },
  });
});
