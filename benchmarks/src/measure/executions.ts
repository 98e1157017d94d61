/** One execution of a tool. All times are in milliseconds on the clock that workers and host share. */
export interface Execution {
  /** The worker that executed it. */
  readonly worker: number;
  /** When the caller made the call. */
  readonly calledAt: number;
  readonly startedAt: number;
  readonly endedAt: number;
}

/** A time in which a worker executed nothing, between two executions. */
interface Gap {
  readonly worker: number;
  readonly from: number;
  readonly to: number;
}

/**
 * Returns for each call the longest time for which another worker was idle while the call waited: in the queue, at its
 * own worker, or on its way. Zero if no other worker was idle. A worker is idle from the end of an execution to the
 * start of its next one; before its first and after its last one, nothing is known.
 */
export function idleWhileWaiting(executions: readonly Execution[]): readonly number[] {
  const gaps = idleGaps(executions);
  return executions.map(({ worker, calledAt, startedAt }) => {
    let longest = 0;
    for (const gap of gaps) {
      if (gap.from >= startedAt) break;
      if (gap.worker === worker) continue;
      longest = Math.max(longest, Math.min(gap.to, startedAt) - Math.max(gap.from, calledAt));
    }
    return longest;
  });
}

/** Returns the sample that a share of the samples does not exceed. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const value = sorted[Math.ceil(sorted.length * share) - 1];
  if (value === undefined) throw new Error("no samples");
  return value;
}

/** The gaps of all workers, in order of their beginning. */
function idleGaps(executions: readonly Execution[]): readonly Gap[] {
  const gaps: Gap[] = [];
  const lastEnd = new Map<number, number>();
  for (const { worker, startedAt, endedAt } of executions.toSorted((a, b) => a.startedAt - b.startedAt)) {
    const from = lastEnd.get(worker);
    if (from !== undefined) gaps.push({ worker, from, to: startedAt });
    lastEnd.set(worker, endedAt);
  }
  return gaps.sort((a, b) => a.from - b.from);
}
