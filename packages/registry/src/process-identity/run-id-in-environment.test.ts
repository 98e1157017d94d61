import { expect, it } from "vitest";
import { findRunId } from "./run-id-in-environment.ts";

it.each([
  ["first", "SNAKEPIT_RUN_ID=abc1234\0HOME=/root\0", "abc1234"],
  ["in the middle", "HOME=/root\0SNAKEPIT_RUN_ID=abc1234\0PATH=/bin\0", "abc1234"],
  ["last and unfinished", "HOME=/root\0SNAKEPIT_RUN_ID=abc1234", "abc1234"],
  ["empty", "SNAKEPIT_RUN_ID=\0", ""],
  ["after one that only looks like it", "MY_SNAKEPIT_RUN_ID=no\0SNAKEPIT_RUN_ID=abc1234\0", "abc1234"],
  ["only in another variable's value", "NOTE=SNAKEPIT_RUN_ID=no\0", undefined],
  ["not at all", "HOME=/root\0", undefined],
  ["in an environment that is empty", "", undefined],
])("finds the run id %s", (_, environment, runId) => {
  expect(findRunId(Buffer.from(environment))).toBe(runId);
});
