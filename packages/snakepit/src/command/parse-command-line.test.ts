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
      readonly fix: boolean;
      readonly color: boolean | undefined;
      readonly json: boolean;
    } = values;
    return typed.json ? EXIT.ok : EXIT.failed;
  },
});

test("options that are not given have their defaults", async () => {
  expect(await parseArguments(command, ["a"])).toEqual({
    values: { level: "low", include: [], jobs: 4, fix: false, json: false, help: false },
    positionals: ["a"],
  });
});

test("options have values in all forms, between and after positionals", async () => {
  const args = ["a", "-t", "x", "--level=high", "b", "--include", "n", "--include=m", "--jobs", "7", "--fix", "--json"];
  expect(await parseArguments(command, args)).toEqual({
    values: { target: "x", level: "high", include: ["n", "m"], jobs: 7, fix: true, json: true, help: false },
    positionals: ["a", "b"],
  });
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
  [["a", "-x"], "unknown option -x"],
])("%j is rejected", async (args, message) => {
  await expect(parseArguments(command, args)).rejects.toThrow(message);
});
