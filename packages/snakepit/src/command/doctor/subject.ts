import type { RegistryLocation } from "@snakepit/core";

/** What `doctor` examines: the settings of a host. */
export interface Subject {
  /** The file, module or class of the Python tools. */
  readonly target: string | undefined;
  /** The option `python` of the pool. */
  readonly python: string | undefined;
  /** The location of the process registry; `undefined` for the default. */
  readonly registry: RegistryLocation | undefined;
  /** The location of the state store; `undefined` for the memory of the host. */
  readonly store: RegistryLocation | undefined;
  readonly socketDirectory: string | undefined;
  /** The number of workers, and whether it was asked for: it is then an error if the system does not allow them. */
  readonly poolSize: { readonly workers: number; readonly isGiven: boolean };
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

/** The values of the options of `snakepit doctor`. */
export interface DoctorValues {
  readonly python: string | undefined;
  readonly registry: string | undefined;
  readonly store: string | undefined;
  readonly "socket-directory": string | undefined;
  readonly "pool-size": number | undefined;
  readonly fix: boolean;
  readonly json: boolean;
}

/** The number of workers that is examined by default: more than most hosts have, so that growth is possible. */
export const DEFAULT_POOL_SIZE = 250;

/**
 * Returns the subject of a command line. A configuration file would be read here: its pools, registry, store and socket
 * directory take the place of these options.
 */
export function subjectOf(values: DoctorValues, target: string | undefined): Subject {
  const workers = values["pool-size"];
  return {
    target,
    python: values.python,
    registry: values.registry === undefined ? undefined : databaseLocation(values.registry),
    store: values.store === undefined ? undefined : databaseLocation(values.store),
    socketDirectory: values["socket-directory"],
    poolSize: { workers: workers ?? DEFAULT_POOL_SIZE, isGiven: workers !== undefined },
    cwd: process.cwd(),
    env: process.env,
  };
}

/** A URL names a server; everything else is the path of a file. */
function databaseLocation(text: string): RegistryLocation {
  return /^[a-z][a-z0-9+.-]+:\/\//i.test(text) ? { url: text } : { path: text };
}
