// Runs before each test file of the project "shared", whose files run one after another in the same process: a file that
// leaves the process changed fails, and not the one that runs next.
import { afterAll, expect, vi } from "vitest";

const before = processState();
afterAll(() => {
  const after = processState();
  const changed = [...new Set([...before.keys(), ...after.keys()])].filter((key) => before.get(key) !== after.get(key));
  expect(changed, "what the file has changed in the process and not restored").toEqual([]);
});

/** What a test could change for all others in its process. */
function processState(): ReadonlyMap<string, unknown> {
  return new Map<string, unknown>([
    ["working directory", process.cwd()],
    ["fake timers", vi.isFakeTimers()],
    ...Object.entries(process.env).map(([name, value]) => [`environment variable ${name}`, value] as const),
    ...process.eventNames().map((name) => [`listeners for ${String(name)}`, process.listenerCount(name)] as const),
  ]);
}
