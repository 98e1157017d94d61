import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CommandProject } from "../../testing/command-project.ts";
import { InTerminal, snakepit } from "../../testing/in-terminal.ts";
import { writeResult } from "./write-result.ts";

let project: CommandProject;

beforeEach(() => {
  project = new CommandProject();
  copyFileSync(join(import.meta.dirname, "../../testing/command_tools.py"), project.path("tools.py"));
  project.write("package.json", '{"type": "module"}');
});

afterEach(() => project[Symbol.asyncDispose]());

const WORKER = ["--worker", "./tools.py"];
/** Python may need longer to stop a call on a busy machine than the default limits allow. */
const PATIENT = 'defineConfig({ worker: python("./tools.py"), size: 1, cancelGraceMs: "2m", shutdownGraceMs: "2m" })';

describe("snakepit call", () => {
  test("prints the result of a tool of a Python file", async () => {
    const ended = await project.run(["call", "add", ...WORKER, "--args", '{"a": 2, "b": 40}']);
    expect(ended).toEqual({ status: 0, signal: null, stdout: "42\n", stderr: "" });
  });

  test("uses the configuration of a parent directory, whose paths are relative to it", async () => {
    project.writeConfig('defineConfig(async () => ({ worker: python("./tools.py"), size: 1 }))');
    project.write("sub/dir/args.json", '{"a": 2, "b": 40}');
    const run = (...args: string[]) => project.run(["call", ...args], { below: "sub/dir" });
    expect(await run("add", "--args", "@args.json")).toMatchObject({ status: 0, stdout: "42\n" });
    expect(await run("directory")).toMatchObject({ status: 0, stdout: `${project.directory}\n` });
  });

  test("calls a tool of the requested pool and session, with arguments from stdin", async () => {
    project.writeConfig(
      'defineConfig({ pools: { a: { worker: python("./tools.py:Other"), size: 1 }, b: { worker: python("./tools.py"), size: 1 } } })',
      "other.mjs",
    );
    project.write(
      "tools.py",
      "from snakepit_bridge import Adapter, SessionContext, tool\n\nclass Other(Adapter):\n    @tool\n    def who(self, ctx: SessionContext, name: str) -> str:\n        return f'{name} in {ctx.session_id}'\n\n@tool\ndef who() -> str:\n    return 'function'\n",
    );
    const args = ["call", "who", "--config", "other.mjs", "--pool", "a", "--session", "s1", "--args", "-"];
    expect(await project.run(args, { input: '{"name": "Ada"}' })).toMatchObject({ status: 0, stdout: "Ada in s1\n" });
  });

  test("prints strings as they are and other values as JSON; with --json everything in one line", async () => {
    const run = (tool: string, value: unknown, ...args: string[]) =>
      project.run(["call", tool, ...WORKER, "--args", JSON.stringify(value), ...args]);
    expect((await run("echo", { value: "a\nb" })).stdout).toBe("a\nb\n");
    expect((await run("echo", { value: "a\nb" }, "--json")).stdout).toBe('"a\\nb"\n');
    const values = { large: String(2n ** 60n), bytes: "aGk=", set: [1], none: null };
    const { stdout } = await run("values", {});
    expect(JSON.parse(stdout)).toEqual(values);
    expect(stdout).toContain('\n  "bytes"');
    expect((await run("values", {}, "--json")).stdout).toBe(`${JSON.stringify(values)}\n`);
  });

  test("prints the chunks of a stream in lines, and what Python prints to stderr", async () => {
    const ended = await project.run(["call", "count", ...WORKER, "--args", '{"to": 3}']);
    expect(ended).toMatchObject({ status: 0, stdout: "0\n1\n2\n", stderr: expect.stringContaining("counting") });
  });

  test("prints a chunk that is an object in one line", async () => {
    let written = "";
    const stdout = { write: (text: string) => (written += text) };
    await writeResult(stdout, { row: [0, 1] }, { asJson: false, isChunk: true });
    expect(written).toBe('{"row":[0,1]}\n');
  });

  test("rejects a tool that returns a value if --stream is set", async () => {
    const ended = await project.run(["call", "add", ...WORKER, "--stream", "--args", '{"a": 1, "b": 2}']);
    const message = 'tool "add" returns one value instead of chunks; omit --stream (INVALID_ARGUMENT)';
    expect(ended).toMatchObject({ status: 1, stdout: "", stderr: expect.stringContaining(message) });
  });

  test("prints the Python traceback of an exception, then the error", async () => {
    const ended = await project.run(["call", "divide", ...WORKER, "--args", '{"a": 1, "b": 0}']);
    expect(ended).toMatchObject({ status: 1, stdout: "" });
    expect(ended.stderr).toMatch(
      /^Traceback \(most recent call last\):\n.*tools\.py", line \d+, in divide\n[\s\S]*ZeroDivisionError: .*\n\nsnakepit: divide\(\) raised ZeroDivisionError: .* \(PYTHON_EXCEPTION\)\n$/,
    );
  });

  test("prints an exception with --json as one line of JSON", async () => {
    const ended = await project.run(["call", "divide", ...WORKER, "--json", "--args", '{"a": 1, "b": 0}']);
    expect(ended).toMatchObject({ status: 1, stderr: "" });
    expect(JSON.parse(ended.stdout)).toMatchObject({
      error: {
        code: "PYTHON_EXCEPTION",
        python: { type: "ZeroDivisionError", traceback: expect.stringContaining("in divide") },
      },
    });
  });

  test.each([
    ["an unknown tool", ["sub", ...WORKER], "UNKNOWN_TOOL"],
    ["an unknown pool", ["add", ...WORKER, "--pool", "gpu"], "UNKNOWN_POOL"],
    ["a call that exceeds --timeout", ["wait", ...WORKER, "--args", '{"seconds": 60}', "--timeout", "1s"], "DEADLINE"],
    ["a target that does not exist", ["add", "--worker", "./missing.py"], "missing.py"],
  ])("reports %s with exit code 1", async (_, args, message) => {
    const ended = await project.run(["call", ...args]);
    expect(ended).toMatchObject({ status: 1, stdout: "", stderr: expect.stringContaining(message) });
  });

  test.each([
    [
      "arguments that are not JSON",
      ["add", ...WORKER, "--args", "{a: 1}"],
      "--args must be a JSON object, for example",
    ],
    ["arguments that are not an object", ["add", ...WORKER, "--args", "[1]"], "got an array"],
    ["a file that does not exist", ["add", ...WORKER, "--args", "@missing.json"], "@missing.json cannot be read"],
    ["a duration without a unit", ["add", ...WORKER, "--timeout", "30"], "--timeout must be a duration"],
    ["two sources", ["add", ...WORKER, "--config", "x.ts"], "cannot be combined"],
    ["an interpreter without a target", ["add", "--python", "python3"], "--python requires --worker"],
    ["no configuration", ["add"], "no snakepit.config.ts exists in"],
  ])("rejects %s with exit code 2", async (_, args, message) => {
    const ended = await project.run(["call", ...args]);
    expect(ended).toMatchObject({ status: 2, stdout: "", stderr: expect.stringContaining(message) });
  });

  test("Ctrl-C cancels the call in Python and ends the command by the signal", async () => {
    project.writeConfig(PATIENT);
    const command = project.start(["call", "wait", "--args", '{"seconds": 600}']);
    await command.displays("waiting");
    command.child.kill("SIGINT");
    expect(await command.ended).toMatchObject({ signal: "SIGINT", stdout: "" });
    expect(command.output).toContain("cleaned up");
    expect(command.output).not.toContain("CANCELLED");
  });

  test("shows progress in a terminal, where Ctrl-C reaches Python as a cancellation, not as a KeyboardInterrupt", async () => {
    project.writeConfig(PATIENT);
    const command = ["call", "wait", "--args", '{"seconds": 600}'];
    const terminal = new InTerminal(snakepit(...command), { cwd: project.directory });
    try {
      await terminal.displays(/Starting Python workers/);
      await terminal.displays(/waiting/);
      terminal.type("\u0003");
      await terminal.displays(/cleaned up/);
      expect(await terminal.ended()).toBe(130);
      expect(terminal.output).not.toContain("KeyboardInterrupt");
    } finally {
      await terminal.close();
    }
  });

  test("Ctrl-C ends the command while it reads stdin", async () => {
    const command = project.start(["call", "add", ...WORKER, "--args", "-"]);
    const written = Promise.withResolvers<unknown>();
    // More than fits into the pipe, so that the command has begun to read.
    command.child.stdin.write(`{"a": 1${" ".repeat(4_000_000)}`, written.resolve);
    await written.promise;
    command.child.kill("SIGINT");
    expect(await command.ended).toMatchObject({ signal: "SIGINT", stdout: "", stderr: "" });
  });
});
