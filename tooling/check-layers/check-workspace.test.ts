import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { checkWorkspace } from "./check-workspace.ts";
import { formatViolation } from "./violation.ts";

const EXPORTS = { ".": { source: "./src/index.ts", types: "./dist/index.d.ts" } };

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "snakepit-layers-"));
});
afterEach(() => rmSync(root, { recursive: true }));

describe("a package", () => {
  test("may import lower ranks, types and values, and its own files", () => {
    packageWith("core", "@snakepit/core", { "index.ts": "export const a = 1;\n" });
    packageWith("pool", "@snakepit/pool", {
      "index.ts": 'export { b } from "./b.ts";\n',
      "b.ts": 'import { a } from "@snakepit/core";\nexport const b: import("@snakepit/core").A = a;\n',
      "b.test.ts": 'import { b } from "./b.ts";\nimport { fake } from "./testing/fake.ts";\nb(fake);\n',
      "testing/fake.ts": 'import { a } from "@snakepit/core";\nexport const fake = a;\n',
    });
    expect(violations()).toEqual([]);
  });

  test.each([
    ["statically", 'import { b } from "@snakepit/registry";'],
    ["for a type", 'import type { b } from "@snakepit/registry";'],
    ["in a type", 'export type B = import("@snakepit/registry").B;'],
    ["dynamically", 'export const b = await import("@snakepit/registry");'],
    ["by re-export", 'export { b } from "@snakepit/registry";'],
    ["by re-export of all", 'export * from "@snakepit/registry";'],
  ])("must not import a package of its own rank %s", (_, statement) => {
    packageWith("registry", "@snakepit/registry", { "index.ts": "" });
    packageWith("pool", "@snakepit/pool", { "index.ts": `// first line\n${statement}\n` });
    expect(violations()).toEqual([
      "packages/pool/src/index.ts:2: @snakepit/pool (rank 1) must not import @snakepit/registry (rank 1): imports go down the ranks only.",
    ]);
  });

  test("must not import a higher rank, even in a test", () => {
    packageWith("snakepit", "snakepit", { "index.ts": "" });
    packageWith("core", "@snakepit/core", { "a.test.ts": 'import "snakepit";\n' });
    expect(violations()).toEqual([expect.stringContaining("core (rank 0) must not import snakepit (rank 3)")]);
  });

  test("may mention another package in a comment or a string", () => {
    packageWith("snakepit", "snakepit", { "index.ts": "" });
    packageWith("core", "@snakepit/core", {
      "index.ts": '/** import { x } from "snakepit" */\nexport const help = `import { x } from "snakepit"`;\n',
    });
    expect(violations()).toEqual([]);
  });

  test("must not reach into another package, by name or by path", () => {
    packageWith("core", "@snakepit/core", { "index.ts": "", "inside.ts": "" });
    packageWith("pool", "@snakepit/pool", {
      "index.ts": 'import "@snakepit/core/src/inside.ts";\nimport "../../core/src/inside.ts";\n',
    });
    expect(violations()).toEqual([
      'packages/pool/src/index.ts:1: "@snakepit/core/src/inside.ts" is not among the exports of @snakepit/core.',
      'packages/pool/src/index.ts:2: "../../core/src/inside.ts" leaves the package; import another package by its name.',
    ]);
  });

  test("must not import test code from published code", () => {
    packageWith("core", "@snakepit/core", {
      "index.ts": 'import "./testing/fake.ts";\nimport "./a.test.ts";\n',
      "testing/fake.ts": "",
      "a.test.ts": "",
    });
    expect(violations()).toEqual([
      'packages/core/src/index.ts:1: "./testing/fake.ts" is test code, which is not published.',
      'packages/core/src/index.ts:2: "./a.test.ts" is test code, which is not published.',
    ]);
  });
});

describe("test support under ./testing", () => {
  const shared = { exports: { ...EXPORTS, "./testing/*": { source: "./src/testing/*.ts" } } };

  test("may be shared with the tests of other packages", () => {
    packageWith("core", "@snakepit/core", { "testing/fake.ts": "" }, shared);
    packageWith("pool", "@snakepit/pool", { "a.test.ts": 'import "@snakepit/core/testing/fake";\n' });
    expect(violations()).toEqual([]);
  });

  test("may be imported by a private package, which is not published", () => {
    packageWith("core", "@snakepit/core", { "testing/fake.ts": "" }, shared);
    packageWith(
      "examples",
      "@snakepit/examples",
      { "a.ts": 'import "@snakepit/core/testing/fake";\n' },
      { private: true },
    );
    expect(violations()).toEqual([]);
  });

  test("must not be imported by published code", () => {
    packageWith("core", "@snakepit/core", { "testing/fake.ts": "" }, shared);
    packageWith("pool", "@snakepit/pool", { "a.ts": 'import "@snakepit/core/testing/fake";\n' });
    expect(violations()).toEqual([
      'packages/pool/src/a.ts:1: "@snakepit/core/testing/fake" is test code, which is not published.',
    ]);
  });
});

