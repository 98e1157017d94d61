import type { SnakepitError } from "../errors/snakepit-error.ts";
import { describeValue, isPlainObject } from "../validation/describe-value.ts";

/** The call that a fallback function replaces. */
export interface FallbackCall {
  readonly pool: string;
  readonly tool: string;
  /** The object that the caller passed, which the caller may have changed since then. */
  readonly args: object;
  readonly correlationId: string;
  readonly sessionId?: string;
}

/**
 * What a call resolves with after a failure of its pool: a value; the result of a function, which may be async and may
 * throw; or the result of another pool.
 */
export type Fallback =
  | { readonly value: unknown; readonly pool?: never }
  | { readonly pool: string; readonly value?: never }
  | ((error: SnakepitError, call: FallbackCall) => unknown);

/** Returns why a value is not a {@link Fallback}, without the name of the option; `undefined` for a valid one. */
export function fallbackProblem(value: unknown): string | undefined {
  if (typeof value === "function") return undefined;
  const names = isPlainObject(value) ? Object.keys(value) : [];
  const isPool = names.join() === "pool" && typeof (value as { readonly pool: unknown }).pool === "string";
  if (isPool || names.join() === "value") return undefined;
  return `must be { value }, { pool } with the name of a pool, or a function; got ${describeValue(value)}; write for example fallback: { value: null }`;
}
