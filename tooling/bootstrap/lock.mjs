import { linkSync, mkdirSync, readFileSync, rmdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

const POLL_MS = 200;
/** Removing the lock of a dead owner takes microseconds; an older mark was left by a process that died while it did so. */
const TAKEOVER_STALE_MS = 10_000;

/** @typedef {{ pid: number, startTime: string, host: string }} Owner */

/**
 * Runs `work` under an exclusive lock on a path. The lock of a dead process is ignored.
 * @template T
 * @param {string} path
 * @param {{ onWait: (pid: number) => void }} options `onWait` is called once if another process holds the lock
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(path, options, work) {
  await acquire(path, options.onWait);
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
}

/**
 * @param {string} path
 * @param {(pid: number) => void} onWait
 */
async function acquire(path, onWait) {
  mkdirSync(dirname(path), { recursive: true });
  for (let isReported = false; !take(path); ) {
    const owner = readOwner(path);
    if (owner !== undefined && !isAlive(owner)) {
      removeDead(path);
      continue;
    }
    if (owner !== undefined && !isReported) {
      onWait(owner.pid);
      isReported = true;
    }
    await delay(POLL_MS);
  }
}

// The file is written first and then linked into place, so that no process reads a partial file.
/** @param {string} path */
function take(path) {
  const mine = `${path}.${process.pid}`;
  writeFileSync(mine, JSON.stringify({ pid: process.pid, startTime: startTimeOf(process.pid), host: hostname() }));
  try {
    linkSync(mine, path);
    return true;
  } catch (thrown) {
    if (codeOf(thrown) === "EEXIST") return false;
    throw thrown;
  } finally {
    rmSync(mine, { force: true });
  }
}

// Two waiters may both detect the dead owner. Without the mark, the slower one could remove the lock that the faster one
// has just acquired.
/** @param {string} path */
function removeDead(path) {
  const mark = `${path}.takeover`;
  try {
    mkdirSync(mark);
  } catch (thrown) {
    if (codeOf(thrown) !== "EEXIST") throw thrown;
    removeIfOld(mark);
    return;
  }
  try {
    const owner = readOwner(path);
    if (owner !== undefined && !isAlive(owner)) rmSync(path, { force: true });
  } finally {
    rmdirSync(mark);
  }
}

/** @param {string} mark */
function removeIfOld(mark) {
  const made = statSync(mark, { throwIfNoEntry: false })?.mtimeMs;
  if (made !== undefined && Date.now() - made > TAKEOVER_STALE_MS) rmSync(mark, { recursive: true, force: true });
}

/**
 * @param {string} path
 * @returns {Owner | undefined}
 */
function readOwner(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (thrown) {
    if (codeOf(thrown) === "ENOENT") return undefined;
    throw thrown;
  }
}

// The owner may run on another machine or in another container that shares the folder. This process cannot check that, so the
// lock is respected.
/** @param {Owner} owner */
function isAlive(owner) {
  if (owner.host !== hostname()) return true;
  try {
    process.kill(owner.pid, 0);
  } catch (thrown) {
    if (codeOf(thrown) === "ESRCH") return false;
  }
  return startTimeOf(owner.pid) === owner.startTime;
}

// Process IDs are reused; together with the start time they are unique (proc(5), field 22).
/** @param {number} pid */
function startTimeOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  } catch {
    return "";
  }
}

/** @param {unknown} thrown */
function codeOf(thrown) {
  return /** @type {NodeJS.ErrnoException} */ (thrown).code;
}
