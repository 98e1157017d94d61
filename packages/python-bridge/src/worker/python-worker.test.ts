import { setImmediate as nextTurn } from "node:timers/promises";
import { SnakepitError } from "@snakepit/core";
import { afterEach, expect, test, vi } from "vitest";
import type { WorkerProcess, WorkerProcessExit } from "../launch/worker-process.ts";
import { CallRecorder } from "../testing/call-recorder.ts";
import { linkedWorker, sampleCall } from "../testing/linked-worker.ts";
import { PythonWorker } from "./python-worker.ts";

afterEach(() => void vi.useRealTimers());

const ZYGOTE_LOST = new SnakepitError("WORKER_CRASHED", "the zygote ended together with its workers");

test.each<[string, Partial<WorkerProcessExit>, string]>([
  ["a signal", { signal: "SIGSEGV" }, "it was terminated by SIGSEGV"],
  ["an exit status", { exitCode: 7 }, "it exited with status 7"],
  ["that of its zygote", { cause: ZYGOTE_LOST }, "the zygote ended together with its workers"],
  ["none before it was killed", { signal: "SIGKILL" }, "its connection closed but its process did not end"],
])(
  "the end of a worker that is reported long after its connection closed keeps its reason: %s",
  async (_, end, reason) => {
    await using linked = await linkedWorker();
    const exited = Promise.withResolvers<WorkerProcessExit>();
    const killed = Promise.withResolvers<NodeJS.Signals>();
    const process: WorkerProcess = {
      ...{ workerId: "w1", pid: 4711, startTime: "1234", processGroup: 4711 },
      exited: exited.promise,
      kill: killed.resolve,
      requestStacks: async () => {},
      readStacks: async () => undefined,
    };
    const worker = new PythonWorker(linked.link, process);
    const call = new CallRecorder();
    worker.dispatch(sampleCall(), call);
    await linked.worker.call(0);
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
    await linked.worker.transport.close();
    await linked.link.closed;
    await nextTurn();
    vi.advanceTimersByTime(2_000);
    expect(await killed.promise).toBe("SIGKILL");
    exited.resolve({ outOfMemory: false, stderrTail: "", ...end });
    expect(await call.over).toMatchObject({
      is: "lost",
      error: { code: "WORKER_CRASHED", message: expect.stringContaining(reason) },
    });
  },
);
