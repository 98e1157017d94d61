import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { findInterpreter } from "@snakepit/python-bridge";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const TOOLS = `import logging, threading
from snakepit_bridge import tool

@tool
def report() -> None:
    print("printed")
    logging.getLogger("app.model").warning("token=%s", "hunter2")
    try:
        int("x")
    except ValueError:
        logging.getLogger("app").exception("could not parse")
    thread = threading.Thread(target=lambda: logging.getLogger("app").info("loaded"), name="loader")
    thread.start()
    thread.join()
`;

const HOST = new URL("../testing/log-host.ts", import.meta.url).pathname;
/** Runs a program in a pseudo-terminal, as the shell of a person does. */
const IN_TERMINAL = "import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)";

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "snakepit-logs-"));
  writeFileSync(join(directory, "tools.py"), TOOLS);
});
afterAll(() => rmSync(directory, { recursive: true }));

interface Run {
  readonly logs?: object;
  readonly env?: Readonly<Record<string, string>>;
  readonly isTerminal?: boolean;
}

/** Returns what the host writes, and rejects if it fails. */
async function output({ logs = {}, env = {}, isTerminal = false }: Run): Promise<string> {
  // Node.js writes no colors while CI is set.
  const { NO_COLOR: _, FORCE_COLOR: __, CI: ___, ...inherited } = process.env;
  const host = [process.execPath, "--conditions=source", "--no-warnings", HOST, join(directory, "tools.py")];
  const args = [...host, join(directory, "registry.db"), JSON.stringify(logs)];
  const interpreter = await findInterpreter({ cwd: process.cwd(), env: process.env });
  const [program = "", ...rest] = isTerminal ? [interpreter.path, "-c", IN_TERMINAL, ...args] : args;
  return await new Promise((resolve, reject) => {
    const options = { env: { ...inherited, TERM: "xterm-256color", ...env } };
    execFile(program, rest, options, (error, stdout, stderr) => {
      if (error === null) resolve((stdout + stderr).replaceAll("\r\n", "\n"));
      else reject(new Error(`${error.message}\n${stdout}${stderr}`));
    });
  });
}

describe("without a terminal, the built-in logger", () => {
  test("writes JSON lines with worker, pool, call, session and thread, and without secrets", async () => {
    const lines = (await output({})).trim().split("\n");
    const records = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    const [printed] = records;
    const call = { pool: "default", workerId: printed?.["workerId"], callId: printed?.["callId"], sessionId: "s-1" };
    const head = { time: expect.any(Number), name: "snakepit" };
    const logging = { ...head, ...call, source: "logging" };
    expect(call.workerId).toMatch(/^default-\d+$/);
    expect(call.callId).toEqual(expect.any(String));
    expect(records).toEqual([
      { level: 30, ...head, ...call, source: "stdout", msg: "printed" },
      { level: 40, ...logging, logger: "app.model", msg: "token=***" },
      {
        level: 50,
        ...logging,
        logger: "app",
        msg: expect.stringMatching(/^could not parse\nTraceback [\s\S]*ValueError/),
      },
      { level: 30, ...logging, logger: "app", thread: "loader", msg: "loaded" },
    ]);
  });

  test("writes lines for people if an option or the environment requests them", async () => {
    for (const run of [{ logs: { format: "pretty" } }, { env: { SNAKEPIT_LOG_FORMAT: "pretty" } }]) {
      expect(await output(run)).toMatch(/^\d\d:\d\d:\d\d\.\d\d\d out {3}\[default-\d+\] printed\n/);
    }
  });

  test("writes the levels of the options, and those of the environment instead", async () => {
    const logs = { level: "error" };
    expect((await output({ logs })).trim().split("\n")).toHaveLength(1);
    const env = { SNAKEPIT_LOG_LEVEL: "silent,logging.app.model=warn" };
    expect(
      (await output({ logs, env }))
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line).logger),
    ).toEqual(["app.model"]);
    expect(await output({ env: { SNAKEPIT_LOG_LEVEL: "silent" } })).toBe("");
    const all = await output({ env: { SNAKEPIT_LOG_LEVEL: "debug" } });
    expect(all).toContain('"msg":"pool default is ready with 1 worker"');
  });

  test("rejects an unknown level in the environment before it starts anything", async () => {
    await expect(output({ env: { SNAKEPIT_LOG_LEVEL: "loud" } })).rejects.toThrow(
      /SNAKEPIT_LOG_LEVEL must have the levels debug, info, warn, error, silent; got "loud"/,
    );
  });
});

describe("in a terminal, the built-in logger", () => {
  test("writes colored lines with the traceback below its record", async () => {
    const written = await output({ isTerminal: true });
    expect(written).toContain("\u001b[");
    const plain = stripVTControlCharacters(written);
    expect(plain).toMatch(/ERROR \[default-\d+\] app: could not parse callId=\S+ sessionId=s-1\n {4}Traceback \(most/);
    expect(plain).toMatch(/\n {4}ValueError: invalid literal for int\(\)[^\n]*\n/);
    expect(plain).toMatch(/INFO {2}\[default-\d+\] app: loaded callId=\S+ sessionId=s-1 thread=loader\n/);
    expect(plain).not.toContain("hunter2");
  });

  test("writes no colors with NO_COLOR, and JSON if requested", async () => {
    expect(await output({ isTerminal: true, env: { NO_COLOR: "1" } })).not.toContain("\u001b");
    expect(await output({ isTerminal: true, env: { SNAKEPIT_LOG_FORMAT: "json" } })).toMatch(/^\{"level":30,/);
  });
});
