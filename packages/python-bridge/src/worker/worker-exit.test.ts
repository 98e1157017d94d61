import { SnakepitError } from "@snakepit/core";
import { expect, test } from "vitest";
import { describeExit, didNotEnd, lostCall, workerExit } from "./worker-exit.ts";

const WORKER = { pool: "ml", workerId: "ml-3", pid: 4711 };
const KILLED = { signal: "SIGKILL", outOfMemory: false, stderrTail: "" };

test("out of memory is reported as the cause only if the kernel reported it", () => {
  const unexplained = workerExit(WORKER, false, KILLED, "");
  expect(lostCall(WORKER, unexplained, "c1", "embed")).toMatchObject({ code: "WORKER_CRASHED", retryable: true });
  const explained = workerExit(WORKER, false, { ...KILLED, outOfMemory: true }, "");
  expect(lostCall(WORKER, explained, "c1", "embed")).toMatchObject({
    code: "OUT_OF_MEMORY",
    retryable: false,
    message: expect.stringContaining("out of memory"),
    details: { signal: "SIGKILL", pid: 4711 },
  });
});

test("the reason known to the host takes precedence over that of the process", () => {
  const hung = new SnakepitError("WORKER_HUNG", "it sent no heartbeat for 10000 ms and was killed");
  const stacks = '  File "/app/tools.py", line 3 in stuck';
  const exit = workerExit(WORKER, false, { ...KILLED, signal: "SIGABRT", stderrTail: "tail", stacks }, "printed", hung);
  expect(exit).toMatchObject({ requested: false, signal: "SIGABRT", stderrTail: "printed\ntail", stacks });
  const lost = lostCall(WORKER, exit, "c1", "embed");
  expect(lost).toMatchObject({ code: "WORKER_HUNG", pool: "ml", workerId: "ml-3", callId: "c1", details: { stacks } });
  expect(lost.message).toBe(
    `worker "ml-3" (pid 4711) hung during a call of tool "embed": ${hung.message}; Python stacks:\n${stacks}`,
  );
});

test.each([
  [{ requested: true, exitCode: 0 }, "it was stopped by the host"],
  [{ exitCode: 3 }, "it exited with status 3"],
  [{ signal: "SIGABRT" }, "it was terminated by SIGABRT (native code aborted)"],
  [{ signal: "SIG34" }, "it was terminated by SIG34"],
  [{}, "it ended for an unknown reason"],
  [{ signal: "SIGKILL", cause: didNotEnd(WORKER) }, "its connection closed but its process did not end and was killed"],
])("the end %j is described as: %s", (exit, words) => {
  expect(describeExit(exit)).toContain(words);
});

test.each([
  ["SIGABRT", "code of the tool has replaced Python's fault handler or closed stderr"],
  ["SIGKILL", "it did not handle SIGABRT within 3 s"],
])("the error of a hung worker that ended by %s without stacks states why they are missing", (signal, reason) => {
  const hung = new SnakepitError("WORKER_HUNG", "it sent no heartbeat for 10000 ms and was killed");
  const { cause } = workerExit(WORKER, false, { ...KILLED, signal }, "", hung);
  expect(cause?.message).toContain(`${hung.message}; it wrote no Python stacks: ${reason}`);
});

const LIMITS = {
  addressSpaceMb: undefined,
  cpuSeconds: undefined,
  openFiles: undefined,
  niceness: undefined,
  memoryMb: undefined,
  cpus: undefined,
};

test.each([
  [{ memoryMb: 400 }, { outOfMemory: true }, "", "OUT_OF_MEMORY", "its limit is 400 MiB (limits.memoryMb)"],
  [
    { cpuSeconds: 9 },
    { signal: "SIGXCPU" },
    "",
    "WORKER_CRASHED",
    "more than 9 s of processor time (limits.cpuSeconds)",
  ],
  [
    { addressSpaceMb: 500 },
    { signal: "SIGABRT" },
    "std::bad_alloc",
    "OUT_OF_MEMORY",
    "500 MiB (limits.addressSpaceMb)",
  ],
  [{ addressSpaceMb: 500 }, { exitCode: 70 }, "x\nMemoryError", "OUT_OF_MEMORY", "500 MiB (limits.addressSpaceMb)"],
])("a worker with the limits %j that ended by %j names its limit", (limits, end, stderr, code, part) => {
  const process = { outOfMemory: false, stderrTail: "", ...end };
  const worker = { ...WORKER, limits: { ...LIMITS, ...limits } };
  const lost = lostCall(worker, workerExit(worker, false, process, stderr), "c1", "embed");
  expect(lost).toMatchObject({ code, details: limits });
  expect(lost.message).toContain(part);
});

test.each([
  ["without the limit", {}, { signal: "SIGABRT" }, "std::bad_alloc"],
  ["with another cause", { addressSpaceMb: 500 }, { signal: "SIGSEGV" }, "the pipe burst"],
  ["that exited in order", { addressSpaceMb: 500 }, { exitCode: 0 }, "MemoryError"],
])("a worker %s has no exceeded limit", (_, limits, end, stderr) => {
  const worker = { ...WORKER, limits: { ...LIMITS, ...limits } };
  const exit = workerExit(worker, false, { outOfMemory: false, stderrTail: "", ...end }, stderr);
  expect(lostCall(worker, exit, "c1", "embed").code).toBe("WORKER_CRASHED");
});
