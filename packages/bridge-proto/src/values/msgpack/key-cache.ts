const SLOTS = 1024;

/** Longer keys are rare, and comparing them costs more than it saves. */
const LONGEST_KEY = 32;

/**
 * Keys of maps that were seen before, found by their bytes: records repeat their keys, and building a string costs far
 * more than comparing one. Of fixed size: a new key takes the place of the one in its slot.
 */
export class KeyCache {
  readonly #keys: string[] = new Array<string>(SLOTS).fill("");

  /** The key in `bytes` at `start`; undefined when it is too long or not ASCII. */
  find(bytes: Uint8Array, start: number, length: number): string | undefined {
    if (length > LONGEST_KEY) return undefined;
    let hash = length;
    let seen = 0;
    for (let index = 0; index < length; index++) {
      const byte = bytes[start + index] as number;
      seen |= byte;
      hash = (Math.imul(hash, 31) + byte) | 0;
    }
    if (seen > 0x7f) return undefined;
    const slot = (hash ^ (hash >>> 10)) & (SLOTS - 1);
    const candidate = this.#keys[slot] as string;
    return matches(candidate, bytes, start, length) ? candidate : this.#replace(slot, bytes, start, length);
  }

  #replace(slot: number, bytes: Uint8Array, start: number, length: number): string {
    const key = internalized(String.fromCharCode.apply(null, Array.from(bytes.subarray(start, start + length))));
    this.#keys[slot] = key;
    return key;
  }
}

function matches(candidate: string, bytes: Uint8Array, start: number, length: number): boolean {
  if (candidate.length !== length) return false;
  for (let index = 0; index < length; index++) {
    if (candidate.charCodeAt(index) !== bytes[start + index]) return false;
  }
  return true;
}

/** The same string as V8 keeps it for property names, which makes each later use as a key cheaper. */
function internalized(text: string): string {
  return Object.keys({ [text]: 0 })[0] as string;
}
