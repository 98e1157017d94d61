import { WORKER_ID_VARIABLE, ZYGOTE_ID_VARIABLE } from "./process-table.ts";

/** Environment variables by name; `undefined` takes one away. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** One thread a process for the numeric libraries, since the processes are many. */
const THREAD_COUNTS = ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"] as const;

/**
 * Returns the environment of a pool's zygote and workers: the host's, then the additions of the pool and the
 * specification, and defaults for what neither sets.
 */
export function workerEnvironment(host: Environment, ...added: readonly Environment[]): Environment {
  const env: Record<string, string | undefined> = Object.assign({}, host, ...added);
  // Variables that the user took away stay away.
  const decided = new Set(added.flatMap((each) => Object.keys(each)));
  const setDefault = (name: string, value: string) => {
    if (env[name] === undefined && !decided.has(name)) env[name] = value;
  };
  for (const name of THREAD_COUNTS) setDefault(name, "1");
  // What a dying worker printed last must not be lost in a buffer.
  setDefault("PYTHONUNBUFFERED", "1");
  // A host may itself run inside a worker.
  delete env[WORKER_ID_VARIABLE];
  delete env[ZYGOTE_ID_VARIABLE];
  return env;
}
