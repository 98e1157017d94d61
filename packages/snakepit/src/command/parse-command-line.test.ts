import { expect, test } from "vitest";
import { defineCommand, EXIT } from "./command.ts";
import { parseArguments } from "./parse-command-line.ts";

const command = defineCommand({
  name: "build",
  summary: "Build",
  description: "Builds.",
  options: {
    target: { type: "string", value: "TARGET", short: "t", description: "A target" },
    level: { type: "string", value: "LEVEL", choices: ["high", "low"], default: "low", description: "A level" },
    include: { type: "string", value: "NAME", multiple: true, description: "A name" },
    jobs: { type: "integer", value: "N", min: 1, max: 64, default: 4, description: "Jobs" },
    wait: { type: "duration", value: "TIME", description: "How long to wait" },
    grace: { type: "duration", value: "TIME", zero: true, description: "Another time" },
    every: { type: "duration", value: "TIME", default: "1m", description: "An interval" },
    fix: { type: "boolean", description: "Fix" },
    color: { type: "boolean", description: "Color", negation: "No color" },
  },
  positionals: [
    { name: "FIRST", description: "The first" },
    { name: "OTHERS", description: "The others", optional: true, multiple: true },
  ],
  examples: [],
  async run({ values }) {
    // The compiler checks the types of the values.
    const typed: {
      readonly target: string | undefined;
      readonly level: "high" | "low";
      readonly include: readonly string[];
      readonly jobs: number;
      readonly wait: number | undefined;
      readonly every: number;
      readonly fix: boolean;
      readonly color: boolean | undefined;
      readonly json: boolean;
    } = values;
    return typed.json ? EXIT.ok : EXIT.failed;
  },
});

test("options that are not given have their defaults", async () => {
  expect(await parseArguments(command, ["a"])).toEqual({
    values: { level: "low", include: [], jobs: 4, every: 60_000, fix: false, json: false, help: false },
    positionals: ["a"],
  });
});

test("options have values in all forms, between and after positionals", async () => {
  const args = ["a", "-t", "x", "--level=high", "b", "--include", "n", "--include=m", "--jobs", "7", "--fix", "--json"];
  expect(await parseArguments(command, args)).toEqual({
    values: {
      target: "x",
      level: "high",
      include: ["n", "m"],
      jobs: 7,
      every: 60_000,
      fix: true,
      json: true,
      help: false,
    },
    positionals: ["a", "b"],
  });
});

test("durations are milliseconds", async () => {
  const { values } = await parseArguments(command, ["a", "--wait", "1.5s", "--grace=0"]);
  expect(values).toMatchObject({ wait: 1_500, grace: 0, every: 60_000 });
});

test("the last occurrence of an option takes precedence", async () => {
  const { values } = await parseArguments(command, ["a", "--color", "--no-color", "--jobs=1", "--jobs=2"]);
  expect(values).toMatchObject({ color: false, jobs: 2 });
});

test("everything after -- is positional", async () => {
  expect(await parseArguments(command, ["--", "--fix", "-t"])).toMatchObject({ positionals: ["--fix", "-t"] });
});

test("a value may start with a hyphen after an equals sign", async () => {
  expect(await parseArguments(command, ["a", "--target=-x"])).toMatchObject({ values: { target: "-x" } });
});

test("help is shown without the required arguments", async () => {
  expect(await parseArguments(command, ["--help"])).toMatchObject({ values: { help: true } });
});

test.each([
  [["a", "--jobs", "0"], '--jobs must be an integer from 1 to 64; got "0"'],
  [["a", "--jobs", "2.5"], '--jobs must be an integer from 1 to 64; got "2.5"'],
  [["a", "--level", "mid"], '--level must be high or low; got "mid"'],
  [[], "missing argument FIRST: The first"],
  [[""], "FIRST must not be empty: The first"],
  [["a", "--target="], "--target must not be empty: --target"],
  [["a", "--level", ""], "--level must not be empty: --level"],
  [
    ["a", "--wait", "5"],
    '--wait must be a duration greater than 0 and up to 24d with a unit, such as 500ms, 30s or 2m; got "5"',
  ],
  [["a", "--wait", "0s"], "--wait must be a duration greater than 0"],
  [["a", "--wait", "25d"], "--wait must be a duration greater than 0 and up to 24d"],
  [["a", "--wait=-1s"], "--wait must be a duration greater than 0"],
  [["a", "--grace", "soon"], "--grace must be a duration up to 24d with a unit"],
  [["a", "-x"], "unknown option -x"],
])("%j is rejected", async (args, message) => {
  await expect(parseArguments(command, args)).rejects.toThrow(message);
});
