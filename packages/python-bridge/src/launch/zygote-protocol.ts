/** How workers are started: forked from a zygote that has imported the target, or spawned as new interpreters. */
export type StartMethod = "fork" | "spawn";

/** The transport between workers and host. */
export type WorkerTransport = "socket" | "grpc";

/** The first line sent to a zygote. Python reads these field names. */
export interface ZygoteBoot {
  readonly method: StartMethod;
  readonly target: string;
  readonly path: readonly string[];
  readonly python_args: readonly string[];
  readonly run_id: string;
  readonly pool: string;
  readonly transport: WorkerTransport;
  /** Whether workers report the files that they have loaded. */
  readonly watch: boolean;
  readonly limits: WireLimits;
  /** How workers check the thread safety of concurrent calls. */
  readonly thread_safety: "off" | "warn" | "strict";
  /** The options of the adapter as base64 of an encoded value; empty without options. They may contain secrets. */
  readonly encoded_options: string;
  /** How workers execute calls: `process`, `thread`, `async` or `module:Class`. */
  readonly profile: string;
  /** Number of calls that a worker executes at the same time; `undefined` for the default of the profile. */
  readonly capacity?: number | undefined;
}

/** Limits of each worker; `undefined` for those of the host. */
export interface WireLimits {
  readonly address_space_mb?: number | undefined;
  readonly cpu_seconds?: number | undefined;
  readonly open_files?: number | undefined;
  readonly niceness?: number | undefined;
  readonly memory_mb?: number | undefined;
  readonly cpus?: number | undefined;
}

/** The commands of the host to a zygote. */
export type ZygoteCommand =
  | { readonly command: "start"; readonly workers: readonly WorkerStart[] }
  | { readonly command: "kill"; readonly worker_id: string; readonly signal: NodeJS.Signals }
  /** Requests a worker to write the stacks of its threads to its output, and to continue. */
  | { readonly command: "read_stacks"; readonly worker_id: string }
  | { readonly command: "stop"; readonly grace_ms: number }
  /** Requests a `pong`, to check whether the zygote responds. */
  | { readonly command: "ping" };

/** A worker to start. */
export interface WorkerStart {
  readonly worker_id: string;
  /** The one-time token with which the worker authenticates. */
  readonly token: string;
  /** The address to which the worker connects. */
  readonly address: string;
}

/** The events that a zygote reports. */
export type ZygoteEvent =
  | BootedEvent
  | ReadyEvent
  | { readonly event: "not_fork_safe" }
  | { readonly event: "pong" }
  | FailedEvent
  | StartedEvent
  | StartFailedEvent
  | { readonly event: "output"; readonly worker_id: string; readonly text: string }
  /** The worker has ended, or does not handle the signal that requests stacks. */
  | { readonly event: "stacks_unavailable"; readonly worker_id: string }
  | ExitedEvent;

/** The zygote runs and has not imported the target yet. */
export interface BootedEvent {
  readonly event: "booted";
  readonly pid: number;
  readonly start_time: string;
  readonly protocol: number;
  readonly bridge_version: string;
  readonly executable: string;
  readonly python_version: string;
  readonly implementation: string;
  readonly free_threaded: boolean;
}

/** The zygote can start workers. */
export interface ReadyEvent {
  readonly event: "ready";
  readonly threads: number;
  /** Describes the descriptors that the import opened and that all forked workers would share. */
  readonly shared: readonly string[];
  /** The limits that the system does not enforce, with the reason and the remedy; `null` if it enforces all. */
  readonly not_enforced: string | null;
}

/** The target could not be imported. */
export interface FailedEvent {
  readonly event: "failed";
  readonly message: string;
  /** Whether every further attempt would fail too. */
  readonly permanent: boolean;
  readonly exception: WirePythonFailure | null;
}

/** An exception in Python. */
export interface WirePythonFailure {
  readonly type: string;
  readonly module: string;
  readonly message: string;
  readonly traceback: string;
  readonly notes: readonly string[];
  readonly cause: WirePythonFailure | null;
}

/** The process of a worker exists. It has not sent its `Hello` yet. */
export interface StartedEvent {
  readonly event: "started";
  readonly worker_id: string;
  readonly pid: number;
  readonly start_time: string;
  readonly process_group: number;
}

/** The process of a worker was not started. */
export interface StartFailedEvent {
  readonly event: "start_failed";
  readonly worker_id: string;
  readonly message: string;
  /** The name of the system error, for example `EAGAIN`; `null` if the system did not reject the start. */
  readonly errno: string | null;
}

/** The process of a worker and its process group have ended. */
export interface ExitedEvent {
  readonly event: "exited";
  readonly worker_id: string;
  readonly exit_code: number | null;
  readonly signal: string | null;
  readonly out_of_memory: boolean;
  readonly stderr_tail: string;
  /** The output since the signal that requests stacks; empty without one. */
  readonly stacks: string;
  readonly rss_peak_bytes: number;
}

/** Encodes a message to a zygote as one line. */
export function encodeLine(message: ZygoteBoot | ZygoteCommand): string {
  return `${JSON.stringify(message)}\n`;
}

/** Parses one line from a zygote; `undefined` if the line is not an event. */
export function parseEvent(line: string): ZygoteEvent | undefined {
  let event: unknown;
  try {
    event = JSON.parse(line);
  } catch {
    return undefined;
  }
  const isEvent = typeof event === "object" && event !== null && "event" in event;
  return isEvent ? (event as ZygoteEvent) : undefined;
}

/** Splits a stream of strings into lines. */
export class LineSplitter {
  readonly #maxLength: number;
  #partial = "";

  /** @param maxLength characters after which an incomplete line is returned too; by default unlimited. */
  constructor(maxLength = Number.POSITIVE_INFINITY) {
    this.#maxLength = maxLength;
  }

  /** Returns the lines that this piece completes. */
  push(piece: string): string[] {
    const lines = (this.#partial + piece).split("\n");
    this.#partial = lines.pop() ?? "";
    if (this.#partial.length > this.#maxLength) lines.push(this.flush());
    return lines;
  }

  /** Returns and removes the incomplete last line. */
  flush(): string {
    const rest = this.#partial;
    this.#partial = "";
    return rest;
  }
}
