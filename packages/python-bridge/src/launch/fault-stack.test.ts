import { expect, test } from "vitest";
import { framesIn } from "./fault-stack.ts";

test("what Python's fault handler wrote is reduced to the user's own frames", () => {
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
  expect(framesIn(text)).toBe(`  File "/app/weights.py", line 7 in load
  File "/app/tools.py", line 2 in <module>`);
});

test("text without frames has none", () => {
  expect(framesIn("")).toBe("");
  expect(framesIn('File "x"\nSegmentation fault')).toBe("");
});
