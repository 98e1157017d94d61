import { expect, test } from "vitest";
import { CommitBatches } from "./commit-batches.ts";

test("items of one turn share a commit, and items added during that commit share the next one", async () => {
  const commits: (readonly number[])[] = [];
  const first = Promise.withResolvers<void>();
  const batches = new CommitBatches<number>((items) => {
    commits.push(items);
    return commits.length === 1 ? first.promise : Promise.resolve();
  });
  const early = [batches.add(1), batches.add(2)];
  await Promise.resolve();
  const late = [batches.add(3), batches.add(4)];
  expect(commits).toEqual([[1, 2]]);
  first.resolve();
  await Promise.all([...early, ...late]);
  expect(commits).toEqual([
    [1, 2],
    [3, 4],
  ]);
  await batches.add(5);
  expect(commits[2]).toEqual([5]);
});

test("a commit that fails rejects only its own items", async () => {
  const batches = new CommitBatches<string>(async (items) => {
    if (items.includes("bad")) throw new Error("rejected");
  });
  const bad = [batches.add("bad"), batches.add("with it")];
  await Promise.resolve();
  const good = batches.add("good");
  for (const each of bad) await expect(each).rejects.toThrow("rejected");
  await good;
});

test("settled() waits for all added items, and resolves without items", async () => {
  let committed = 0;
  const batches = new CommitBatches<number>(async (items) => {
    await new Promise(setImmediate);
    committed += items.length;
    if (committed === 1) throw new Error("rejected");
  });
  await batches.settled();
  batches.add(1).catch(() => {});
  await Promise.resolve();
  void batches.add(2);
  await batches.settled();
  expect(committed).toBe(2);
});
