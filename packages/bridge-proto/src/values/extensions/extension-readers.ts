import { readComplex } from "./complex.ts";
import { readDecimal } from "./decimal.ts";
import { type ExtensionReader, ExtensionTag } from "./extension.ts";
import { readBigInteger, readOutOfBandBytes } from "./integers-and-bytes.ts";
import { readMap } from "./map.ts";
import { readNdArray } from "./ndarray.ts";
import { readPlainDate } from "./plain-date.ts";
import { readPlainTime } from "./plain-time.ts";
import { readSet } from "./set.ts";
import { readTimeDelta } from "./time-delta.ts";
import { readUnsendable } from "./unsendable.ts";
import { readUuid } from "./uuid.ts";
import { readAwareDatetime, readNaiveDatetime } from "./zoned-date.ts";

/** Reads the content of an extension: all bytes up to the end of the decoder. */
type ReadExtension = (reader: ExtensionReader) => unknown;

/** The reader of each extension, by tag. */
export const EXTENSION_READERS: readonly (ReadExtension | undefined)[] = readersByTag({
  [ExtensionTag.OUT_OF_BAND_BYTES]: readOutOfBandBytes,
  [ExtensionTag.BIG_INTEGER]: readBigInteger,
  [ExtensionTag.SET]: readSet,
  [ExtensionTag.MAP]: readMap,
  [ExtensionTag.UUID]: readUuid,
  [ExtensionTag.DECIMAL]: readDecimal,
  [ExtensionTag.COMPLEX]: readComplex,
  [ExtensionTag.AWARE_DATETIME]: readAwareDatetime,
  [ExtensionTag.NAIVE_DATETIME]: readNaiveDatetime,
  [ExtensionTag.DATE]: readPlainDate,
  [ExtensionTag.TIME]: readPlainTime,
  [ExtensionTag.TIME_DELTA]: readTimeDelta,
  [ExtensionTag.NDARRAY]: readNdArray,
  [ExtensionTag.UNSENDABLE]: readUnsendable,
});

function readersByTag(
  readers: Readonly<Record<(typeof ExtensionTag)[keyof typeof ExtensionTag], ReadExtension>>,
): readonly (ReadExtension | undefined)[] {
  const byTag: (ReadExtension | undefined)[] = [];
  for (const [tag, read] of Object.entries(readers)) byTag[Number(tag)] = read;
  return byTag;
}
