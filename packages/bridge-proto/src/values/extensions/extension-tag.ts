/**
 * MessagePack extension types of Snakepit; `docs/values.md` has the layout of each. A number is never given another
 * meaning.
 */
export const ExtensionTag = {
  OUT_OF_BAND_BYTES: 1,
  BIG_INTEGER: 2,
  SET: 3,
  MAP: 4,
  UUID: 5,
  DECIMAL: 6,
  COMPLEX: 7,
  AWARE_DATETIME: 8,
  NAIVE_DATETIME: 9,
  DATE: 10,
  TIME: 11,
  TIME_DELTA: 12,
  NDARRAY: 13,
  UNSENDABLE: 14,
} as const;
