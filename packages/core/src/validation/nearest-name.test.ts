import { expect, test } from "vitest";
import { nearestName } from "./nearest-name.ts";

test.each([
  ["sise", "size"],
  ["szie", "size"],
  ["SIZE", "size"],
  ["queueTimeout", "queueTimeoutMs"],
  ["banana", undefined],
  ["x", undefined],
  ["limit", "queueLimit"],
  ["queue", undefined],
])("the nearest name to %s is %s", (name, nearest) => {
  expect(nearestName(name, ["size", "queueTimeoutMs", "queueLimit"])).toBe(nearest);
});
