import { Writable } from "node:stream";
import { stripVTControlCharacters } from "node:util";
import { afterEach, describe, expect, test } from "vitest";
import { InTerminal, snakepit } from "../../testing/in-terminal.ts";
import { columnsOf, printable, styleOf } from "./output-stream.ts";
import { formatList, widthOf, wrapText } from "./wrap-text.ts";

const ESCAPE = "\u001b";

let terminal: InTerminal | undefined;
afterEach(async () => {
  await terminal?.close();
  terminal = undefined;
});

async function inTerminal(env: Readonly<Record<string, string>>, columns = 80): Promise<string> {
  terminal = new InTerminal(snakepit("setup", "--help"), { env, columns });
  expect(await terminal.ended()).toBe(0);
  return terminal.output;
}

describe("in a real terminal", () => {
  test("help has colors and the width of the terminal", async () => {
    const output = await inTerminal({}, 64);
    expect(output).toContain(`${ESCAPE}[1mOptions:${ESCAPE}[22m`);
    const options = stripVTControlCharacters(output.slice(0, output.indexOf("Examples:")));
    const widths = options.split("\r\n").map((line) => line.length);
    expect(Math.max(...widths)).toBeLessThanOrEqual(64);
    expect(Math.max(...widths)).toBeGreaterThan(54);
  });

  test.each([{ NO_COLOR: "1" }, { FORCE_COLOR: "0" }, { TERM: "dumb" }])("%o disables colors", async (env) => {
    expect(await inTerminal(env)).not.toContain(ESCAPE);
  });
});

test("text from other processes cannot change the display", () => {
  expect(printable("a\u001b[31mb\u001b[0m\u0007c\r\nd\te\u009b2J\rf")).toBe("ab\ufffdc\nd\te\ufffdf");
});

test("a stream that is not a terminal has no colors and a width of 100", () => {
  const stream = new Writable({ write: (_chunk, _encoding, done) => done() });
  expect(styleOf(stream)("red", "a")).toBe("a");
  expect(columnsOf(stream)).toBe(100);
});

test("text is wrapped between words, and keeps its lines", () => {
  expect(wrapText("one two three\nfour", 8)).toEqual(["one two", "three", "four"]);
  expect(wrapText("incomprehensible word", 8)).toEqual(["incomprehensible", "word"]);
});

test("the width of a string does not count escape sequences", () => {
  expect(widthOf(`${ESCAPE}[1mbold${ESCAPE}[22m`)).toBe(4);
});

test("in a narrow terminal, the description is below the term", () => {
  expect(formatList([["--python PYTHON", "The interpreter to use"]], 80)).toBe(
    "  --python PYTHON  The interpreter to use\n",
  );
  expect(formatList([["--python PYTHON", "The interpreter to use"]], 30)).toBe(
    "  --python PYTHON\n        The interpreter to use\n",
  );
});
