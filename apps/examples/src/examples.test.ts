import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const run = promisify(execFile);

/** Runs an example as a user does and returns what it printed. */
async function output(example: string): Promise<string> {
  const file = join(import.meta.dirname, `${example}.ts`);
  const { stdout } = await run(process.execPath, [
    "--conditions=source",
    "--disable-warning=ExperimentalWarning",
    file,
  ]);
  return stdout;
}

test("basic", async () => {
  expect(await output("basic")).toBe("2 + 40 = 42\nHello, Ada!\n");
});

test("concurrent: every worker takes part", async () => {
  expect(await output("concurrent")).toBe(
    `squares: ${Array.from({ length: 20 }, (_, i) => i * i).join(" ")}\nworker processes used: 4\n`,
  );
});

test("streaming: in order, and stopped by leaving the loop", async () => {
  expect(await output("streaming")).toBe("5 …\n4 …\n3 …\n2 …\n1 …\n1000000 …\n999999 …\n999998 …\nlift-off\n");
});

test("streaming to a slow consumer: nothing skipped, nothing piled up", async () => {
  expect(await output("streaming-slow-consumer")).toBe(
    "reading 39 of a million reached a consumer of 100 a second\nheap in use: less than 64 MiB\n",
  );
});

test("numpy: arrays come back with their shape", async () => {
  expect(await output("numpy")).toBe(
    "standardised: Float64Array of shape [1000, 2]\ncorrelation of the two columns: 1.0000\n",
  );
});

test("errors and cancellation: each failure has its own code and the worker survives", async () => {
  const lines = (await output("errors-and-cancellation")).trimEnd().split("\n");
  expect(lines.map((line) => line.split(": ").slice(0, 2).join(": "))).toEqual([
    "an exception: PYTHON_EXCEPTION",
    expect.stringMatching(/^ {2}in Python: /),
    "a wrong argument: INVALID_ARGUMENT",
    "an unknown tool: UNKNOWN_TOOL",
    "a deadline: DEADLINE_EXCEEDED",
    "an abort: CANCELLED",
    "the worker afterwards: 0.5",
  ]);
});

test("custom adapter: its state lives on between calls", async () => {
  expect(await output("custom-adapter")).toBe("known words: 4\nencoded: [0,3,-1,0,1]\n");
});
