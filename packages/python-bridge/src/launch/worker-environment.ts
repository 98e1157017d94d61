import { WORKER_ID_VARIABLE, ZYGOTE_ID_VARIABLE } from "./process-table.ts";

/** Environment variables by name; `undefined` removes one. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Variables with the number of threads of numeric libraries. */
const THREAD_COUNTS = [
  "OMP_NUM_THREADS",
  "OPENBLAS_NUM_THREADS",
  "MKL_NUM_THREADS",
  "NUMEXPR_NUM_THREADS",
  "VECLIB_MAXIMUM_THREADS",
] as const;

/**
 * Returns the environment variables of a pool's zygote and workers.
 *
 * @param host the variables of the host.
 * @param libraryThreads the number of threads of numeric libraries.
 * @param added variables that are added to those, for example of the pool; later ones take precedence. Defaults apply
 *   only to variables that are set neither here nor by the host.
 */
export function workerEnvironment(
  host: Environment,
  libraryThreads: number,
  ...added: readonly Environment[]
): Environment {
  const env: Record<string, string | undefined> = Object.assign({}, host, ...added);
  // Variables that the user removed get no default.
  const configured = new Set(added.flatMap((each) => Object.keys(each)));
  const setDefault = (name: string, value: string) => {
    if (env[name] === undefined && !configured.has(name)) env[name] = value;
  };
  for (const name of THREAD_COUNTS) setDefault(name, String(libraryThreads));
  // The last output of a worker that crashes must not be lost in a buffer.
  setDefault("PYTHONUNBUFFERED", "1");
  // The host itself may run inside a worker.
  delete env[WORKER_ID_VARIABLE];
  delete env[ZYGOTE_ID_VARIABLE];
  return env;
}
