import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { python, Snakepit, SnakepitError } from "../index.ts";
import { LONG_TIME_LIMITS } from "../testing/host-under-test.ts";

const THREADED = `
import asyncio
import queue
import threading

from snakepit_bridge import tool

questions, answers = queue.Queue(), queue.Queue()
lock = threading.Lock()

def answer_questions():
    while True:
        answers.put(questions.get())

threading.Thread(target=answer_questions, daemon=True).start()
threading.Thread(target=lambda: (lock.acquire(), threading.Event().wait()), daemon=True).start()
while not lock.locked():
    pass

@tool
def ask_thread(question: str) -> str:
    questions.put(question)
    return answers.get()

@tool
def take_lock() -> None:
    lock.acquire()

@tool
async def wait_for_thread() -> None:
    await asyncio.get_running_loop().create_future()

@tool
def hold_interpreter() -> None:
    sum(range(10**12))
`;

let directory: string;
let pit: Snakepit;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "snakepit-threads-"));
  writeFileSync(join(directory, "threaded.py"), THREADED);
  pit = await Snakepit.start({
    ...LONG_TIME_LIMITS,
    worker: python(join(directory, "threaded.py"), { startMethod: "fork" }),
    size: 1,
    registry: { path: join(directory, "registry.db") },
    logger: false,
  });
});
afterEach(async () => {
  await pit.close();
  rmSync(directory, { recursive: true });
});

async function failureOf(tool: string, args: Record<string, unknown> = {}): Promise<SnakepitError> {
  const error = await pit.execute(tool, args, { timeoutMs: 300 }).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof SnakepitError)) throw new Error(`it did not fail as expected: ${String(error)}`);
  return error;
}

test.each([
  ["ask_thread", { question: "?" }, "answers.get()"],
  ["take_lock", {}, "lock.acquire()"],
  ["wait_for_thread", {}, "create_future()"],
])(
  "a call with %s that waits for a thread of the import fails with its stack and the warning (E14)",
  async (tool, args, line) => {
    // On a machine under load the stack may arrive too late for the error, or the tool may not wait yet.
    let error = await failureOf(tool, args);
    while (error.code === "DEADLINE_EXCEEDED" && !String(error.details["stack"]).includes(line)) {
      error = await failureOf(tool, args);
    }
    expect(error.code).toBe("DEADLINE_EXCEEDED");
    expect(error.message).toMatch(/threaded\.py started 2 threads; a forked worker does not have such threads/);
    expect(error.message).toContain('startMethod: "spawn"');
    expect(error.details["stack"]).toContain(line);
    expect(error.python?.traceback).toContain(`in ${tool}`);
  },
);

test("a call that does not react to its deadline fails with the warning (E14)", async () => {
  const error = await failureOf("hold_interpreter");
  expect(error.code).toBe("DEADLINE_EXCEEDED");
  expect(error.details["startWarning"]).toMatch(/started 2 threads/);
});

test.each(["fork", "spawn"] as const)(
  "a worker (%s) that is killed because it does not react leaves its stack in the log and in its exit event (E14)",
  async (startMethod) => {
    const hung = await Snakepit.start({
      ...LONG_TIME_LIMITS,
      worker: python(join(directory, "threaded.py"), { startMethod }),
      size: 1,
      cancelGraceMs: 200,
      registry: { path: join(directory, "hung.db") },
      logger: false,
    });
    try {
      const logged: string[] = [];
      hung.on("worker.log", ({ message }) => logged.push(message));
      let stderrTail = "";
      // On a machine under load the time limit may expire before the stack is written.
      while (!stderrTail.includes("in hold_interpreter")) {
        const exited = new Promise<string>((resolve) => {
          const stop = hung.on("worker.exited", ({ exit }) => {
            stop();
            resolve(exit.stderrTail);
          });
        });
        const call = hung.execute("hold_interpreter", {}, { timeoutMs: 300 });
        await expect(call).rejects.toMatchObject({ code: "DEADLINE_EXCEEDED" });
        stderrTail = await exited;
      }
      expect(stderrTail).toMatch(/threaded\.py", line \d+ in hold_interpreter/);
      expect(logged.join("\n")).toMatch(/threaded\.py", line \d+ in hold_interpreter/);
    } finally {
      await hung.close();
    }
  },
);
