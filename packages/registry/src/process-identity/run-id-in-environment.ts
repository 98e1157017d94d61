import { readProcFile } from "./read-proc-file.ts";

/** The variable that carries the run id of the host in the environment of every process that it starts. */
export const RUN_ID_VARIABLE = "SNAKEPIT_RUN_ID";

const ASSIGNMENT = Buffer.from(`${RUN_ID_VARIABLE}=`);

/**
 * The run id that a process was started with; `undefined` when it has none or may not be looked at. Linux only: macOS
 * does not show one process the environment of another.
 */
export function runIdInEnvironment(pid: number): string | undefined {
  const environment = readProcFile(pid, "environ");
  return environment === undefined ? undefined : findRunId(environment);
}

/** Finds the run id in an environment block: assignments that end in a zero byte. */
export function findRunId(environment: Buffer): string | undefined {
  let at = environment.indexOf(ASSIGNMENT);
  while (at > 0 && environment[at - 1] !== 0) at = environment.indexOf(ASSIGNMENT, at + 1);
  if (at === -1) return undefined;
  const end = environment.indexOf(0, at);
  return environment.toString("latin1", at + ASSIGNMENT.length, end === -1 ? environment.length : end);
}
