import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { RegistryOptions } from "../open-registry.ts";
import type { StateStoreOptions } from "../state/open-state-store.ts";

/** The task of a host in a separate process. */
export type HostTask =
  | { readonly is: "own"; readonly options: RegistryOptions }
  | { readonly is: "contend"; readonly options: RegistryOptions; readonly rounds: number };

/** The processes of a host as PIDs. The PID of a worker precedes those of its children. */
export interface StartedHost {
  readonly pid: number;
  readonly runId: string;
  readonly active: readonly number[];
  /** The PIDs of a worker that was reserved and started, but not activated. */
  readonly reserved: readonly number[];
}

/** Starts a host in a separate process. */
export function spawnHost(task: HostTask, env: NodeJS.ProcessEnv = {}): ChildProcess {
  const script = join(import.meta.dirname, "host-process.ts");
  return spawn(
    process.execPath,
    ["--conditions=source", "--disable-warning=ExperimentalWarning", script, JSON.stringify(task)],
    { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...env } },
  );
}

/** Starts a host with workers, and waits until they are running. */
export async function spawnOwner(options: RegistryOptions, env: NodeJS.ProcessEnv = {}): Promise<StartedHost> {
  const host = spawnHost({ is: "own", options }, env);
  let output = "";
  for await (const chunk of host.stdout ?? []) {
    output += String(chunk);
    if (output.endsWith("\n")) return JSON.parse(output) as StartedHost;
  }
  throw new Error(`the host has ended: ${await errorsOf(host)}`);
}

/** Waits until a host has ended, and throws its stderr if it failed. */
export async function ended(host: ChildProcess): Promise<void> {
  const [errors, [status]] = await Promise.all([errorsOf(host), once(host, "exit")]);
  if (status !== 0) throw new Error(`the host ended with status ${String(status)}: ${errors}`);
}

async function errorsOf(host: ChildProcess): Promise<string> {
  let output = "";
  for await (const chunk of host.stderr ?? []) output += String(chunk);
  return output;
}

/** The task of a host in a separate process, on the variable `n` of session `s`. */
export type StateTask = { readonly options: StateStoreOptions; readonly times: number } & (
  | { readonly is: "write-and-die" }
  | { readonly is: "increment" }
);

/** Runs a host in a separate process. Resolves with its exit status, or the signal that killed it. */
export async function runStateHost(task: StateTask): Promise<number | string> {
  const script = join(import.meta.dirname, "state-host-process.ts");
  const host = spawn(
    process.execPath,
    ["--conditions=source", "--disable-warning=ExperimentalWarning", script, JSON.stringify(task)],
    { stdio: ["ignore", "inherit", "inherit"] },
  );
  const [status, signal] = (await once(host, "exit")) as [number | null, string | null];
  return status ?? signal ?? "";
}
