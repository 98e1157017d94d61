import type { Random } from "./random.ts";

const STRINGS = [
  "",
  "a",
  "x",
  "value",
  "__proto__",
  "constructor",
  "snakepit",
  "é",
  "蛇",
  "🐍",
  "\0",
  "\n",
  "../../etc/passwd",
  "key with spaces",
  "a".repeat(31),
  "a".repeat(32),
  "ü".repeat(150),
  "a.b.c",
  "*",
  "[",
  "{}",
  "%s",
  "-1",
  "1e400",
].map((each) => Buffer.from(each));

/** Bytes that are not UTF-8: a lone continuation, an overlong form, a surrogate, a truncated character. */
const INVALID = ["80", "c080", "eda080", "f0908d", "ff", "61ff62", "e28280ed"].map((hex) => Buffer.from(hex, "hex"));

/** Returns the bytes of a string: common, unusual, long, or not UTF-8. */
export function randomString(random: Random): Buffer {
  if (random.oneIn(40)) return random.pick(INVALID);
  if (random.oneIn(200)) return Buffer.alloc(1 + random.below(70_000), random.pick(["a", "é", "0"]));
  return random.pick(STRINGS);
}

/** Bytes of the longest strings of digits: a quadratic reader takes minutes for them. */
const LONG_DIGITS = 200_000;
const DECIMALS = [
  "0",
  "-0",
  "1.5",
  "1e5",
  "1E+999999999",
  "-1e-999999999999999999999",
  "Infinity",
  "-inf",
  "NaN",
  "sNaN123",
  ".5",
  "5.",
  "",
  ".",
  "+",
  "1_000",
  " 1",
  "٣",
  "0x10",
  "1e",
];

/** Returns the bytes of a decimal, valid or not. */
export function decimalString(random: Random): Buffer {
  if (!random.oneIn(300)) return Buffer.from(random.pick(DECIMALS));
  const digits = Buffer.alloc(LONG_DIGITS, random.pick(["1", "0", "10"]));
  return Buffer.concat([
    Buffer.from(random.pick(["", "1", "-", "1."])),
    digits,
    Buffer.from(random.pick(["", "x", "1"])),
  ]);
}

const ZONES = [
  "",
  "UTC",
  "Europe/Berlin",
  "America/New_York",
  "Nowhere/Land",
  "../../etc/passwd",
  "/etc/passwd",
  "posixrules",
  "zone.tab",
  "Europe",
  ".",
  "\0",
  "é",
  "a".repeat(300),
  "US/Eastern/../Pacific",
  "CON",
];

/** Returns the bytes of the name of a time zone, valid or not. */
export function zoneString(random: Random): Buffer {
  return random.oneIn(30) ? randomString(random) : Buffer.from(random.pick(ZONES));
}
