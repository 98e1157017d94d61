import { changes } from "./state-store/changes.ts";
import { closing } from "./state-store/closing.ts";
import { concurrency } from "./state-store/concurrency.ts";
import { entryBatches } from "./state-store/entry-batches.ts";
import { entryPatterns } from "./state-store/entry-patterns.ts";
import { entryReading } from "./state-store/entry-reading.ts";
import { entryValues } from "./state-store/entry-values.ts";
import { entryWrites } from "./state-store/entry-writes.ts";
import { isolation } from "./state-store/isolation.ts";
import { quotas } from "./state-store/quotas.ts";
import { sessionCreation } from "./state-store/session-creation.ts";
import { sessionExpiry } from "./state-store/session-expiry.ts";
import { sessionListing } from "./state-store/session-listing.ts";
import { sessionRemoval } from "./state-store/session-removal.ts";
import { sessionUse } from "./state-store/session-use.ts";
import { sessionWrites } from "./state-store/session-writes.ts";
import type { StateStoreCase } from "./state-store-case.ts";

/**
 * The test cases that every `StateStore` must pass, for any test runner. Each case requires a new bench on an empty
 * store that is not used by others. On a store in memory, a case takes milliseconds; limit the time of a case to
 * minutes.
 *
 * @example
 * // With the test runner of Node.js
 * for (const { title, run } of stateStoreConformance) {
 *   test(title, async () => {
 *     await using data = await EmptyDatabase.create();
 *     await run({ clock: new FakeClock(), open: () => openMyStore(data) });
 *   });
 * }
 */
export const stateStoreConformance: readonly StateStoreCase[] = [
  ...sessionCreation,
  ...sessionExpiry,
  ...sessionWrites,
  ...sessionUse,
  ...sessionRemoval,
  ...sessionListing,
  ...quotas,
  ...entryWrites,
  ...entryBatches,
  ...entryReading,
  ...entryPatterns,
  ...entryValues,
  ...isolation,
  ...changes,
  ...concurrency,
  ...closing,
];
