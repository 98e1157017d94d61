import { expect, test } from "vitest";
import { newCorrelationId, newRunId } from "./ids.ts";

test("correlation ids are unique, and short enough for every log line", () => {
  const ids = Array.from({ length: 10_000 }, newCorrelationId);
  expect(new Set(ids).size).toBe(10_000);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{12}-[0-9a-z]{1,8}$/);
  expect(new Set(ids.map((id) => id.slice(0, 12))).size).toBe(1);
});

test("run ids are 7 characters of base 36", () => {
  const ids = Array.from({ length: 1_000 }, newRunId);
  for (const id of ids) expect(id).toMatch(/^[0-9a-z]{7}$/);
  expect(new Set(ids).size).toBe(1_000);
});