describe("imports in a cycle", () => {
  const FIRST = "packages/core/src/a.ts";

  test.each([
    ["values", 'export { c } from "./c.ts";'],
    ["types", 'import type { A } from "./a.ts";\nimport "./c.ts";'],
    ["a type in an expression", 'export type A = import("./a.ts").A;'],
    ["a module that is loaded on demand", 'export const a = () => import("./a.ts");'],
  ])("are reported for %s", (_, statements) => {
    packageWith("core", "@snakepit/core", {
      "a.ts": '// first line\nimport "./b.ts";\n',
      "b.ts": `${statements}\n`,
      "c.ts": 'import "./a.ts";\n',
    });
    expect(violations()).toEqual([
      expect.stringMatching(`^${FIRST}:2: imports in a cycle: ${FIRST} → .* → ${FIRST}\\.$`),
    ]);
  });

  test("are reported by the shortest cycle through the first file, once for each group of files", () => {
    packageWith("core", "@snakepit/core", {
      "a.ts": 'import "./b.ts";\n',
      "b.ts": 'import "./c.ts";\nimport "./a.ts";\n',
      "c.ts": 'import "./a.ts";\n',
      "d.ts": 'import "./a.ts";\nimport "./d.ts";\n',
    });
    expect(violations()).toEqual([
      "packages/core/src/a.ts:1: imports in a cycle: packages/core/src/a.ts → packages/core/src/b.ts → packages/core/src/a.ts.",
      "packages/core/src/d.ts:2: imports in a cycle: packages/core/src/d.ts → packages/core/src/d.ts.",
    ]);
  });

  test("are not two ways to one file", () => {
    packageWith("core", "@snakepit/core", {
      "a.ts": 'import "./b.ts";\nimport "./c.ts";\n',
      "b.ts": 'import "./d.ts";\n',
      "c.ts": 'import "./d.ts";\nimport "./b.ts";\n',
      "d.ts": "",
    });
    expect(violations()).toEqual([]);
  });
});

describe("a package.json", () => {
  test("must not depend on an equal or higher rank", () => {
    packageWith("pool", "@snakepit/pool", {}, { devDependencies: { "@snakepit/registry": "workspace:*" } });
    expect(violations()).toEqual([
      "packages/pool/package.json:1: @snakepit/pool (rank 1) must not depend on @snakepit/registry (rank 1).",
    ]);
  });

  test("must belong to a package with a rank", () => {
    packageWith("new", "@snakepit/new", {});
    expect(violations()).toEqual([expect.stringContaining("@snakepit/new has no rank")]);
  });

  test.each(["dependencies", "peerDependencies", "optionalDependencies"])(
    "must not pin the %s of a published package",
    (field) => {
      packageWith("pool", "@snakepit/pool", {}, { [field]: { "@snakepit/core": "workspace:*", pg: "8.23.1" } });
      expect(violations()).toEqual([
        `packages/pool/package.json:1: ${field}["@snakepit/core"] of @snakepit/pool must be workspace:^; got "workspace:*".`,
        `packages/pool/package.json:1: ${field}["pg"] of @snakepit/pool must be a caret range; got "8.23.1".`,
      ]);
    },
  );

  test.each(["8", "*", "latest", "~8.23.1", ">=8.23.1", "^8", "npm:other@^1.0.0"])(
    "must not depend on another package with the range %s",
    (range) => {
      packageWith("pool", "@snakepit/pool", {}, { dependencies: { pg: range } });
      expect(violations()).toEqual([expect.stringContaining(`got "${range}"`)]);
    },
  );

  test("may have caret ranges, and pins in a private package", () => {
    const dependencies = { "@snakepit/core": "workspace:^", pg: "^8.23.1", embedded: "^18.4.0-beta.17" };
    const peerDependencies = { api: "^1.3.0 || ^2.0.0" };
    packageWith("pool", "@snakepit/pool", {}, { dependencies, peerDependencies, devDependencies: { vitest: "5.1.1" } });
    packageWith("examples", "@snakepit/examples", {}, { private: true, dependencies: { express: "5.3.0" } });
    expect(violations()).toEqual([]);
  });

  test("must not publish the condition for sources", () => {
    packageWith("core", "@snakepit/core", {}, { publishConfig: { exports: EXPORTS } });
    expect(violations()).toEqual([expect.stringContaining('exports without the condition "source"')]);
  });
});

