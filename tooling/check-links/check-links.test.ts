import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { checkLinks } from "./check-links.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "snakepit-links-"));
  write("docs/guide.md", "# Guide\n\n## Set-up & first steps\n\n## Notes\n\n## Notes\n");
  write("packages/pool/src/index.ts", "");
});
afterEach(() => rmSync(root, { recursive: true }));

describe("a link", () => {
  test.each([
    "[guide](docs/guide.md)",
    "[folder](docs)",
    "[code](packages/pool/src/index.ts)",
    "![picture](docs/guide.md)",
    "[heading](docs/guide.md#set-up--first-steps)",
    "[the second of that name](docs/guide.md#notes-1)",
    "[here](#read-me)",
    '[with a title](docs/guide.md "Guide")',
    "[by name][guide]\n\n[guide]: docs/guide.md",
    '<a href="docs/guide.md">guide</a>',
    "[elsewhere](https://example.org/nothing.md) and [mail](mailto:user@example.org)",
    "`[in code](nowhere.md)`",
    "```md\n[in a block](nowhere.md)\n```",
  ])("may be %j", (text) => {
    write("README.md", `# Read me\n\n${text}\n`);
    expect(problems()).toEqual([]);
  });

  test.each([
    ["[gone](docs/gone.md)", '"docs/gone.md" is broken: docs/gone.md does not exist.'],
    ["[by name][gone]\n[gone]: gone.md", '"gone.md" is broken: gone.md does not exist.'],
    ['<img src="gone.png">', '"gone.png" is broken: gone.png does not exist.'],
    ["[heading](docs/guide.md#gone)", '"docs/guide.md#gone" is broken: docs/guide.md has no heading "#gone".'],
    ["[here](#gone)", '"#gone" is broken: README.md has no heading "#gone".'],
    ["[code](packages/pool/src/index.ts#L1)", /packages\/pool\/src\/index.ts has no heading "#L1"/],
    ["[root](/docs/guide.md)", '"/docs/guide.md" must be relative to the document; got a path from the root.'],
    ["[out](../other.md)", '"../other.md" must be a path within the repository.'],
    ["[built](packages/pool/dist/index.js)", '"packages/pool/dist/index.js" must be a path to a tracked file.'],
    ["```\n```\n[after a block](gone.md)", '"gone.md" is broken: gone.md does not exist.'],
  ])("must not be %j", (text, message) => {
    write("packages/pool/dist/index.js", "");
    write("README.md", `# Read me\n\n${text}\n`);
    expect(problems()).toEqual([typeof message === "string" ? message : expect.stringMatching(message)]);
  });
});

test("links are relative to their document, and the line is reported", () => {
  write(
    "docs/more.md",
    "# More\n\nsee [guide](guide.md), [code](../packages/pool/src/index.ts)\nand [gone](docs/guide.md)\n",
  );
  expect(checkLinks(root)).toEqual([
    { file: "docs/more.md", line: 4, message: '"docs/guide.md" is broken: docs/docs/guide.md does not exist.' },
  ]);
});

test("generated documents are ignored", () => {
  write("packages/pool/node_modules/other/README.md", "[gone](gone.md)\n");
  expect(problems()).toEqual([]);
});

function problems(): string[] {
  return checkLinks(root).map(({ message }) => message);
}

function write(file: string, text: string): void {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), text);
}
