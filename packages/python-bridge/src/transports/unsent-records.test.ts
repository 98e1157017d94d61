import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  closeSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AREA_BYTES, bytesAt, descriptorsOf, FILE_BYTES, UnsentFile } from "../testing/unsent-file.ts";
import { UnsentRecords } from "./unsent-records.ts";

describe("UnsentRecords", () => {
  let directory: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "snakepit-test-"));
  });

  afterEach(() => rmSync(directory, { recursive: true }));

  /** Opens the file at both ends. */
  function opened() {
    const file = new UnsentFile(directory);
    const records = UnsentRecords.open(directory, file.name)!;
    const read = (position: number) => records.read(position)?.toString();
    const close = () => {
      records.close();
      file[Symbol.dispose]();
      expect(descriptorsOf(file.path)).toBe(0);
    };
    return { file, records, read, close };
  }

  it("removes the file from the directory", () => {
    const { file, close } = opened();
    expect(existsSync(file.path)).toBe(false);
    close();
  });

  it("returns nothing while nothing was added", () => {
    const { read, close } = opened();
    expect(read(0)).toBeUndefined();
    close();
  });

  it("returns the bytes from a position on, also from the middle of an area", () => {
    const { file, read, close } = opened();
    file.add(Buffer.from("abc"), 100);
    file.add(Buffer.from("defg"), 100);
    expect([99, 100, 101, 106, 107].map(read)).toEqual([undefined, "abcdefg", "bcdefg", "g", undefined]);
    close();
  });

  it("returns the bytes of either area, and those of a filled area until it is used again", () => {
    const { file, read, close } = opened();
    file.add(Buffer.from("one"), 0);
    file.take();
    file.add(Buffer.from("two"), 3);
    expect([0, 2, 3, 5, 6].map(read)).toEqual(["one", "e", "two", "o", undefined]);
    file.take();
    file.add(Buffer.from("three"), 10);
    expect([0, 3, 6, 10].map(read)).toEqual([undefined, "two", undefined, "three"]);
    close();
  });

  it("returns the bytes of a full area, and those at a position of more than 32 bits", () => {
    const { file, records, close } = opened();
    const bytes = bytesAt(0, AREA_BYTES);
    const position = 2 ** 40 + 5;
    expect(file.add(bytes, position)).toBe(true);
    expect(records.read(position)?.equals(bytes)).toBe(true);
    expect(records.read(position + AREA_BYTES - 1)?.equals(bytes.subarray(-1))).toBe(true);
    expect(records.read(5)).toBeUndefined();
    close();
  });

  it("returns memory that later reads leave as it is", () => {
    const { file, records, close } = opened();
    file.add(Buffer.from("one"), 0);
    const first = records.read(0);
    file.take();
    file.add(Buffer.from("two"), 3);
    file.take();
    file.add(Buffer.from("six"), 6);
    expect(records.read(6)?.toString()).toBe("six");
    expect(first?.toString()).toBe("one");
    close();
  });

  it.each([AREA_BYTES + 1, 0x7fff_ffff, 0xffff_ffff])("ignores an entry with an invalid length (%d)", (length) => {
    const { file, records, close } = opened();
    file.add(Buffer.from("one"), 0);
    file.setLength(0, length);
    expect(records.read(0)).toBeUndefined();
    expect(records.read(AREA_BYTES)).toBeUndefined();
    close();
  });

  it("ignores an entry whose position is beyond all that is sent", () => {
    const { file, records, close } = opened();
    file.add(Buffer.from("one"), 0);
    file.setPosition(0, 0xffff_ffff_ffff_ffffn);
    expect(records.read(0)).toBeUndefined();
    close();
  });

  it("returns nothing from a file that its worker has truncated, whatever the file of another worker contains", () => {
    const other = join(directory, "other");
    mkdirSync(other);
    using otherFile = new UnsentFile(other);
    const otherRecords = UnsentRecords.open(other, otherFile.name)!;
    otherFile.add(Buffer.from("other"), 0);
    for (const size of [0, 8, 32, 4096 + 2]) {
      const { file, records, close } = opened();
      file.add(Buffer.from("one"), 0);
      file.truncate(size);
      expect(otherRecords.read(0)?.toString()).toBe("other");
      expect(records.read(0)).toBeUndefined();
      close();
    }
    otherRecords.close();
  });

  it("returns nothing after it was closed, also repeatedly", () => {
    const { file, records, close } = opened();
    file.add(Buffer.from("one"), 0);
    records.close();
    records.close();
    expect(records.read(0)).toBeUndefined();
    close();
  });

  it.each([
    ["empty", ""],
    ["in another directory", "../0123.unsent"],
    ["below the directory", "sub/0123.unsent"],
    ["missing", "4567.unsent"],
    ["the directory", "."],
    ["the directory above", ".."],
    ["a directory", "sub"],
    ["a link to a file", "link"],
    ["a pipe", "pipe"],
    ["a file that is empty", "empty"],
    ["a file that is too short", "short"],
    ["a file that is too long", "long"],
  ])("does not open a name that is %s, and removes nothing", (_, name) => {
    const inner = join(directory, "inner");
    mkdirSync(join(inner, "sub"), { recursive: true });
    using file = new UnsentFile(inner);
    linkSync(file.path, join(directory, file.name));
    linkSync(file.path, join(inner, "sub", file.name));
    symlinkSync(file.path, join(inner, "link"));
    execFileSync("mkfifo", [join(inner, "pipe")]);
    writeFileSync(join(inner, "empty"), "");
    writeFileSync(join(inner, "short"), Buffer.alloc(FILE_BYTES - 1));
    writeFileSync(join(inner, "long"), Buffer.alloc(FILE_BYTES + 1));
    const before = readdirSync(directory, { recursive: true });
    expect(UnsentRecords.open(inner, name)).toBeUndefined();
    expect(readdirSync(directory, { recursive: true })).toEqual(before);
    expect(descriptorsOf(join(inner, name))).toBe(0);
    // Otherwise, no name could be opened.
    UnsentRecords.open(inner, file.name)!.close();
  });

  it("never returns a mixture while another process fills the areas", async () => {
    const program = fileURLToPath(new URL("../testing/unsent-writer.ts", import.meta.url));
    const child = spawn(process.execPath, [program, directory, "200000"], { stdio: ["ignore", "pipe", "inherit"] });
    let running = true;
    const exited = once(child, "exit").finally(() => {
      running = false;
    });
    await once(child.stdout, "data");
    const header = openSync(join(directory, "0123.unsent"), "r");
    const records = UnsentRecords.open(directory, "0123.unsent")!;
    const positions = Buffer.alloc(32);
    let successful = 0;
    const wrong: number[] = [];
    while (running) {
      for (let attempt = 0; attempt < 100; attempt++) {
        readSync(header, positions, 0, 32, 0);
        const position = Number(positions.readBigUInt64LE(16 * (attempt % 2))) + (attempt % 5) * 20;
        const bytes = records.read(position);
        if (bytes === undefined) continue;
        successful += 1;
        if (!bytes.equals(bytesAt(position, bytes.byteLength))) wrong.push(position);
      }
      await nextTurn();
    }
    expect(await exited).toEqual([0, null]);
    records.close();
    closeSync(header);
    expect(wrong).toEqual([]);
    expect(successful).toBeGreaterThan(0);
  });
});
