import { type ExtensionReader, ExtensionTag, type ExtensionWriter } from "./extension.ts";
import { areAllOf, invalidKey } from "./python-keys.ts";

/**
 * Writes a map: as a MessagePack map if its keys are all strings or all numbers, otherwise as an array of alternating
 * keys and values, because MessagePack does not support all keys, and some different keys are equal in Python. Rejects
 * a map with keys that a dict cannot have.
 */
export function writeMap(map: ReadonlyMap<unknown, unknown>, encoder: ExtensionWriter): void {
  if (!encoder.enter(map)) return;
  const isPlain = areAllOf(map.keys(), "string") || areAllOf(map.keys(), "number");
  const invalid = isPlain ? undefined : invalidKey("a Map", map.keys());
  if (invalid !== undefined) {
    encoder.rejectPart(invalid.reason, invalid.place === undefined ? undefined : { of: "keys", place: invalid.place });
    encoder.leave();
    return;
  }
  const size = map.size;
  const written = isPlain ? writePlain(map, encoder) : writePairs(map, encoder);
  if (written !== size) throw new Error("the map changed while it was read");
  encoder.leave();
}

export function readMap(decoder: ExtensionReader): Map<unknown, unknown> {
  const parts = decoder.readArray();
  const map = new Map<unknown, unknown>();
  for (let index = 0; index + 1 < parts.length; index += 2) map.set(parts[index], parts[index + 1]);
  if (map.size * 2 !== parts.length) throw decoder.malformed("a map has the same key twice, or a key without a value");
  return map;
}

function writePlain(map: ReadonlyMap<unknown, unknown>, encoder: ExtensionWriter): number {
  encoder.writeMapHeader(map.size);
  let entries = 0;
  for (const [key, value] of map) {
    if (typeof key === "string") {
      encoder.step(key);
      encoder.writeKey(key);
    } else {
      encoder.step(key as number);
      encoder.writeNumber(key as number);
    }
    encoder.writeValue(value);
    encoder.step(undefined);
    entries += 1;
  }
  return entries;
}

function writePairs(map: ReadonlyMap<unknown, unknown>, encoder: ExtensionWriter): number {
  const extension = encoder.beginExtension();
  encoder.writeArrayHeader(map.size * 2);
  let entries = 0;
  for (const [key, value] of map) {
    encoder.step({ of: "keys", place: entries });
    encoder.writeValue(key);
    encoder.step(typeof key === "string" || typeof key === "number" ? key : { of: "values", place: entries });
    encoder.writeValue(value);
    encoder.step(undefined);
    entries += 1;
  }
  encoder.endExtension(ExtensionTag.MAP, extension);
  return entries;
}
