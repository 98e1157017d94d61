import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newRunId } from "@snakepit/core";
import { currentOwner } from "@snakepit/core/unix-sockets";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { openSocketDirectory } from "./socket-directory.ts";

const INVALID = (message: RegExp) =>
  expect.objectContaining({ code: "INVALID_CONFIG", message: expect.stringMatching(message) });

describe("openSocketDirectory", () => {
  let base: string;

  beforeEach(() => {
    base = mkdtempSync(join(tmpdir(), "snakepit-test-"));
  });

  afterEach(() => {
    vi.unstubAllEnvs();
    rmSync(base, { recursive: true });
  });

  it("creates a directory that only its user can enter, regardless of the umask", () => {
    const before = process.umask(0o777);
    const directory = openSocketDirectory({ name: "aaaaaaa", base });
    process.umask(before);
    expect(directory.path).toBe(join(base, "snakepit-aaaaaaa"));
    expect(statSync(directory.path).mode & 0o777).toBe(0o700);
    expect(directory.socketPath.startsWith(directory.path)).toBe(true);
    directory.remove();
    directory.remove();
    expect(existsSync(directory.path)).toBe(false);
  });

  it("uses the temporary directory, rather than the runtime directory, which a logout removes (H8)", () => {
    const temporary = makeDirectory("t");
    vi.stubEnv("TMPDIR", temporary);
    vi.stubEnv("XDG_RUNTIME_DIR", base);
    const directory = openSocketDirectory({ name: "aaaaaaa" });
    expect(directory.path).toBe(join(temporary, "snakepit-aaaaaaa"));
    directory.remove();
  });

  /** Another run of this test may use /tmp at the same time. */
  const shared = newRunId();

  it.each([
    ["does not exist", () => join(base, "missing")],
    ["makes the path too long", () => makeDirectory("x".repeat(90))],
    ["is a file", () => makeFile("file")],
    ["contains the directory of a run with the same name", () => join(makeDirectory(`taken/snakepit-${shared}`), "..")],
  ])("uses /tmp when the temporary directory %s", (_, temporary) => {
    vi.stubEnv("TMPDIR", temporary());
    const directory = openSocketDirectory({ name: shared });
    expect(directory.path).toBe(join("/tmp", `snakepit-${shared}`));
    directory.remove();
  });

  it("names the length and the remedy when the path is too long", () => {
    const long = makeDirectory("x".repeat(90));
    expect(() => openSocketDirectory({ name: "aaaaaaa", base: long })).toThrow(
      INVALID(/must have at most 10[37] bytes; got \S+ \(\d+ bytes\); set socketDirectory/),
    );
  });

  it.each([
    ["does not exist", () => join(base, "missing"), /missing.*does not exist.*socketDirectory/],
    ["is a file", () => makeFile("file"), /file is not a directory.*socketDirectory/],
  ])("fails when the configured place %s", (_, place, message) => {
    expect(() => openSocketDirectory({ name: "aaaaaaa", base: place() })).toThrow(INVALID(message));
  });

  it.runIf(process.platform === "linux")(
    "fails when the configured directory is in a file system without support for directories",
    () => {
      expect(() => openSocketDirectory({ name: "aaaaaaa", base: "/proc" })).toThrow(
        INVALID(
          /sockets of the workers could not be created: \/proc (does not support directories|is not writable).*socketDirectory/,
        ),
      );
    },
  );

  it.skipIf(process.getuid?.() === 0)("fails when the configured directory is not writable", () => {
    chmodSync(base, 0o500);
    expect(() => openSocketDirectory({ name: "aaaaaaa", base })).toThrow(INVALID(/is not writable.*EACCES/));
    chmodSync(base, 0o700);
  });

  it("rejects the directory of another run with the same ID, running or unknown", () => {
    const directory = openSocketDirectory({ name: "aaaaaaa", base });
    expect(() => openSocketDirectory({ name: "aaaaaaa", base })).toThrow(INVALID(/same ID/));
    directory.remove();
    mkdirSync(join(base, "snakepit-bbbbbbb"));
    expect(() => openSocketDirectory({ name: "bbbbbbb", base })).toThrow(INVALID(/same ID/));
  });

  it("removes the directory of a dead run", () => {
    const { pid } = spawnSync("true");
    const dead = leftBehind("dead", { ...currentOwner(), pid });
    const recycled = leftBehind("recycled", { ...currentOwner(), startTime: "1" });
    writeFileSync(join(dead, "worker.sock"), "");
    // The pipes and the files of its workers.
    execFileSync("mkfifo", [join(dead, "0123.permits"), join(dead, "4567.permits")]);
    writeFileSync(join(dead, "0123.unsent"), "");
    openSocketDirectory({ name: "aaaaaaa", base }).remove();
    expect(existsSync(dead)).toBe(false);
    expect(existsSync(recycled)).toBe(process.platform !== "linux");
  });

  it("removes a directory whose removal was interrupted, and one that was left before its owner was written", () => {
    const { pid } = spawnSync("true");
    const interrupted = leftBehind("dead.ended", { ...currentOwner(), pid });
    const abandoned = makeDirectory("snakepit-0a1b2c3");
    const second = makeDirectory("snakepit-0a1b2c3-2");
    for (const path of [abandoned, second]) utimesSync(path, 0, 0);
    const written = makeDirectory("snakepit-written");
    writeFileSync(join(written, "precious.txt"), "keep me");
    utimesSync(written, 0, 0);
    openSocketDirectory({ name: "aaaaaaa", base }).remove();
    expect(readdirSync(base)).toEqual(["snakepit-written"]);
    expect([interrupted, abandoned, second].filter((path) => existsSync(path))).toEqual([]);
  });

  it("removes no directory of a running or unknown owner, and no file that a run does not create", () => {
    const { pid } = spawnSync("true");
    const kept = [
      leftBehind("alive", currentOwner()),
      leftBehind("elsewhere", { ...currentOwner(), pid, boot: "another machine" }),
      leftBehind("container", { ...currentOwner(), pid, pidSpace: "pid:[1]" }),
      leftBehind("nonsense", { pid: -1 }),
      leftBehind("null", null),
      makeDirectory("snakepit-empty"),
      makeFile("snakepit-file"),
    ];
    const foreign = leftBehind("foreign", { ...currentOwner(), pid });
    writeFileSync(join(foreign, "precious.txt"), "keep me");
    // The user's: empty and old, with a name that only begins like ours.
    const users = ["snakepit-sessions", "snakepit-0a1b2c3-x", "snakepit-"].map(makeDirectory);
    for (const path of users) utimesSync(path, 0, 0);
    const target = makeDirectory("target");
    writeFileSync(join(target, "worker.sock"), "keep me");
    symlinkSync(target, join(base, "snakepit-link"));
    openSocketDirectory({ name: "aaaaaaa", base }).remove();
    expect([...kept, ...users].filter((path) => !existsSync(path))).toEqual([]);
    expect(readFileSync(join(foreign, "precious.txt"), "utf8")).toBe("keep me");
    expect(readFileSync(join(target, "worker.sock"), "utf8")).toBe("keep me");
  });

  it("removes the directory when the process exits without closing", () => {
    const source = new URL("socket-directory.ts", import.meta.url).href;
    const program = `
      import { openSocketDirectory } from ${JSON.stringify(source)};
      process.stdout.write(openSocketDirectory({ name: "aaaaaaa", base: ${JSON.stringify(base)} }).path);
      process.exit(0);`;
    const path = execFileSync(process.execPath, ["-C", "source", "--input-type=module-typescript", "-e", program], {
      encoding: "utf8",
    });
    expect(path).toBe(join(base, "snakepit-aaaaaaa"));
    expect(existsSync(path)).toBe(false);
  });

  function makeDirectory(name: string): string {
    const path = join(base, name);
    mkdirSync(path, { recursive: true });
    return path;
  }

  function makeFile(name: string): string {
    const path = join(base, name);
    writeFileSync(path, "");
    return path;
  }

  function leftBehind(name: string, owner: unknown): string {
    const path = makeDirectory(`snakepit-${name}`);
    writeFileSync(join(path, "owner.json"), JSON.stringify(owner));
    return path;
  }
});
