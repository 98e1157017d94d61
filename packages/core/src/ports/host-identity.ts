/** Options of every method. */
export interface ControlOptions {
  /** Ends the wait for the result. An action that has begun continues. */
  readonly signal?: AbortSignal | undefined;
}

/** Identifies a running host and its versions. */
export interface HostIdentity {
  readonly runId: string;
  readonly pid: number;
  readonly startedAt: number;
  /** The name of the machine or container. */
  readonly hostname: string;
  /** The working directory and the command line of the process, without the values of options that look secret. */
  readonly cwd: string;
  readonly command: readonly string[];
  readonly versions: HostVersions;
}

export interface HostVersions {
  readonly snakepit: string;
  readonly node: string;
  readonly platform: string;
}
