import * as v from "valibot";
import type { Fallback, ValueOption } from "./option.ts";

const MAX_WORKERS = 10_000;

/** The limits of the number of workers of a pool. */
export interface SizeRange {
  /** Minimum number of workers, at least 1. */
  readonly min: number;
  /** Maximum number of workers. */
  readonly max: number;
}

/** The number of workers of a pool: fixed, or in a range. */
export type PoolSize = number | SizeRange;

/** Returns the limits of the number of workers. */
export function sizeRange(size: PoolSize): SizeRange {
  return typeof size === "number" ? { min: size, max: size } : size;
}

/** The option for the number of workers. */
export function poolSize(option: {
  readonly doc: string;
  readonly example: string;
  readonly fallback: Fallback<PoolSize>;
}): ValueOption<PoolSize> {
  return {
    ...option,
    expects: POOL_SIZE_FORM,
    inputType: "PoolSize",
    resolvedType: "PoolSize",
    schema: v.pipe(
      v.custom<PoolSize>(isPoolSize),
      v.transform((size) => (typeof size === "number" ? size : Object.freeze({ min: size.min, max: size.max }))),
    ),
    remedy: sizeRemedy,
  };
}

/** The accepted numbers of workers, completing "must be". */
export const POOL_SIZE_FORM = `an integer from 1 to ${MAX_WORKERS}, or { min, max } with such integers, min up to max`;

/** Whether a value is a number of workers, or limits of it. */
export function isPoolSize(value: unknown): value is PoolSize {
  if (typeof value !== "object" || value === null) return isCount(value);
  const { min, max, ...others } = value as Partial<SizeRange>;
  return isCount(min) && isCount(max) && min <= max && Object.keys(others).length === 0;
}

function sizeRemedy(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { min, max } = value as Partial<SizeRange>;
  const [least, most] = isCount(min) && isCount(max) && min > max ? [max, min] : [1, 8];
  return `write for example \`size: { min: ${least}, max: ${most} }\``;
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= MAX_WORKERS;
}
