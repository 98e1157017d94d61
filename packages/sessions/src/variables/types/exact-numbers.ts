/**
 * The integer that a number is: a number where it is safe to be one, else a bigint. `undefined` for anything else, and
 * for a number whose neighbours are further away than 1, which may be meant as another.
 */
export function exactInteger(value: unknown): number | bigint | undefined {
  if (typeof value === "bigint") {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  }
  // Adding 0 makes 0 of -0.
  return Number.isSafeInteger(value) ? (value as number) + 0 : undefined;
}

/** The double that a number is; `undefined` for anything else, and for an integer that no double is exactly. */
export function exactFloat(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value !== "bigint") return undefined;
  const number = Number(value);
  return Number.isFinite(number) && BigInt(number) === value ? number : undefined;
}
