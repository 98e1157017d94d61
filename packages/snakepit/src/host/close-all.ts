/** Something with calls under way. */
export interface Closable {
  close(options: { readonly graceMs?: number }): Promise<void>;
}

/** Closes things side by side, all of them even when some fail; rejects with the first failure. */
export async function closeAll(closables: readonly Closable[], graceMs: number | undefined): Promise<void> {
  const options = graceMs === undefined ? {} : { graceMs };
  const outcomes = await Promise.allSettled(closables.map((each) => each.close(options)));
  const failure = outcomes.find((outcome) => outcome.status === "rejected");
  if (failure !== undefined) throw failure.reason;
}
