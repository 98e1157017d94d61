import { expect, it } from "vitest";
import { findRunId, parseLinuxProcessStat } from "./linux-process.ts";

const AFTER_COMMAND =
  "S 1 4711 4711 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 123456789 1000 200 18446744073709551615 1 1 0 0";

it.each(["sleep", "a b", "a) S 1 2", ")", "((", "tmux: server", ""])(
  "parses the stat of a process with the command %j",
  (command) => {
    expect(parseLinuxProcessStat(`4712 (${command}) ${AFTER_COMMAND}\n`)).toEqual({
      state: "S",
      processGroup: 4711,
      startTime: "123456789",
    });
  },
);

it("ignores an incomplete line", () => {
  expect(parseLinuxProcessStat("4712 (sleep) S 1 4711")).toBeUndefined();
  expect(parseLinuxProcessStat("")).toBeUndefined();
});

it.each([
  ["first", "SNAKEPIT_RUN_ID=abc1234\0HOME=/root\0", "abc1234"],
  ["in the middle", "HOME=/root\0SNAKEPIT_RUN_ID=abc1234\0PATH=/bin\0", "abc1234"],
  ["last and unfinished", "HOME=/root\0SNAKEPIT_RUN_ID=abc1234", "abc1234"],
  ["empty", "SNAKEPIT_RUN_ID=\0", ""],
  ["after a variable with a similar name", "MY_SNAKEPIT_RUN_ID=no\0SNAKEPIT_RUN_ID=abc1234\0", "abc1234"],
  ["only in another variable's value", "NOTE=SNAKEPIT_RUN_ID=no\0", undefined],
  ["not at all", "HOME=/root\0", undefined],
  ["in an empty environment", "", undefined],
])("finds the run id %s", (_, environment, runId) => {
  expect(findRunId(Buffer.from(environment))).toBe(runId);
});
