import { expect, test } from "vitest";
import {
  hasAllStacks,
  isBridgeFrame,
  joinedTails,
  OutputTail,
  readStacks,
  reduceDump,
  userFrames,
} from "./stderr-tail.ts";

test("keeps the last lines, regardless of the pieces in which they arrive", () => {
  const tail = new OutputTail();
  for (let line = 0; line < 1_000; line++) {
    tail.push(`line ${line}`);
    tail.push("\n");
  }
  const lines = tail.toString().split("\n");
  expect(lines).toHaveLength(40);
  expect(lines.at(-1)).toBe("line 999");
});

test("keeps a bounded part of a line that never ends", () => {
  const tail = new OutputTail();
  for (let piece = 0; piece < 100; piece++) tail.push("x".repeat(1_000));
  expect(tail.toString()).toHaveLength(4_096);
});

test("joins two outputs", () => {
  expect(joinedTails("", "")).toBe("");
  expect(joinedTails("first", "")).toBe("first");
  expect(joinedTails("", "second")).toBe("second");
  expect(joinedTails("first", "second\n")).toBe("first\nsecond");
});

test("the output of Python's fault handler is reduced to the frames of user code", () => {
  const text = `loading
Fatal Python error: Aborted

Current thread 0x00007f2aa322bb80 (most recent call first):
  File "/app/weights.py", line 7 in load
  File "/app/tools.py", line 2 in <module>
  File "<frozen importlib._bootstrap>", line 241 in _call_with_frames_removed
  File "/app/.venv/lib/python3.13/site-packages/snakepit_bridge/_tools/import_target.py", line 76 in _import_file
  File "/usr/lib/python3.13/asyncio/base_events.py", line 641 in run_forever
  File "/app/.venv/lib/python3.13/site-packages/snakepit_bridge/__main__.py", line 11 in <module>

Extension modules: msgspec._core (total: 1)`;
  expect(userFrames(text)).toBe(`  File "/app/weights.py", line 7 in load
  File "/app/tools.py", line 2 in <module>`);
});

test("the output of a crash is reduced to the last lines and the frames of the thread that failed", () => {
  const text = `alas

Fatal Python error: Segmentation fault

Thread 0x00007f3efa77a6c0 (most recent call first):
  File "/app/.venv/lib/python3.11/site-packages/snakepit_bridge/_worker/heartbeats.py", line 63 in _resident_bytes
  File "/usr/lib/python3.11/threading.py", line 1002 in _bootstrap

Current thread 0x00007f3efbe27b80 (most recent call first):
  File "/app/tools.py", line 29 in segv
  File "/app/.venv/lib/python3.11/site-packages/snakepit_bridge/_worker/run.py", line 51 in run_worker
  File "<frozen runpy>", line 198 in _run_module_as_main

Current thread's C stack trace (most recent call first):
  Binary file "/usr/bin/python3", at _Py_DumpStack+0x48 [0x5614]

Extension modules: msgspec._core (total: 1)`;
  expect(reduceDump(text)).toBe(`alas
Fatal Python error: Segmentation fault
  File "/app/tools.py", line 29 in segv`);
  expect(reduceDump("no more than this")).toBe("no more than this");
});

test("distinguishes a frame of the bridge from a user's frame and from a line of a traceback", () => {
  expect(isBridgeFrame('  File "/x/site-packages/snakepit_bridge/_worker/run.py", line 5 in run_worker')).toBe(true);
  expect(isBridgeFrame('  File "<frozen runpy>", line 198 in _run_module_as_main')).toBe(true);
  expect(isBridgeFrame('  File "/app/tools.py", line 5 in add')).toBe(false);
  expect(isBridgeFrame('  File "/x/snakepit_bridge/_worker/run.py", line 5, in run_worker')).toBe(false);
});

test("output without frames is reduced to an empty string", () => {
  expect(userFrames("")).toBe("");
  expect(userFrames('File "x"\nSegmentation fault')).toBe("");
});

const BRIDGE = "/app/.venv/lib/python3.13/site-packages/snakepit_bridge";

test("the stacks of a process are those of the threads that run code of the user", () => {
  const output = `noise before
Thread 0x00007f1 [worker] (most recent call first):
  File "/app/tools.py", line 9 in helper
  File "/usr/lib/python3.13/threading.py", line 982 in run

Thread 0x00007f2 (most recent call first):
  File "${BRIDGE}/_worker/receiver_thread.py", line 71 in _run
  File "/usr/lib/python3.13/threading.py", line 982 in run

noise in between
Current thread 0x00007f3 (most recent call first):
  File "/app/tools.py", line 3 in stuck
  File "${BRIDGE}/_worker/run.py", line 59 in run_worker
  File "<frozen runpy>", line 198 in _run_module_as_main
`;
  expect(readStacks(output)).toBe(`Thread 0x00007f1 [worker] (most recent call first):
  File "/app/tools.py", line 9 in helper
  File "/usr/lib/python3.13/threading.py", line 982 in run
Current thread 0x00007f3 (most recent call first):
  File "/app/tools.py", line 3 in stuck`);
  expect(hasAllStacks(output)).toBe(true);
  expect(hasAllStacks(output.slice(0, output.indexOf("<frozen")))).toBe(false);
});

test("the stacks of a process that runs no code of the user are complete, and output without frames has none", () => {
  const frame = `  File "${BRIDGE}/_worker/run.py", line 59 in run_worker`;
  expect(readStacks(`Current thread 0x00007f3 (most recent call first):\n${frame}\n`)).toBe(frame);
  expect(readStacks("Fatal Python error: Aborted\n")).toBeUndefined();
  expect(readStacks("")).toBeUndefined();
});
