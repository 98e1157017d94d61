/**
 * The data of calls, tools and errors that the server sends to the page. Times are milliseconds since 1970 on the clock
 * of the host; durations are in milliseconds. Optional fields are absent where nothing is known.
 */

/** A call that has ended. */
export interface CallRecord {
  readonly correlationId: string;
  readonly pool: string;
  readonly tool: string;
  readonly streaming: boolean;
  readonly sessionId?: string | undefined;
  /** Absent for a call that no worker received. */
  readonly workerId?: string | undefined;
  readonly startedAt: number;
  readonly durationMs: number;
  /** The parts of {@link durationMs}, in order. */
  readonly phases: CallPhases;
  readonly error?: CallError | undefined;
  /** Spans of the Python code, by their start. */
  readonly spans?: readonly PythonSpan[] | undefined;
}

/** How a call spent its time. */
export interface CallPhases {
  /** In the host, until a worker received it. */
  readonly queueMs: number;
  /** Between host and worker, both ways; absent if the worker did not report how long it executed the call. */
  readonly transportMs?: number | undefined;
  /** In the worker; includes the transport if that is absent. */
  readonly executionMs: number;
}

/** A span of Python code within a call. */
export interface PythonSpan {
  readonly name: string;
  readonly startedAt: number;
  readonly durationMs: number;
  /** How many spans contain it. Default: 0. */
  readonly depth?: number | undefined;
}

/** Why a call failed. */
export interface CallError {
  readonly code: string;
  readonly message: string;
  readonly pythonType?: string | undefined;
}

/** Calls with the same outcome: the same pool, tool, code and Python type. */
export interface ErrorGroup extends CallError {
  /** Identifies the group while it exists. */
  readonly id: string;
  readonly pool: string;
  /** Absent for errors outside of calls, such as a worker that could not start. */
  readonly tool?: string | undefined;
  readonly count: number;
  readonly firstAt: number;
  readonly lastAt: number;
  /** Of the last error. */
  readonly traceback?: string | undefined;
  readonly correlationId?: string | undefined;
  readonly workerId?: string | undefined;
}

/** The lists of the view "calls". */
export interface CallLists {
  /** The newest first. */
  readonly recent: readonly CallRecord[];
  /** The slowest calls of the last 15 minutes, slowest first. */
  readonly slow: readonly CallRecord[];
}
