import { describe, expect, it } from "vitest";
import { parseCommand } from "./command-line.ts";

const TARGETS = ["values", "host"];

const parsed = (...argv: string[]) => parseCommand(argv, TARGETS, 7);

describe("the command line of the fuzz battery", () => {
  it("sends a million inputs to all targets by default, with a random seed", () => {
    expect(parsed()).toEqual({ is: "run", seed: 7, inputs: 1_000_000, targets: TARGETS, input: undefined });
  });

  it("has a short form", () => {
    expect(parsed("--short")).toMatchObject({ inputs: 20_000 });
    expect(parsed("--short", "--inputs", "5")).toMatchObject({ inputs: 5 });
  });

  it("repeats one input", () => {
    const command = parsed("--seed", "4", "--only", "host", "--input", "12");
    expect(command).toMatchObject({ seed: 4, targets: ["host"], input: 12 });
  });

  it.each([
    [["--shrot"], /--shrot/],
    [["now"], /now/],
    [["--only", "hots"], /unknown target "hots"/],
    [["--seed", "-1"], /--seed/],
    [["--inputs", "0"], /--inputs must be an integer from 1/],
    [["--inputs", "1e3"], /--inputs must be an integer/],
    [["--input", "3"], /--input requires one --only/],
  ])("rejects %j with a clear message", (argv, message) => {
    expect(() => parsed(...argv)).toThrow(message);
  });
});
