import { isRegistryLocation, type RegistryLocation, type ResolvedConfig, sizeRange } from "@snakepit/core";
import { type Configuration, readConfiguration } from "./configuration.ts";

/** What `doctor` examines: the settings of a host. */
export interface Subject {
  /** The configuration file of the project; `undefined` if it has none. */
  readonly configuration: Configuration | undefined;
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
  readonly config: string | undefined;
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
 * Returns the subject of a command line. The registry, store, socket directory and number of workers are those of the
 * configuration file of the project, unless an option specifies them.
 */
export async function subjectOf(values: DoctorValues, target: string | undefined): Promise<Subject> {
  const configuration = await readConfiguration(values.config, process.cwd());
  const configured = configuration?.is === "valid" ? configuration.config : undefined;
  const workers = values["pool-size"] ?? configuredWorkers(configured);
  return {
    configuration,
    target,
    python: values.python,
    registry: values.registry === undefined ? locationOf(configured?.registry) : databaseLocation(values.registry),
    store: values.store === undefined ? locationOf(configured?.sessions.store) : databaseLocation(values.store),
    socketDirectory: values["socket-directory"] ?? configured?.socketDirectory,
    poolSize: { workers: workers ?? DEFAULT_POOL_SIZE, isGiven: workers !== undefined },
    cwd: process.cwd(),
    env: process.env,
  };
}

/** Returns the number of workers of all pools. */
function configuredWorkers(config: ResolvedConfig | undefined): number | undefined {
  if (config === undefined) return undefined;
  return Object.values(config.pools).reduce((sum, { size }) => sum + sizeRange(size).max, 0);
}

/** Returns a location that can be examined; `undefined` for the default and for custom objects. */
function locationOf(value: unknown): RegistryLocation | undefined {
  return isRegistryLocation(value) ? value : undefined;
}

/** A URL names a server; everything else is the path of a file. */
function databaseLocation(text: string): RegistryLocation {
  return /^[a-z][a-z0-9+.-]+:\/\//i.test(text) ? { url: text } : { path: text };
}
