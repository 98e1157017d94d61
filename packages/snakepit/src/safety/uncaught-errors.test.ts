import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { python, Snakepit, type SnakepitError } from "../index.ts";
import { commonOptions, failure, LONG_TIME_LIMITS } from "../testing/host-under-test.ts";

const TOOLS = `import json, os
from collections.abc import Iterator
from snakepit_bridge import tool

def parse(text: str) -> object:
    return json.loads(text)

@tool
def load() -> object:
    return parse("{")

@tool
def wrapped() -> None:
    try:
        parse("{")
    except ValueError as error:
        raise RuntimeError("could not load") from error

@tool
def rows() -> Iterator[int]:
    yield 1
    parse("{")

@tool
def crash() -> None:
    os.kill(os.getpid(), 11)
`;

const common = commonOptions();
let directory: string;
let file: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "snakepit-uncaught-"));
  file = join(directory, "tools.py");
  writeFileSync(file, TOOLS);
});
afterAll(() => rmSync(directory, { recursive: true }));

/** Returns what a program writes to stderr: the error that it does not catch, or what it prints. */
async function printedBy(body: string): Promise<string> {
  const registry = { path: join(directory, "registry.db") };
  const options = JSON.stringify({ ...LONG_TIME_LIMITS, size: 1, registry, logger: false });
  const program = `
    import { python, Snakepit } from ${JSON.stringify(new URL("../index.ts", import.meta.url).href)};
    await Snakepit.run(async (pit) => { ${body} }, { worker: python(${JSON.stringify(file)}), ...${options} });
  `;
  const args = ["--conditions=source", "--input-type=module", "--eval", program];
  return await new Promise((resolve) => {
    execFile(process.execPath, args, (_error, _stdout, stderr) => resolve(stderr));
  });
}

describe("an uncaught error from Python (E7)", () => {
  test("is printed with the traceback, once and without escapes", async () => {
    const printed = await printedBy('await pit.execute("load");');
    expect(printed).toContain(`  File "${file}", line 6, in parse\n    return json.loads(text)\n`);
    expect(printed).toContain(`    at load (${file}:10:1)`);
    expect(printed.match(/Traceback/g)).toHaveLength(1);
    expect(printed).not.toContain("\\n");
    expect(printed.split("\n").length).toBeLessThan(40);
  });

  test("is printed with the chained Python exception", async () => {
    const printed = await printedBy('await pit.map("wrapped", [{}]);');
    expect(printed).toContain(`File "${file}", line 17, in wrapped`);
    expect(printed).toMatch(/\[cause\]: SnakepitError: JSONDecodeError: Expecting/);
    expect(printed).toContain(`File "${file}", line 6, in parse`);
    expect(printed).not.toContain("\\n");
  });
});

test("an uncaught crash of a worker is printed without the frames of the bridge", async () => {
  const printed = await printedBy('await pit.execute("crash");');
  expect(printed).toMatch(/SnakepitError: worker [^\n]* SIGSEGV/);
  expect(printed).toContain(`  File "${file}", line 26 in crash\n`);
  expect(printed).not.toContain("snakepit_bridge");
  expect(printed.split("\n").length).toBeLessThan(50);
});

describe("console.error(error)", () => {
  test("prints an error from Python as Python does, with its cause, then the caller", async () => {
    const printed = await printedBy(`
      async function caller() { await pit.execute("wrapped"); }
      await caller().catch((error) => console.error(error));
    `);
    const [ofPython = "", ofCaller = ""] = printed.split("Called from:\n");
    // Frames of the standard library and carets differ between the versions of Python.
    const lines = ofPython.split("\n").filter((line) => !/^ *[~^]+$/.test(line));
    const ofUser = lines.filter((line, index) => !/lib\/python3/.test(`${lines[index - 1]}${line}`));
    expect(ofUser).toEqual([
      "SnakepitError [PYTHON_EXCEPTION]: wrapped() raised RuntimeError: could not load",
      "Traceback (most recent call last):",
      `  File "${file}", line 15, in wrapped`,
      '    parse("{")',
      `  File "${file}", line 6, in parse`,
      "    return json.loads(text)",
      expect.stringMatching(/^json\.decoder\.JSONDecodeError: Expecting property name/),
      "",
      "The above exception was the direct cause of the following exception:",
      "",
      "Traceback (most recent call last):",
      `  File "${file}", line 17, in wrapped`,
      '    raise RuntimeError("could not load") from error',
      "RuntimeError: could not load",
      "",
    ]);
    expect(ofCaller).toMatch(
      /^ {4}at async caller [\s\S]*\n {2}pool: 'default', workerId: 'default-\d+', callId: '[^']+'\n$/,
    );
  });

  test("prints an unknown tool with its caller, and without the frames of the scheduler", async () => {
    const printed = await printedBy(`
      async function caller() { await pit.execute("lod"); }
      await caller().catch((error) => console.error(error));
    `);
    expect(printed).toMatch(/^SnakepitError \[UNKNOWN_TOOL\]: [^\n]*\n {4}at async caller /);
    expect(printed).not.toMatch(/whyRejected|scheduler/);
    expect(printed.split("\n").length).toBeLessThan(10);
  });

  test("prints a crash without a dump of its details", async () => {
    const printed = await printedBy('await pit.execute("crash").catch((error) => console.error(error));');
    expect(printed).toContain("SnakepitError [WORKER_CRASHED]: worker");
    expect(printed).toContain(`  File "${file}", line 26 in crash`);
    expect(printed).toMatch(/\n {2}details: \{ pid: \d+, signal: 'SIGSEGV' \}\n$/);
    expect(printed).not.toContain("\\n");
    expect(printed).not.toContain("snakepit_bridge");
  });
});

test("errors of calls, streams and map() have the Python frames before those of the caller (E7)", async () => {
  await using pit = await Snakepit.start({ ...common(), ...LONG_TIME_LIMITS, worker: python(file), size: 1 });
  const errors: SnakepitError[] = [
    await failure(pit.execute("load")),
    await failure(pit.map("load", [{}])),
    await failure(
      (async () => {
        for await (const row of pit.stream("rows")) expect(row).toBe(1);
      })(),
    ),
  ];
  for (const { stack = "" } of errors) {
    const inPython = stack.indexOf(`    at parse (${file}:6:1)`);
    expect(inPython).toBeGreaterThan(0);
    expect(stack.indexOf("uncaught-errors.test.ts")).toBeGreaterThan(inPython);
  }
});

test("a failed import has the line of the module in the stack of the failed start (E7)", async () => {
  const broken = join(directory, "broken.py");
  writeFileSync(broken, "import json\n\nCONFIG = json.loads('{')\n");
  const error = await failure(Snakepit.start({ ...common(), ...LONG_TIME_LIMITS, worker: python(broken), size: 1 }));
  expect(error.code).toBe("WORKER_START_FAILED");
  expect(error.stack).toContain(`    at <module> (${broken}:3:1)`);
});
