import type { Hello } from "@snakepit/bridge-proto";
import type { ToolDescriptor, WorkerProfile, WorkerRuntime } from "@snakepit/core";

/** The contents of a worker's Hello. */
export interface WorkerFacts {
  readonly workerId: string;
  readonly pid: number;
  /** When its process started, as reported by the operating system; an opaque value for comparisons. */
  readonly startTime: string;
  readonly runtime: BridgeRuntime;
  /** The number of calls that it executes concurrently. */
  readonly capacity: number;
  readonly tools: readonly ToolDescriptor[];
  /** How it executes calls; `undefined` if it does not report that. */
  readonly profile: WorkerProfile | undefined;
  /** Name of a tool that does nothing; `undefined` without one. */
  readonly checkTool: string | undefined;
  /** Absolute paths of the source files that it has loaded, if the host asked for them. */
  readonly sourceFiles: readonly string[];
}

/** The language runtime of a worker, and its bridge. */
export interface BridgeRuntime extends WorkerRuntime {
  readonly language: string;
  /** Version of the worker's bridge package. */
  readonly bridgeVersion: string;
}

const UNKNOWN_RUNTIME: BridgeRuntime = {
  language: "unknown",
  version: "unknown",
  implementation: "unknown",
  bridgeVersion: "unknown",
  freeThreaded: false,
};

/** Converts a Hello to the types of the ports. */
export function factsOfHello(hello: Hello): WorkerFacts {
  return {
    workerId: hello.workerId,
    pid: hello.pid,
    startTime: hello.startTime,
    runtime: hello.runtime ?? UNKNOWN_RUNTIME,
    capacity: Math.max(1, hello.capacity),
    checkTool: hello.checkTool === "" ? undefined : hello.checkTool,
    sourceFiles: hello.sourceFiles,
    profile: hello.profile === "" ? undefined : { name: hello.profile, metadata: hello.profileMetadata },
    tools: hello.tools.map((tool) => ({
      name: tool.name,
      description: tool.description,
      streaming: tool.streaming,
      ...(tool.timeoutMs === undefined ? {} : { timeoutMs: tool.timeoutMs }),
      ...(tool.idempotent ? { idempotent: true } : {}),
      ...(tool.maxConcurrent === undefined ? {} : { maxConcurrent: tool.maxConcurrent }),
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
