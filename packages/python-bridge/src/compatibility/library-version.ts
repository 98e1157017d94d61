import { mustBe, SnakepitError } from "@snakepit/core";

const VERSION =
  /^v?(?:(?<epoch>\d+)!)?(?<release>\d+(?:\.\d+)*)(?<early>[-_.]?(?:a|alpha|b|beta|c|rc|pre|preview|dev)[-_.]?\d*)?[-_.a-z0-9]*(?:\+[a-z0-9.]+)?$/i;

/**
 * Returns whether a version of a Python package is older than another one. Pre-releases are older than their release.
 * The table only states the first release with a property, so their order is all that is needed of PEP 440.
 *
 * @throws SnakepitError `INVALID_ARGUMENT` if one of them is not a version.
 */
export function isOlder(version: string, other: string): boolean {
  const [one, two] = [parsed(version), parsed(other)];
  const length = Math.max(one.numbers.length, two.numbers.length);
  for (let index = 0; index < length; index += 1) {
    const difference = (one.numbers[index] ?? 0) - (two.numbers[index] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return one.isEarly && !two.isEarly;
}

function parsed(version: string): { readonly numbers: readonly number[]; readonly isEarly: boolean } {
  const groups = typeof version === "string" ? VERSION.exec(version.trim())?.groups : undefined;
  if (groups === undefined) {
    throw new SnakepitError("INVALID_ARGUMENT", mustBe("version", 'a version such as "2.1.0"', version));
  }
  const { epoch = "0", release = "0", early } = groups;
  return { numbers: [epoch, ...release.split(".")].map(Number), isEarly: early !== undefined };
}
