import type { Page } from "@snakepit/core";

/**
 * Returns the items of one page, ordered by key. Visits each item once and sorts only the page, so the time is close to that
 * of one iteration.
 */
export function firstPage<Item>(
  items: Iterable<Item>,
  keyOf: (item: Item) => string,
  { after, limit }: Page,
): readonly Item[] {
  const page: Item[] = [];
  for (const item of items) {
    const key = keyOf(item);
    if (after !== undefined && compareByCodePoint(key, after) <= 0) continue;
    const place = placeOf(key, page, keyOf);
    if (place >= limit) continue;
    page.splice(place, 0, item);
    if (page.length > limit) page.pop();
  }
  return page;
}

/** Returns the position of a key among sorted items. */
function placeOf<Item>(key: string, sorted: readonly Item[], keyOf: (item: Item) => string): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareByCodePoint(keyOf(sorted[middle] as Item), key) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Compares strings by code point, for `sort`: the order in which databases list them. JavaScript compares code units,
 * which puts characters beyond U+FFFF, made of two surrogates, before U+E000 to U+FFFF.
 */
export function compareByCodePoint(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

/** Moves surrogates above all other code units. */
function rank(codeUnit: number): number {
  if (codeUnit < 0xd800) return codeUnit;
  return codeUnit < 0xe000 ? codeUnit + 0x2000 : codeUnit - 0x800;
}
