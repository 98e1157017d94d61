import { decodeValue, encodeValue, type Frame } from "@snakepit/bridge-proto";
import type { ValueInput } from "../inputs/value-inputs.ts";
import { messageProblem } from "./documented-errors.ts";
import type { Answer } from "./running-worker.ts";
import type { WorkerExited } from "./zygote.ts";

/** Exit statuses, see `_worker/ending.py`: drained or shut down, connection lost, protocol violated, rejected. */
const STATUSES: ReadonlySet<number | null> = new Set([0, 69, 76, 77]);

/** What a worker measures of itself. */
export interface WorkerResources {
  readonly rssBytes: number;
  readonly descriptors: number;
}

/** Returns valid arguments. */
export function encodedArguments(args: Readonly<Record<string, unknown>>): ValueInput {
  return { body: Buffer.from(encodeValue(args).body), buffers: [] };
}

/** Returns the reply that rejects a request. */
export function rejection(id: number): Frame {
  const failure = { code: "NOT_FOUND", message: "nothing", python: undefined, details: {}, hostException: undefined };
  return { kind: { $case: "reply", value: { id, outcome: { $case: "failure", value: failure } } } };
}

/** Returns the code and the message of a failure, and the end of its traceback. */
export function failureText(answer: Answer): string {
  if (answer.$case === "result") return "no failure";
  const { code, message, python } = answer.value.failure ?? { code: "no failure", message: "", python: undefined };
  return `${code}: ${message}${python === undefined ? "" : `\n${python.traceback.slice(-1_000)}`}`;
}

/** Returns the value of the tool `resources`. */
export function resourcesOf(answer: Answer): WorkerResources {
  if (answer.$case !== "result" || answer.value.value === undefined) throw new Error(failureText(answer));
  return decodeValue(answer.value.value.body) as WorkerResources;
}

/** The tags of the frames Drain and Shutdown: field number and wire type. */
const DRAIN = Buffer.from([0xc2, 0x02]);
const SHUTDOWN = Buffer.from([0xca, 0x02]);
/** How a worker ends itself that has no time left. */
const OWN_SIGNALS: ReadonlySet<string> = new Set(["SIGALRM", "SIGKILL"]);

/**
 * Throws unless a worker has ended itself in a documented way, and has printed why if that was not requested.
 *
 * @param sent what it had received; a Shutdown grants as little as no time at all.
 */
export function expectDocumentedExit({ exitCode, signal, stderr }: WorkerExited, sent: Buffer): void {
  const how = `the worker exited (${signal ?? exitCode}): ${stderr}`;
  if (signal !== null && OWN_SIGNALS.has(signal) && sent.includes(SHUTDOWN)) return;
  if (signal !== null || !STATUSES.has(exitCode)) throw new Error(how);
  // The host limits the length of what it keeps.
  const problem = exitCode === 0 ? undefined : messageProblem(stderr.slice(-1_000));
  if (problem !== undefined) throw new Error(`${problem}; ${how}`);
}

/** Whether a worker may end after it has received this. */
export function mayEnd(sent: Buffer): boolean {
  return sent.includes(DRAIN) || sent.includes(SHUTDOWN);
}
