import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { stripVTControlCharacters } from "node:util";
import { afterEach, expect, test } from "vitest";
import { InTerminal } from "../testing/in-terminal.ts";

const COMMAND = [
  process.execPath,
  "--conditions=source",
  "--disable-warning=ExperimentalWarning",
  join(import.meta.dirname, "../testing/signal-command.ts"),
];

let terminal: InTerminal | undefined;
afterEach(async () => {
  await terminal?.close();
  terminal = undefined;
});

/** Starts the command outside of a terminal, and sends it a signal after each expected output. */
async function signalled(ending: string, ...expected: readonly (readonly [RegExp, NodeJS.Signals])[]) {
  const [program = "", ...args] = [...COMMAND, ending];
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
  const stderr = text(child.stderr);
  const closed = once(child, "close");
  let output = "";
  const waiting = [...expected];
  for await (const chunk of child.stdout) {
    output += String(chunk);
    const [pattern, signal] = waiting[0] ?? [];
    if (pattern === undefined || !pattern.test(output)) continue;
    waiting.shift();
    child.kill(signal);
  }
  const [status, signal] = await closed;
  return { status, signal, stderr: await stderr };
}

test("a command that resolves after a signal decides the exit code", async () => {
  const { status, signal, stderr } = await signalled("resolve", [/ready/, "SIGTERM"]);
  // Progress is not written outside of a terminal.
  expect({ status, signal, stderr }).toEqual({ status: 7, signal: null, stderr: "" });
});

test("a command that rejects after a signal is ended by it, without a message", async () => {
  const { status, signal, stderr } = await signalled("reject", [/ready/, "SIGINT"]);
  expect({ status, signal, stderr }).toEqual({ status: null, signal: "SIGINT", stderr: "" });
});

test("the second signal ends a command that does not end", async () => {
  const { status } = await signalled("ignore", [/ready/, "SIGINT"], [/aborted/, "SIGINT"]);
  expect(status).toBe(130);
});

test("in a terminal, progress is one line, which is removed when Ctrl-C ends the command", async () => {
  terminal = new InTerminal([...COMMAND, "resolve"], { columns: 40 });
  await terminal.displays(/Waiting for a signal that takes more…/);
  await terminal.displays(/ready/);
  terminal.type("\u0003");
  expect(await terminal.ended()).toBe(7);
  expect(terminal.output.endsWith("\u001b[2Kaborted by SIGINT\r\n")).toBe(true);
  expect(stripVTControlCharacters(terminal.output)).not.toContain("narrow terminal");
});

test("NO_COLOR also removes the color of progress", async () => {
  terminal = new InTerminal([...COMMAND, "resolve"], { env: { NO_COLOR: "1" } });
  await terminal.displays(/. Waiting for a signal/);
  expect(terminal.output).not.toContain("\u001b[36m");
});
