import { describeValue, type Page, SnakepitError } from "@snakepit/core";

/** Sessions of one page of a listing, when who asks does not say. */
const PAGE = 1_000;
/** As many are looked through and sent without others having to wait for it. */
const LARGEST_PAGE = 10_000;

/**
 * Accepts whole milliseconds from 1 on, and `Infinity`.
 *
 * @throws SnakepitError `INVALID_ARGUMENT`
 */
export function checkTtlMs(ttlMs: number, now: number): void {
  if (ttlMs === Number.POSITIVE_INFINITY) return;
  if (Number.isSafeInteger(ttlMs) && ttlMs >= 1 && Number.isSafeInteger(now + ttlMs)) return;
  const rule =
    ttlMs > Number.MAX_SAFE_INTEGER - now
      ? "it must be at most what clocks can count; use Infinity for a session that never expires"
      : "it must be a whole number of milliseconds, at least 1, or Infinity for a session that never expires";
  throw new SnakepitError("INVALID_ARGUMENT", `ttlMs is ${describeValue(ttlMs)}; ${rule}`, {
    details: { option: "ttlMs" },
  });
}

/**
 * The page that is asked for, with what was left out.
 *
 * @throws SnakepitError `INVALID_ARGUMENT`
 */
export function completePage({ after, limit = PAGE }: { readonly [Key in keyof Page]?: Page[Key] | undefined }): Page {
  if (after !== undefined && typeof after !== "string") {
    throw invalidPage("after", `after is ${describeValue(after)}, not the id of a session`);
  }
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > LARGEST_PAGE) {
    throw invalidPage(
      "limit",
      `limit is ${describeValue(limit)}; a page has 1 to ${LARGEST_PAGE} sessions, and the next one begins after the last id (after)`,
    );
  }
  return { after, limit };
}

function invalidPage(option: string, message: string): SnakepitError {
  return new SnakepitError("INVALID_ARGUMENT", message, { details: { option } });
}
