/** A record of the mixed payload: strings, numbers, booleans, a date as a string and nested lists. */
export interface Visitor {
  readonly id: number;
  readonly name: string;
  readonly email: string;
  readonly active: boolean;
  readonly balance: number;
  readonly visits: number;
  readonly registered: string;
  readonly tags: readonly string[];
  readonly scores: readonly number[];
}

/** What every peer, and Snakepit, does in the comparison: calls of the same Python functions. */
export interface Contestant extends AsyncDisposable {
  /** Process IDs of the workers, for their processor time. */
  readonly pids: readonly number[];

  /** Waits until all workers accept calls. Absent where they do so once it is started, or from the first calls on. */
  ready?(): Promise<void>;

  /** Returns the sum: a small call. */
  add(a: number, b: number): Promise<number>;

  /** Returns the records with one visit more each. */
  visit(records: readonly Visitor[]): Promise<readonly Visitor[]>;

  /** Returns the sum of the visits of all records. */
  totalVisits(records: readonly Visitor[]): Promise<number>;

  /** Returns an array of the same values. */
  echo(values: Float64Array): Promise<Float64Array>;

  /** Streams the integers below `to`, and calls `each` with one after another. */
  count(to: number, each: (value: number) => void): Promise<void>;

  /** Uses the processor for `ms` milliseconds; returns `ms`. */
  work(ms: number): Promise<number>;
}

/** Returns the bytes of an array, without a copy. */
export function bytesOf(values: Float64Array): Buffer {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength);
}

/** Returns the array in bytes; copies them only if they are not aligned. */
export function float64Of(bytes: Uint8Array): Float64Array {
  const isAligned = bytes.byteOffset % Float64Array.BYTES_PER_ELEMENT === 0;
  const { buffer, byteOffset, byteLength } = isAligned ? bytes : new Uint8Array(bytes);
  return new Float64Array(buffer, byteOffset, byteLength / Float64Array.BYTES_PER_ELEMENT);
}
