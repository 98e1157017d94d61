import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { StateStoreOptions } from "../state/open-state-store.ts";

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
