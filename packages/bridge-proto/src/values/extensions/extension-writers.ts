import { Complex, writeComplex } from "./complex.ts";
import { Decimal, writeDecimal } from "./decimal.ts";
import type { ExtensionWriter } from "./extension.ts";
import { writeMap } from "./map.ts";
import { PlainDate, writePlainDate } from "./plain-date.ts";
import { PlainTime, writePlainTime } from "./plain-time.ts";
import { writeSet } from "./set.ts";
import { TimeDelta, writeTimeDelta } from "./time-delta.ts";
import { Unsendable, writeUnsendable } from "./unsendable.ts";
import { Uuid, writeUuid } from "./uuid.ts";
import { writeDate, ZonedDate } from "./zoned-date.ts";

type WriteExtension = (value: object, encoder: ExtensionWriter) => void;

/** The writer of the instances of each class, by the prototype of the class. */
export const EXTENSION_WRITERS: ReadonlyMap<unknown, WriteExtension> = new Map([
  writer(Map, writeMap),
  writer(Set, writeSet),
  writer(Date, writeDate),
  writer(ZonedDate, writeDate),
  writer(PlainDate, writePlainDate),
  writer(PlainTime, writePlainTime),
  writer(TimeDelta, writeTimeDelta),
  writer(Uuid, writeUuid),
  writer(Decimal, writeDecimal),
  writer(Complex, writeComplex),
  writer(Unsendable, (mark: Unsendable, encoder) => writeUnsendable(mark.what, encoder)),
]);

function writer<T extends object>(
  type: { readonly prototype: T },
  write: (value: T, encoder: ExtensionWriter) => void,
): [unknown, WriteExtension] {
  return [type.prototype, write as WriteExtension];
}
