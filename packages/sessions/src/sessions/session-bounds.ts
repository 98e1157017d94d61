import { describeValue, type Page, SnakepitError } from "@snakepit/core";

/** The default number of sessions in one page of a listing. */
const PAGE = 1_000;
/** The maximum number of sessions in one page, which is small enough not to delay other work. */
const MAX_PAGE = 10_000;

/**
 * Accepts a positive integer number of milliseconds, and `Infinity`.
 *
 * @throws SnakepitError `INVALID_ARGUMENT`
 */
export function checkTtlMs(ttlMs: number, now: number): void {
  if (ttlMs === Number.POSITIVE_INFINITY) return;
  if (Number.isSafeInteger(ttlMs) && ttlMs >= 1 && Number.isSafeInteger(now + ttlMs)) return;
  const rule =
    ttlMs > Number.MAX_SAFE_INTEGER - now
      ? "ttlMs must not exceed the range of the clock; use Infinity for a session that never expires"
      : "ttlMs must be a positive integer of milliseconds, or Infinity for a session that never expires";
  throw new SnakepitError("INVALID_ARGUMENT", `${rule}; got ${describeValue(ttlMs)}`, {
    details: { option: "ttlMs" },
  });
}

/**
 * Returns the requested page with defaults for absent properties.
 *
 * @throws SnakepitError `INVALID_ARGUMENT`
 */
export function completePage({ after, limit = PAGE }: { readonly [Key in keyof Page]?: Page[Key] | undefined }): Page {
  if (after !== undefined && typeof after !== "string") {
    throw invalidPage("after", `after must be the ID of a session; got ${describeValue(after)}`);
  }
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > MAX_PAGE) {
    throw invalidPage(
      "limit",
      `limit must be an integer from 1 to ${MAX_PAGE}; got ${describeValue(limit)}; list further pages with after`,
    );
  }
  return { after, limit };
}

function invalidPage(option: string, message: string): SnakepitError {
  return new SnakepitError("INVALID_ARGUMENT", message, { details: { option } });
}
