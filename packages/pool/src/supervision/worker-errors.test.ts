import { SnakepitError, type WorkerHandle } from "@snakepit/core";
import { expect, test } from "vitest";
import { workerCrashed } from "./worker-errors.ts";

const handle = { workerId: "ml-3", pid: 4711 } as WorkerHandle;

test.each([
  ["WORKER_HUNG", 'worker "ml-3" (pid 4711) hung: it sent no heartbeat'],
  ["WORKER_CRASHED", 'worker "ml-3" (pid 4711) died: it sent no heartbeat'],
] as const)("the error of a worker that ended with %s names it once and how it ended", (code, message) => {
  const cause = new SnakepitError(code, "it sent no heartbeat");
  const error = workerCrashed("ml", { handle }, { requested: false, stderrTail: "", cause });
  expect(error).toMatchObject({ code, message, pool: "ml", workerId: "ml-3" });
});
