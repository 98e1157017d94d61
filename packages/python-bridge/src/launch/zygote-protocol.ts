/** How workers come to be: forked from a process that has imported everything, or as interpreters of their own. */
export type StartMethod = "fork" | "spawn";

/** Through what workers talk to the host. */
export type WorkerTransport = "socket" | "grpc";

/** The first line to a zygote. Field names are those of the wire, which Python reads. */
export interface ZygoteBoot {
  readonly method: StartMethod;
  readonly target: string;
  readonly path: readonly string[];
  readonly python_args: readonly string[];
  readonly run_id: string;
  readonly pool: string;
  readonly transport: WorkerTransport;
}

/** The commands of the host to a zygote. */
export type ZygoteCommand =
  | { readonly command: "start"; readonly workers: readonly WorkerStart[] }
  | { readonly command: "kill"; readonly worker_id: string; readonly signal: NodeJS.Signals }
  | { readonly command: "stop"; readonly grace_ms: number }
  /** Requests an answer, to see whether it still runs. */
  | { readonly command: "ping" };

/** A worker to start, and the secret with which it proves itself. */
export interface WorkerStart {
  readonly worker_id: string;
  readonly token: string;
  /** What it dials. */
  readonly address: string;
}

/** The events that a zygote reports. */
export type ZygoteEvent =
  | BootedEvent
  /** `shared` describes the descriptors that the import opened and that forked workers would use at the same time. */
  | { readonly event: "ready"; readonly threads: number; readonly shared: readonly string[] }
  | { readonly event: "not_fork_safe" }
  | { readonly event: "pong" }
  | FailedEvent
  | StartedEvent
  | StartFailedEvent
  | { readonly event: "output"; readonly worker_id: string; readonly text: string }
  | ExitedEvent;

/** The program runs; nothing was imported for the user yet. */
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

/** The target could not be loaded. */
export interface FailedEvent {
  readonly event: "failed";
  readonly message: string;
  /** Whether trying again is pointless as long as nothing changes. */
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

/** A worker's process exists; it has yet to say Hello. */
export interface StartedEvent {
  readonly event: "started";
  readonly worker_id: string;
  readonly pid: number;
  readonly start_time: string;
  readonly process_group: number;
}

/** A worker's process was not started. */
export interface StartFailedEvent {
  readonly event: "start_failed";
  readonly worker_id: string;
  readonly message: string;
  /** The name of the error with which the system refused it, for example `EAGAIN`; null when something else did. */
  readonly errno: string | null;
}

/** A worker's process and its group are gone. */
export interface ExitedEvent {
  readonly event: "exited";
  readonly worker_id: string;
  readonly exit_code: number | null;
  readonly signal: string | null;
  readonly out_of_memory: boolean;
  readonly stderr_tail: string;
  readonly rss_peak_bytes: number;
}

/** One line of the conversation. */
export function encodeLine(message: ZygoteBoot | ZygoteCommand): string {
  return `${JSON.stringify(message)}\n`;
}

/** The event that a line holds; `undefined` when the line was written by something else. */
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

/** Puts lines together from the pieces in which they arrive. */
export class LineSplitter {
  readonly #longest: number;
  #partial = "";

  /** @param longest characters after which a line that has no end yet is given out all the same; by default none are too many. */
  constructor(longest = Number.POSITIVE_INFINITY) {
    this.#longest = longest;
  }

  /** The lines that this piece completes. */
  push(piece: string): string[] {
    const lines = (this.#partial + piece).split("\n");
    this.#partial = lines.pop() ?? "";
    if (this.#partial.length > this.#longest) lines.push(this.flush());
    return lines;
  }

  /** What is left after the last line break. */
  flush(): string {
    const rest = this.#partial;
    this.#partial = "";
    return rest;
  }
}
