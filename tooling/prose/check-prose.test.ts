import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { checkProse, isChecked } from "./check-prose.ts";
import { AVOIDED_WORDS } from "./vocabulary.ts";

/** The findings as `line: word`. */
async function found(path: string, ...lines: readonly string[]): Promise<readonly string[]> {
  const findings = await checkProse(path, lines.join("\n"));
  return findings.map(({ line, message }) => `${line}: ${/“(.*?)”/s.exec(message)?.[1]?.replace("\n", " ")}`);
}

describe("a planted word is found", () => {
  test("in a comment of TypeScript, also across a line break", async () => {
    expect(
      await found("a.ts", "const a = 1;", "// The session", "// is", "// over.", "/**", " * Nobody is told.", " */"),
    ).toEqual(["2: is over", "5: Nobody", "5: told"]);
  });

  test("in a string, a template and an identifier of TypeScript", async () => {
    expect(
      await found(
        "a.ts",
        'throw new Error("the host hears nothing");',
        "log(`$" + "{name} told`);",
        "let lastWords = 1;",
      ),
    ).toEqual(["1: hears", "2: told", "3: last words"]);
  });

  test("in a docstring, a comment and an identifier of Python", async () => {
    expect(
      await found(
        "a.py",
        "def wanted_size(x):",
        '    """Gives the size."""',
        "    # nobody",
        "    # asks",
        "    return x",
      ),
    ).toEqual(["1: wanted", "2: Gives", "3: nobody"]);
  });

  test("in a paragraph, a heading, a code block and inline code of Markdown", async () => {
    expect(
      await found(
        "a.md",
        "# What is told",
        "",
        "A session that is",
        "over.",
        "",
        "```ts",
        "// heard",
        "```",
        "",
        "`stats.wanted`",
      ),
    ).toEqual(["1: told", "3: is over", "7: heard", "10: wanted"]);
  });

  test("in a comment and a name of a .proto file", async () => {
    expect(await found("a.proto", "// Nobody waits for", "// the bell.", "uint32 wanted = 1;")).toEqual([
      "1: Nobody",
      "1: bell",
      "3: wanted",
    ]);
  });

  test("at the end of a clause, but not before a noun", async () => {
    expect(
      await found(
        "a.ts",
        "// A process of its own, and a loop of its own event loop.",
        "// It does not run any more; no more values.",
        "// The link leads nowhere, and the name is left out.",
        "const refusal = judgeWrites;",
      ),
    ).toEqual(["1: of its own", "1: any more", "1: leads nowhere", "1: left out", "4: refusal", "4: judge"]);
  });

  test("in the title of a test case in a JSON file", async () => {
    expect(isChecked("packages/sessions/vectors/variables.json")).toBe(true);
    expect(await found("a.json", "[", '  { "name": "a dtype that there is not", "value": null }', "]")).toEqual([
      "2: that there is",
    ]);
  });

  test("in a comment of a settings file", async () => {
    expect(isChecked(".editorconfig")).toBe(true);
    expect(await found(".editorconfig", "# Nobody reads this.", "root = true")).toEqual(["1: Nobody"]);
  });

  test("between the words of an expression", async () => {
    expect(
      await found("a.ts", "// The host welcomes it, turns it away or loses its worker.", "// It is well and ready."),
    ).toEqual(["1: welcomes", "1: turns it away", "1: loses its worker", "1: is well"]);
  });

  test("in the path of a file", async () => {
    expect(await found("src/circles/find-circle.ts", "export {};")).toEqual(["1: circles", "1: circle"]);
  });
});

describe("nothing is found", () => {
  test("in standard English", async () => {
    expect(
      await found(
        "a.md",
        "The scheduler gives up a call, tells the two apart and hands the bytes over. Circular buffers, lifecycle hooks.",
      ),
    ).toEqual([]);
  });

  test("in a quotation of Markdown, or between comments that switch the check off", async () => {
    expect(
      await found(
        "a.md",
        "> Nobody was told.",
        "",
        "<!-- textlint-disable -->",
        "",
        "Nobody",
        "",
        "<!-- textlint-enable -->",
      ),
    ).toEqual([]);
  });

  test("in a generated file", () => {
    expect(isChecked("packages/bridge-proto/src/gen/a.ts")).toBe(false);
    expect(isChecked("tooling/prose/passage.ts")).toBe(true);
  });
});

test("a name that everyone writes the same way is written so in documents", async () => {
  expect(await found("a.md", "A unix socket and the Github page.")).toEqual(["1: unix", "1: Github"]);
});

test("the glossary lists the words that are checked, with the same replacements", () => {
  const glossary = readFileSync(resolve(import.meta.dirname, "../../docs/glossary.md"), "utf8");
  const [, table = ""] = glossary.split("## Words to avoid");
  const rows = Array.from(table.matchAll(/^\| (?!Write|-)(.+?) +\| (.+?) +\|$/gm), ([, use, avoid]) => ({
    use,
    avoid,
  }));
  expect(rows).toEqual(AVOIDED_WORDS.map(({ use, avoid }) => ({ use, avoid })));
});
