/**
 * Durations in buckets whose bounds grow by a constant factor, so that every percentile has the same relative error.
 * A library such as hdr-histogram-js was considered: its histograms have several kilobytes to megabytes each, and
 * merging the seconds of a minute for each pool and tool would cost more than counting the calls.
 */

/** The lower bound of the second bucket, in milliseconds. */
const FIRST_BOUND_MS = 0.01;
/** Buckets per doubling: a percentile is at most 4.5 % from the true value. */
const PER_DOUBLING = 8;
/** Up to about 3 hours; longer calls are counted in the last bucket. */
const BUCKETS = 241;

/** Returns the bucket of a duration. */
export function bucketOf(durationMs: number): number {
  if (!(durationMs > FIRST_BOUND_MS)) return 0;
  const bucket = 1 + Math.floor(Math.log2(durationMs / FIRST_BOUND_MS) * PER_DOUBLING);
  return bucket < BUCKETS ? bucket : BUCKETS - 1;
}

/** Returns the upper bound of a bucket, in milliseconds. */
export function upperBoundOf(bucket: number): number {
  return FIRST_BOUND_MS * 2 ** (bucket / PER_DOUBLING);
}

/** Numbers of calls by duration. */
export class LatencyHistogram {
  total = 0;
  readonly #counts = new Uint32Array(BUCKETS);

  /**
   * Counts a call. {@link bucketOf} returns the bucket.
   *
   * @param calls the number of calls for which it stands. Default: 1.
   */
  add(bucket: number, calls = 1): void {
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + calls;
    this.total += calls;
  }

  /** Adds all calls of another histogram. */
  merge(other: LatencyHistogram): void {
    if (other.total === 0) return;
    for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
      this.#counts[bucket] = (this.#counts[bucket] ?? 0) + (other.#counts[bucket] ?? 0);
    }
    this.total += other.total;
  }

  clear(): void {
    if (this.total === 0) return;
    this.#counts.fill(0);
    this.total = 0;
  }

  /** Returns the duration within which the given parts of the calls ended, in milliseconds; `null` without calls. */
  percentiles(parts: readonly number[]): readonly (number | null)[] {
    if (this.total === 0) return parts.map(() => null);
    let bucket = 0;
    let seen = this.#counts[0] ?? 0;
    return parts.map((part) => {
      const rank = Math.max(1, Math.ceil(part * this.total));
      while (seen < rank && bucket < BUCKETS - 1) {
        bucket += 1;
        seen += this.#counts[bucket] ?? 0;
      }
      return middleOf(bucket);
    });
  }

  /**
   * Returns the calls between the shortest and the longest one, in steps that grow by √2: the upper bound in
   * milliseconds, and the number of calls up to it and above the one before.
   */
  distribution(): readonly (readonly [upToMs: number, calls: number])[] {
    const steps: (readonly [number, number])[] = [];
    let calls = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
      calls += this.#counts[bucket] ?? 0;
      if (bucket % (PER_DOUBLING / 2) !== 0) continue;
      if (calls > 0 || steps.length > 0) steps.push([upperBoundOf(bucket), calls]);
      calls = 0;
    }
    while (steps.at(-1)?.[1] === 0) steps.pop();
    return steps;
  }
}

/** The geometric middle of a bucket, which has the smallest relative error. */
function middleOf(bucket: number): number {
  return upperBoundOf(bucket - 0.5);
}

/** The durations of the last minute, to within one slice. */
export class SlidingHistogram {
  readonly #slices: LatencyHistogram[];
  #index = 0;

  /** @param slices the number of parts of the minute, the oldest of which is discarded by {@link advance}. */
  constructor(slices: number) {
    this.#slices = Array.from({ length: slices }, () => new LatencyHistogram());
  }

  /** The slice to which durations are added. */
  get current(): LatencyHistogram {
    return this.#slices[this.#index] as LatencyHistogram;
  }

  /** Begins the next slice. */
  advance(): void {
    this.#index = (this.#index + 1) % this.#slices.length;
    this.current.clear();
  }

  /** Adds the durations of the whole minute to `target`. */
  mergeInto(target: LatencyHistogram): void {
    for (const slice of this.#slices) target.merge(slice);
  }
}

/** A number of calls of the last minute, to within one slice. */
export class SlidingCount {
  /** The count of the present slice, which is increased directly. */
  current = 0;
  readonly #earlier: number[];
  #index = 0;

  /** @param slices the number of parts of the minute. */
  constructor(slices: number) {
    this.#earlier = new Array<number>(slices - 1).fill(0);
  }

  get total(): number {
    return this.#earlier.reduce((sum, count) => sum + count, this.current);
  }

  /** Begins the next slice. */
  advance(): void {
    this.#earlier[this.#index] = this.current;
    this.#index = (this.#index + 1) % this.#earlier.length;
    this.current = 0;
  }
}
