/** Environment variables by name; `undefined` takes one away. */
export type Environment = Readonly<Record<string, string | undefined>>;

const THREAD_VARIABLES = ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"];

/** One thread for each numeric library of a worker, since the pool is what uses the cores; the host's own values win. */
export function threadDefaults(): Environment {
  const unset = THREAD_VARIABLES.filter((name) => process.env[name] === undefined);
  return Object.fromEntries(unset.map((name) => [name, "1"]));
}