test("a source file must not exceed the limit; a test may be longer, and generated code of any length", () => {
  packageWith("core", "@snakepit/core", {
    "long.ts": lines(401),
    "just-right.ts": lines(400),
    "long.test.ts": lines(600),
    "gen/long.ts": lines(5_000),
  });
  expect(violations()).toEqual(["packages/core/src/long.ts:401: 401 lines, at most 400 are allowed; split the file."]);
});

test("a comment must not exceed 120 columns, except for a link", () => {
  packageWith("core", "@snakepit/core", {
    "wide.ts": [
      `// ${"word ".repeat(30)}`,
      `/** ${"word ".repeat(24)}*/`,
      `// ${"x".repeat(117)}`,
      `// https://example.com/${"x".repeat(120)}`,
      `const text = "${"x".repeat(120)}"; // code is wrapped by the formatter`,
    ].join("\n"),
  });
  expect(violations()).toEqual([
    "packages/core/src/wide.ts:1: a comment of 153 columns, at most 120 are allowed.",
    "packages/core/src/wide.ts:2: a comment of 126 columns, at most 120 are allowed.",
  ]);
});

describe("files with fewer than 30 lines", () => {
  const files = (name: string, count: number, text: string) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`${name}-${index}.ts`, text]));

  test("may be a tenth of the source files; generated code and dependencies do not count", () => {
    packageWith("core", "@snakepit/core", {
      ...files("long", 90, lines(30)),
      ...files("short", 10, lines(29)),
      ...files("gen/short", 20, ""),
      ...files("node_modules/short", 20, ""),
    });
    expect(violations()).toEqual([]);
  });

  test("must not be more: the number, the share and the shortest files are reported, entry points last", () => {
    packageWith("core", "@snakepit/core", {
      ...files("long", 88, lines(30)),
      ...files("short", 9, lines(29)),
      "index.ts": "",
      "testing/tiny.ts": lines(3),
      "small.test.ts": lines(5),
    });
    expect(violations()).toEqual([
      expect.stringMatching(
        /^packages\/core\/src\/testing\/tiny\.ts:1: 12 of 100 source files \(12\.0 %\) have fewer than 30 lines, at most 10\.0 % may; merge files by subject, such as packages\/core\/src\/testing\/tiny\.ts \(3\), packages\/core\/src\/small\.test\.ts \(5\), packages\/core\/src\/short-0\.ts \(29\), /,
      ),
    ]);
    expect(violations()[0]).not.toContain("index.ts");
  });

  test("also count in Python, in a folder of VitePress and at the root", () => {
    packageWith("core", "@snakepit/core", files("long", 89, lines(30)));
    for (let index = 0; index < 8; index++) write(`tooling/a/short_${index}.py`, "");
    write("apps/site/.vitepress/config.ts", "");
    write("apps/site/.vitepress/cache/deps/x.ts", "");
    write("tool.config.mjs", "");
    write("benchmarks/python/tool.py", "");
    expect(violations()).toEqual([expect.stringContaining("11 of 100 source files")]);
  });

  test("may be any share of a workspace with fewer than 100 files", () => {
    packageWith("core", "@snakepit/core", files("short", 99, ""));
    expect(violations()).toEqual([]);
  });
});

/** The text of a file with this number of lines. */
function lines(count: number): string {
  return "\n".repeat(count);
}

function packageWith(folder: string, name: string, sources: Record<string, string>, manifest: object = {}): void {
  const publishConfig = { exports: { ".": { types: "./dist/index.d.ts" } } };
  write(`packages/${folder}/package.json`, JSON.stringify({ name, exports: EXPORTS, publishConfig, ...manifest }));
  for (const [path, text] of Object.entries(sources)) write(`packages/${folder}/src/${path}`, text);
}

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

function violations(): readonly string[] {
  return checkWorkspace(root).map(formatViolation);
}
