import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { runCommand } from "./run-command.ts";

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

test("the command ends without a message when the reader of its output has exited", async () => {
  const bin = join(import.meta.dirname, "bin.ts");
  const command = spawn(process.execPath, ["--conditions=source", bin, "--help"], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  command.stdout.destroy();
  const [[status], stderr] = await Promise.all([once(command, "close"), text(command.stderr)]);
  expect({ status, stderr }).toEqual({ status: 141, stderr: "" });
});

test("an unknown command is rejected with the most similar one", async () => {
  const { status, stderr } = await run("setpu");
  expect(status).toBe(2);
  expect(stderr).toBe('snakepit: unknown command "setpu"; did you mean "setup"?\nTry `snakepit --help`.\n');
});

test("an unknown option is rejected with the most similar one", async () => {
  const { status, stderr } = await run("setup", "--wiht", "numpy");
  expect(status).toBe(2);
  expect(stderr).toBe("snakepit setup: unknown option --wiht; did you mean --with?\nTry `snakepit setup --help`.\n");
});

test.each([[["--with"]], [["numpy"]], [["--json=yes"]]])(
  "setup %j is rejected with the exit code of misuse",
  async (args) => {
    const { status, stderr } = await run("setup", ...args);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^snakepit setup: .+\nTry `snakepit setup --help`\.\n$/);
  },
);
