import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * Returns a fingerprint of the inputs of a step: words, and the contents of files and folders.
 * @param {readonly string[]} words
 * @param {readonly string[]} paths files, or folders with all their files; a missing path counts as empty
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

// Skips the caches that Python writes next to its sources.
/** @param {string} folder */
function sourcesIn(folder) {
  return readdirSync(folder)
    .filter((name) => name !== "__pycache__")
    .sort();
}

/**
 * Whether the output of the step that wrote this stamp is current. The stamp is inside the output, so that both are deleted
 * together.
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
