import type { Page } from "@snakepit/core";
import { compareByCodePoint } from "./code-point-order.ts";

/**
 * The items of one page, by key. Looks at each item once and sorts no more than the page, so that a page of many items
 * takes little more time than a look at them.
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

/** Where an item goes among sorted ones. */
function placeOf<Item>(key: string, sorted: readonly Item[], keyOf: (item: Item) => string): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareByCodePoint(keyOf(sorted[middle] as Item), key) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
