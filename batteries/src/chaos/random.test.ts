import { expect, test } from "vitest";
import { Random } from "./random.ts";

function numbers(random: Random): number[] {
  return Array.from({ length: 5 }, () => random.next());
}

test("the same seed and name yield the same numbers", () => {
  expect(numbers(new Random(7, "herd"))).toEqual(numbers(new Random(7, "herd")));
});

test("another seed or name yields other numbers", () => {
  const first = numbers(new Random(7, "herd"));
  expect(numbers(new Random(8, "herd"))).not.toEqual(first);
  expect(numbers(new Random(7, "damage"))).not.toEqual(first);
});

test("integers are below the limit, and picked and shuffled elements are those of the array", () => {
  const random = new Random(1);
  const items = ["a", "b", "c"];
  for (let round = 0; round < 100; round++) {
    expect([0, 1, 2]).toContain(random.below(3));
    expect(items).toContain(random.one(items));
    expect(random.shuffled(items).sort()).toEqual(items);
  }
  expect(() => random.one([])).toThrow("empty array");
});
