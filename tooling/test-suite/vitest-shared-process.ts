// Runs before each test file of the project "shared", whose files run in sequence in the same process: a file that
// leaves the process changed fails, instead of the next file.
import { afterAll, expect, vi } from "vitest";

const before = processState();
afterAll(() => {
  const after = processState();
  // A test that failed before it restored them must not stop the timers of the next files.
  vi.useRealTimers();
  const changed = [...new Set([...before.keys(), ...after.keys()])].filter((key) => before.get(key) !== after.get(key));
  expect(changed, "process state that the file changed and did not restore").toEqual([]);
});

/** Returns the process state that a test could change for the others. */
function processState(): ReadonlyMap<string, unknown> {
  return new Map<string, unknown>([
    ["working directory", process.cwd()],
    ["fake timers", vi.isFakeTimers()],
    ...Object.entries(process.env).map(([name, value]) => [`environment variable ${name}`, value] as const),
    ...process.eventNames().map((name) => [`listeners for ${String(name)}`, process.listenerCount(name)] as const),
  ]);
}
