import assert from "node:assert/strict";
import type { StateStoreCase } from "../state-store-case.ts";
import { Subject } from "./subject.ts";

/** All byte values, without a pattern that compresses well. */
function someBytes(length: number): Uint8Array {
  let state = 1;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 24;
  });
}

const VALUES: readonly (readonly [what: string, value: Uint8Array])[] = [
  ["empty", new Uint8Array()],
  ["a zero byte", new Uint8Array(1)],
  ["every byte", Uint8Array.from({ length: 256 }, (_, index) => index)],
  ["bytes that are not UTF-8", Uint8Array.of(0xff, 0xfe, 0xc3, 0x28, 0x00, 0xed, 0xa0, 0x80)],
  ["a part of a larger buffer", someBytes(64).subarray(7, 23)],
  ["a Buffer", Buffer.from("a Buffer of Node.js")],
  ["a megabyte", someBytes(1_048_576)],
];

function assertBytes(actual: Uint8Array | undefined, expected: Uint8Array, what: string): void {
  assert(actual instanceof Uint8Array, `${what} must be returned as a Uint8Array`);
  assert(Buffer.compare(actual, expected) === 0, `${what} must be returned byte for byte`);
}

export const entryValues: readonly StateStoreCase[] = VALUES.map(([what, value]) => ({
  title: `a value is stored byte for byte: ${what}`,
  async run(bench) {
    const subject = await Subject.of(bench);
    await subject.create("s");
    const written = await subject.put("s", "x", value);
    assertBytes(written.value, value, "the written value");
    assertBytes((await subject.entry("s", "x")).value, value, "the read value");
    assertBytes((await subject.list("s"))?.[0]?.value, value, "the listed value");
    const other = someBytes(3);
    const overwritten = await subject.put("s", "x", other);
    assertBytes(overwritten.value, other, "the new value");
    assertBytes(overwritten.previous?.value, value, "the previous value");
    const entry = await subject.entry("s", "x");
    assertBytes(entry.previous?.value, value, "the previous value that is read");
    await subject.put("s", "x", value);
    const [deleted] = (await subject.delete("s", ["x"])) ?? [];
    assertBytes(deleted?.value, value, "the deleted value");
    assertBytes(deleted?.previous?.value, other, "the previous value of the deleted entry");
  },
}));
