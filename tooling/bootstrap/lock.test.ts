import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { withLock } from "./lock.mjs";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "snakepit-lock-"));
  path = join(folder, "lock");
});
afterEach(() => rmSync(folder, { recursive: true }));

test("only one process holds the lock at a time", async () => {
  const journal = join(folder, "journal");
  const note = (text: string) => `fs.appendFileSync(${JSON.stringify(journal)}, "${text} ")`;
  const work = `async () => { ${note("in")}; await new Promise((done) => setTimeout(done, 20)); ${note("out")}; }`;
  const children = Array.from({ length: 5 }, () => lockingProcess(work));
  const exits = await Promise.all(children.map((child) => once(child, "exit")));
  expect(exits.map(([code]) => code)).toEqual([0, 0, 0, 0, 0]);
  expect(readFileSync(journal, "utf8")).toBe("in out ".repeat(5));
  expect(existsSync(path)).toBe(false);
});

test("the lock of a killed process is ignored", async () => {
  const holder = lockingProcess(
    'async () => { console.log("inside"); await new Promise(() => setInterval(() => {}, 1e6)); }',
  );
  await once(holder.stdout!, "data");
  holder.kill("SIGKILL");
  await once(holder, "exit");
  expect(existsSync(path)).toBe(true);
  await expect(withLock(path, { onWait: () => expect.unreachable() }, async () => "mine")).resolves.toBe("mine");
});

test("reports the owner to a waiting process once, which acquires the lock when it is released", async () => {
  const owners: number[] = [];
  const journal = join(folder, "journal");
  const leave = Promise.withResolvers<void>();
  const first = withLock(path, { onWait: () => expect.unreachable() }, async () => {
    await leave.promise;
    appendFileSync(journal, "first ");
  });
  const onWait = (pid: number) => {
    owners.push(pid);
    leave.resolve();
  };
  const second = withLock(path, { onWait }, async () => appendFileSync(journal, "second "));
  await Promise.all([first, second]);
  expect(owners).toEqual([process.pid]);
  expect(readFileSync(journal, "utf8")).toBe("first second ");
});

test("work that fails releases the lock", async () => {
  const failing = withLock(path, { onWait: () => {} }, async () => {
    throw new Error("no luck");
  });
  await expect(failing).rejects.toThrow("no luck");
  expect(existsSync(path)).toBe(false);
});

function lockingProcess(work: string): ChildProcess {
  const lock = JSON.stringify(join(import.meta.dirname, "lock.mjs"));
  const program = `
    import fs from "node:fs";
    import { withLock } from ${lock};
    await withLock(${JSON.stringify(path)}, { onWait() {} }, ${work});`;
  return spawn(process.execPath, ["--input-type=module", "--eval", program], { stdio: ["ignore", "pipe", "inherit"] });
}
