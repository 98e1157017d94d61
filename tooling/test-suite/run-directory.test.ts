import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { openRunDirectory } from "./run-directory.ts";

const OPEN_AND_WAIT = `
  const { openRunDirectory } = await import(${JSON.stringify(new URL("run-directory.ts", import.meta.url).href)});
  console.log(openRunDirectory().path);
  setInterval(() => {}, 1_000);`;

test("temporary files of tests and persistent files of their hosts are in a directory of the run", () => {
  expect(basename(tmpdir())).toMatch(/^snakepit-tests-\w+$/);
  expect(process.env["XDG_STATE_HOME"]).toBe(join(tmpdir(), "state"));
  expect(statSync(join(tmpdir(), "state")).isDirectory()).toBe(true);
});

describe("the directory of another run", () => {
  let base: string;

  beforeEach(() => {
    base = mkdtempSync(join(tmpdir(), "snakepit-test-"));
    vi.stubEnv("TMPDIR", base);
  });

  afterEach(() => {
    vi.unstubAllEnvs();
    rmSync(base, { recursive: true });
  });

  test("the directory of a killed run is removed when the next run starts, and that of an active run is not", async () => {
    using active = openRunDirectory();
    const run = spawn(process.execPath, ["--input-type=module", "--eval", OPEN_AND_WAIT], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [output] = (await once(run.stdout, "data")) as [Buffer];
    const killed = output.toString().trim();
    mkdirSync(join(killed, "of a test"));

    openRunDirectory()[Symbol.dispose]();
    expect(existsSync(killed)).toBe(true);

    run.kill("SIGKILL");
    await once(run, "exit");
    openRunDirectory()[Symbol.dispose]();
    expect(existsSync(killed)).toBe(false);
    expect(existsSync(active.path)).toBe(true);
  });

  test("a directory without a known owner is not removed", () => {
    const unknown = join(base, "snakepit-tests-unknown");
    mkdirSync(unknown);
    writeFileSync(join(unknown, "owner.json"), "{");
    openRunDirectory()[Symbol.dispose]();
    expect(existsSync(unknown)).toBe(true);
  });
});
