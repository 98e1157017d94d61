import type { Hello } from "@snakepit/bridge-proto";
import type { ToolDescriptor } from "@snakepit/core";

/** What a worker reported of itself in its Hello. */
export interface WorkerFacts {
  readonly workerId: string;
  readonly pid: number;
  /** When its process started, as the operating system reports it; compared, never interpreted. */
  readonly startTime: string;
  readonly runtime: WorkerRuntime;
  /** Calls that it takes at once. */
  readonly capacity: number;
  readonly tools: readonly ToolDescriptor[];
}

/** The language of a worker and its versions. */
export interface WorkerRuntime {
  readonly language: string;
  readonly version: string;
  readonly implementation: string;
  /** Version of the bridge package on the worker's side. */
  readonly bridgeVersion: string;
  /** Whether the interpreter runs without a global lock. */
  readonly freeThreaded: boolean;
}

const UNKNOWN_RUNTIME: WorkerRuntime = {
  language: "unknown",
  version: "unknown",
  implementation: "unknown",
  bridgeVersion: "unknown",
  freeThreaded: false,
};

/** Translates a Hello into the terms of the ports. */
export function factsOfHello(hello: Hello): WorkerFacts {
  return {
    workerId: hello.workerId,
    pid: hello.pid,
    startTime: hello.startTime,
    runtime: hello.runtime ?? UNKNOWN_RUNTIME,
    capacity: Math.max(1, hello.capacity),
    tools: hello.tools.map((tool) => ({
      name: tool.name,
      description: tool.description,
      streaming: tool.streaming,
      parameters: tool.parameters.map(({ name, type, required, defaultValue, description, unchecked }) => ({
        name,
        type,
        required,
        ...(defaultValue === undefined ? {} : { default: defaultValue }),
        ...(description === undefined ? {} : { description }),
        ...(unchecked === undefined ? {} : { unchecked }),
      })),
    })),
  };
}
