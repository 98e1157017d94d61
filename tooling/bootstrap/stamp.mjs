import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * A fingerprint of what a step depends on: words, and the contents of files and folders.
 * @param {readonly string[]} words
 * @param {readonly string[]} paths files, or folders that count with all that is in them; a missing one counts as empty
 * @returns {string}
 */
export function fingerprint(words, paths) {
  const hash = createHash("sha256");
  for (const word of words) hash.update(`${word}\0`);
  for (const path of paths) addPath(hash, path);
  return hash.digest("hex");
}

/**
 * @param {import("node:crypto").Hash} hash
 * @param {string} path
 */
function addPath(hash, path) {
  hash.update(`${path}\0`);
  try {
    hash.update(readFileSync(path));
  } catch (thrown) {
    const { code } = /** @type {NodeJS.ErrnoException} */ (thrown);
    if (code === "EISDIR") for (const name of sourcesIn(path)) addPath(hash, join(path, name));
    else if (code !== "ENOENT") throw thrown;
  }
}

// Python puts its caches beside the sources it runs.
/** @param {string} folder */
function sourcesIn(folder) {
  return readdirSync(folder)
    .filter((name) => name !== "__pycache__")
    .sort();
}

/**
 * Whether the step that wrote this stamp need not run again. The stamp lies inside what the step made, so that
 * deleting the one deletes the other.
 * @param {string} path
 * @param {string} expected
 */
export function isFresh(path, expected) {
  try {
    return readFileSync(path, "utf8") === expected;
  } catch {
    return false;
  }
}

/**
 * @param {string} path
 * @param {string} value
 */
export function writeStamp(path, value) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, value);
}
