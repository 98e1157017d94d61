import { describe, expect, test } from "vitest";
import { parseCommand } from "./command-line.ts";

const NAMES = ["kill-host", "herd", "damage"];

function parse(...argv: string[]) {
  return parseCommand(argv, NAMES, 42);
}

test("without arguments, all scenarios are carried out once in the long form, with a random seed", () => {
  expect(parse()).toEqual({ is: "run", form: "long", scenarios: NAMES, seed: 42, repeat: 1 });
});

test("form, scenarios, seed and repetitions can be selected; the order of the battery is kept", () => {
  expect(parse("--short", "--only", "damage", "--only", "kill-host", "--seed", "7", "--repeat", "3")).toEqual({
    is: "run",
    form: "short",
    scenarios: ["kill-host", "damage"],
    seed: 7,
    repeat: 3,
  });
});

test("--help describes the options and lists the scenarios", () => {
  expect(parse("--help")).toMatchObject({
    is: "help",
    usage: expect.stringMatching(/--seed N[\s\S]*kill-host, herd, damage/),
  });
});

describe("mistakes are rejected", () => {
  test("an unknown option is named", () => {
    expect(() => parse("--shrot")).toThrow(/--shrot/);
  });

  test("an unknown scenario is named, with the known ones", () => {
    expect(() => parse("--only", "kill-hosts")).toThrow(/unknown scenario "kill-hosts"[\s\S]*kill-host, herd, damage/);
  });

  test.each([
    ["--seed", "-1"],
    ["--seed", "1.5"],
    ["--seed", "4294967296"],
    ["--repeat", "0"],
    ["--repeat", "many"],
  ])("%s %s is not in its range", (option, value) => {
    expect(() => parse(`${option}=${value}`)).toThrow(`${option} must be an integer from`);
  });
});
