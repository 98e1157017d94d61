import { encodeValue } from "@snakepit/bridge-proto";
import { type CallOutcome, deadlineIn, SnakepitError, type WorkerHandle, type WorkerLauncher } from "@snakepit/core";
import { CallRecorder } from "./call-recorder.ts";

const never: AbortSignal = new AbortController().signal;
const CALL_TIMEOUT_MS = 60_000;

/** Launches workers with these IDs concurrently. */
export function launchAll(launcher: WorkerLauncher, ...workerIds: string[]): Promise<WorkerHandle[]> {
  return Promise.all(workerIds.map((workerId) => launcher.launch({ workerId, signal: never })));
}

/** Launches one worker. */
export function launchOne(
  launcher: WorkerLauncher,
  workerId = "w1",
  signal: AbortSignal = never,
): Promise<WorkerHandle> {
  return launcher.launch({ workerId, signal });
}

/** Resolves with the error of a promise that must reject. */
export async function rejection(promise: Promise<unknown>): Promise<SnakepitError> {
  const [outcome] = await Promise.allSettled([promise]);
  if (outcome.status === "rejected" && outcome.reason instanceof SnakepitError) return outcome.reason;
  throw new Error(
    outcome.status === "rejected" ? `it rejected with ${String(outcome.reason)}` : "it did not reject as expected",
  );
}

/** Calls a tool and waits for its outcome. */
export function callOutcome(
  worker: WorkerHandle,
  tool: string,
  args: Record<string, unknown> = {},
): Promise<CallOutcome> {
  const call = new CallRecorder();
  worker.dispatch(
    {
      tool,
      args: encodeValue(args),
      streaming: false,
      credit: 0,
      deadline: deadlineIn(CALL_TIMEOUT_MS),
      correlationId: "call-1",
    },
    call,
  );
  return call.over;
}

/** Calls a tool and resolves with its value. */
export async function callTool(
  worker: WorkerHandle,
  tool: string,
  args: Record<string, unknown> = {},
): Promise<unknown> {
  const outcome = await callOutcome(worker, tool, args);
  if (outcome.is === "value") return outcome.value;
  throw outcome.is === "end" ? new Error("the call ended without a value") : outcome.error;
}

/** Calls a tool and resolves with its error, from the tool or because the worker has ended. */
export async function callFailure(
  worker: WorkerHandle,
  tool: string,
  args: Record<string, unknown> = {},
): Promise<SnakepitError> {
  const outcome = await callOutcome(worker, tool, args);
  if (outcome.is === "failure" || outcome.is === "lost") return outcome.error;
  throw new Error("the call did not fail");
}
