import { resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "../..");
const PYTHON = resolve(ROOT, "packages/python-bridge/python");
const CONTRACT = resolve(ROOT, "packages/bridge-proto");

/** A check that must pass before a change is merged. It passes if its command exits with 0. */
export interface Check {
  /** One word, to run it alone: `npm run check -- lint`. */
  readonly id: string;
  readonly title: string;
  readonly command: readonly [program: string, ...args: string[]];
  readonly folder: string;
  /** Whether its output is of interest when it passes, too. */
  readonly showsOutput?: true;
}

/** All checks, slow ones first, so that they overlap with the quick ones. */
export const CHECKS: readonly Check[] = [
  check("chaos", "hosts, workers and databases that end, stop or starve", [
    "node",
    "batteries/src/chaos/main.ts",
    "--short",
  ]),
  check("fuzz", "malformed input of hosts, workers, decoders and clients", [
    "node",
    "batteries/src/fuzz/main.ts",
    "--short",
  ]),
  check("types", "types of everything, tests included", ["tsc", "-b"]),
  check("libraries", "values of scientific libraries, and their remedies", ["node", "tooling/library-tests/main.ts"]),
  check("mypy", "types of the Python package", ["mypy"], PYTHON),
  check("imports", "layers and cycles of the Python package", ["lint-imports", "--no-cache"], PYTHON),
  check("packages", "packed packages and wheel: publint, arethetypeswrong", ["node", "tooling/packaging/main.ts"]),
  check("site", "documentation site, API references, their links", ["node", "apps/site/src/check.ts"]),
  check("workspace", "checks that packages define: documents, schema", [
    "turbo",
    "run",
    "check:generated",
    "check:schema",
    "--output-logs=errors-only",
  ]),
  check("lint", "format and lint", ["biome", "check", "--error-on-warnings"]),
  {
    ...check("cost", "processor time of a small call", ["node", "benchmarks/src/call-cost/main.ts"]),
    showsOutput: true,
  },
  check("layers", "layers and sizes of files", ["node", "tooling/check-layers/main.ts"]),
  check("links", "links between documents and into the code", ["node", "tooling/check-links/main.ts"]),
  check("github", "workflows, issue forms and Renovate settings", ["node", "tooling/check-github/main.ts"]),
  check("prose", "words that the glossary lists as words to avoid", ["node", "tooling/prose/main.ts"]),
  check("codegen", "generated code matches the .proto files", ["node", "tooling/codegen/main.ts", "--check"]),
  check("proto", "style of the .proto files", ["buf", "lint"], CONTRACT),
  check(
    "breaking",
    "wire compatibility with the last release",
    ["buf", "breaking", "--against", "baseline.binpb"],
    CONTRACT,
  ),
  check("ruff", "lint of Python, examples and benchmarks included", ["ruff", "check"]),
  check("ruff-format", "format of Python, examples and benchmarks included", ["ruff", "format", "--check"]),
];

function check(id: string, title: string, command: Check["command"], folder = ROOT): Check {
  return { id, title, command, folder };
}
