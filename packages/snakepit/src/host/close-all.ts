import type { WorkerPool } from "@snakepit/pool";

/** Closes pools side by side, all of them even when some fail; rejects with the first failure. */
export async function closeAll(pools: readonly WorkerPool[], graceMs: number | undefined): Promise<void> {
  const outcomes = await Promise.allSettled(pools.map((pool) => pool.close({ graceMs })));
  const failure = outcomes.find((outcome) => outcome.status === "rejected");
  if (failure !== undefined) throw failure.reason;
}
