import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  closeSync,
  constants,
  existsSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setImmediate as nextTurn } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { StartPermits } from "./start-permits.ts";

const NAME = "0123.permits";

describe("StartPermits", () => {
  let directory: string;
  let path: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "snakepit-test-"));
    path = join(directory, NAME);
    execFileSync("mkfifo", [path]);
  });

  afterEach(() => rmSync(directory, { recursive: true }));

  /** Opens the pipe at both ends: `take` is the worker's, and returns `undefined` if the pipe is empty. */
  function opened() {
    const worker = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
    const permits = StartPermits.open(directory, NAME)!;
    const permit = Buffer.alloc(4);
    const take = (): number | undefined => {
      try {
        readSync(worker, permit, 0, 4, null);
      } catch {
        return undefined;
      }
      return permit.readUInt32LE(0);
    };
    const close = () => {
      permits.close();
      closeSync(worker);
    };
    return { permits, take, close };
  }

  it.runIf(process.platform === "linux")("puts permits into a pipe of a single page that was read in part", () => {
    const F_SETPIPE_SZ = 1031;
    const worker = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
    const resize = `import fcntl, sys; print(fcntl.fcntl(open(sys.argv[1], "r+b", buffering=0), ${F_SETPIPE_SZ}, 4096))`;
    expect(execFileSync("python3", ["-c", resize, path], { encoding: "utf8" }).trim()).toBe("4096");
    const { permits, take, close } = opened();
    const ids = Array.from({ length: 1_000 }, (_, index) => index + 1);
    for (const id of ids) permits.add(id);
    permits.write();
    expect(permits.takeNotice()).toBe(false);
    expect(ids.slice(0, 999).map(() => take())).toEqual(ids.slice(0, 999));
    const more = Array.from({ length: 30 }, (_, index) => index + 1_001);
    for (const id of more) permits.add(id);
    permits.write();
    expect([permits.takeNotice(), permits.takeNotice()]).toEqual([true, false]);
    expect([1_000, ...more].map(() => take())).toEqual([1_000, ...more]);
    expect(take()).toBeUndefined();
    close();
    closeSync(worker);
  });

  it("removes the pipe from the directory", () => {
    const { close } = opened();
    expect(existsSync(path)).toBe(false);
    close();
  });

  it("hands permits over in order, once they are written", () => {
    const { permits, take, close } = opened();
    for (const id of [7, 8, 0xffff_ffff]) permits.add(id);
    expect(take()).toBeUndefined();
    permits.write();
    permits.write();
    expect([take(), take(), take(), take()]).toEqual([7, 8, 0xffff_ffff, undefined]);
    close();
  });

  it("takes back one permit and keeps the order of the others", () => {
    const { permits, take, close } = opened();
    for (const id of [1, 2, 3, 4]) permits.add(id);
    permits.write();
    permits.add(5);
    expect([permits.take(2), permits.take(2), permits.take(5), permits.take(9)]).toEqual([true, false, true, false]);
    permits.write();
    expect([take(), take(), take(), take()]).toEqual([1, 3, 4, undefined]);
    expect(permits.take(1)).toBe(false);
    close();
  });

  it("takes back a permit that is not written yet", () => {
    const { permits, take, close } = opened();
    permits.add(1);
    expect(permits.take(1)).toBe(true);
    permits.write();
    expect(take()).toBeUndefined();
    close();
  });

  it("holds the permits of 1,000 calls, also after the start of the pipe has moved", () => {
    const { permits, take, close } = opened();
    for (let round = 0; round < 20; round += 1) {
      for (let id = 1; id <= 1_000; id += 1) permits.add(id);
      permits.write();
      for (let id = 1; id <= 990; id += 1) expect(take()).toBe(id);
      for (let id = 1_000; id > 990; id -= 1) expect(permits.take(id)).toBe(true);
    }
    close();
  });

  it("keeps the permits of a worker that has died, and returns none after it was closed", () => {
    const worker = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
    const permits = StartPermits.open(directory, NAME)!;
    permits.add(1);
    permits.add(2);
    permits.write();
    closeSync(worker);
    expect(permits.take(2)).toBe(true);
    permits.close();
    permits.close();
    expect(permits.take(1)).toBe(false);
    permits.add(3);
    permits.write();
  });

  it.each([
    ["empty", () => ""],
    ["in another directory", () => `../${NAME}`],
    ["below the directory", () => `sub/${NAME}`],
    ["missing", () => "4567.permits"],
    ["the directory", () => "."],
    ["a file", () => "file"],
    ["a link to a pipe", () => "link"],
  ])("does not open a name that is %s, and removes nothing", (_, create) => {
    const name = create();
    writeFileSync(join(directory, "file"), "");
    symlinkSync(path, join(directory, "link"));
    expect(StartPermits.open(directory, name)).toBeUndefined();
    expect(existsSync(path)).toBe(true);
    expect(existsSync(join(directory, "file"))).toBe(true);
  });

  it("hands each permit to one side, in order, while another process takes permits", async () => {
    const program = fileURLToPath(new URL("../testing/permit-taker.ts", import.meta.url));
    const child = spawn(process.execPath, [program, path], { stdio: ["ignore", "pipe", "inherit"] });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    expect((await lines.next()).value).toBe("ready");
    const permits = StartPermits.open(directory, NAME)!;
    const recalled: number[] = [];
    let count = 0;
    const recall = (id: number) => permits.take(id) && recalled.push(id);
    const bothTook = () => recalled.length > 0 && recalled.length < count;
    // At most 900 permits are in the pipe at a time. More follow while a processor has run only one of the processes.
    for (let first = 1; count < 18_000 || (!bothTook() && child.exitCode === null); first += 900) {
      await nextTurn();
      count += 900;
      const ids = Array.from({ length: 900 }, (_, i) => first + i);
      for (let at = 0; at < ids.length; at += 20) {
        const batch = ids.slice(at, at + 20);
        for (const id of batch) permits.add(id);
        permits.write();
        for (const id of batch.reverse()) if (id % 3 === 0) recall(id);
      }
      for (const id of ids) recall(id);
    }
    permits.add(0);
    permits.write();
    const started = JSON.parse((await lines.next()).value as string) as number[];
    await once(child, "exit");
    permits.close();
    expect(started).toEqual([...started].sort((a, b) => a - b));
    expect([...started, ...recalled].sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, i) => i + 1));
    expect(recalled.length).toBeGreaterThan(0);
    expect(started.length).toBeGreaterThan(0);
  });
});
