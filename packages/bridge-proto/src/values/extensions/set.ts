import { type ExtensionReader, ExtensionTag, type ExtensionWriter } from "./extension.ts";
import { areAllOf, invalidKey } from "./python-keys.ts";

/** Writes a set as an array of its elements. Rejects elements that a set in Python cannot have. */
export function writeSet(set: ReadonlySet<unknown>, encoder: ExtensionWriter): void {
  if (!encoder.enter(set)) return;
  const invalid = areAllOf(set, "string") || areAllOf(set, "number") ? undefined : invalidKey("a Set", set);
  if (invalid !== undefined) {
    encoder.rejectPart(invalid.reason, invalid.place);
    encoder.leave();
    return;
  }
  const extension = encoder.beginExtension();
  const size = set.size;
  encoder.writeArrayHeader(size);
  let place = 0;
  for (const element of set) {
    encoder.step(place);
    encoder.writeValue(element);
    encoder.step(undefined);
    place += 1;
  }
  if (place !== size) throw new Error("the set changed while it was read");
  encoder.endExtension(ExtensionTag.SET, extension);
  encoder.leave();
}

export function readSet(decoder: ExtensionReader): Set<unknown> {
  const elements = decoder.readArray();
  const set = new Set(elements);
  if (set.size !== elements.length) throw decoder.malformed("a set has the same element twice");
  return set;
}
