/**
 * The result of `work`, unless it takes longer than `timeoutMs` milliseconds; then rejects with what `late` returns.
 * The work itself goes on: `late` has to end it.
 */
export function within<Result>(timeoutMs: number, work: Promise<Result>, late: () => Error): Promise<Result> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(late()), timeoutMs);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
