import { expect, it } from "vitest";
import { parseLinuxProcessStat } from "./linux-process-stat.ts";

const AFTER_COMMAND =
  "S 1 4711 4711 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 123456789 1000 200 18446744073709551615 1 1 0 0";

it.each(["sleep", "a b", "a) S 1 2", ")", "((", "tmux: server", ""])(
  "reads the stat of a program named %j",
  (command) => {
    expect(parseLinuxProcessStat(`4712 (${command}) ${AFTER_COMMAND}\n`)).toEqual({
      state: "S",
      processGroup: 4711,
      startTime: "123456789",
    });
  },
);

it("does not take half a line for a process", () => {
  expect(parseLinuxProcessStat("4712 (sleep) S 1 4711")).toBeUndefined();
  expect(parseLinuxProcessStat("")).toBeUndefined();
});
