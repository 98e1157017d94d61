const SLOTS = 1024;

/** Maximum length of a cached key. Longer keys are rare, and comparing them is slower than decoding them. */
const LONGEST_KEY = 32;

/**
 * A cache of the keys of maps by their bytes. Records repeat their keys, and creating a string is much slower than
 * comparing one. The size is fixed: a new key replaces the one in its slot.
 */
export class KeyCache {
  readonly #keys: string[] = new Array<string>(SLOTS).fill("");

  /** Returns the key in `bytes` at `start`; undefined if it is too long or not ASCII. */
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

/** Returns the internalized string, which V8 uses for property names, so that later uses as a key are faster. */
function internalized(text: string): string {
  return Object.keys({ [text]: 0 })[0] as string;
}
